package organization

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// Times are asked for as Atlassian documents it: in milliseconds since 1970. What is older than
// everything that Atlassian keeps is not asked for: it may be refused.
func TestTimesOfAQuery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := play(t, simulate.Options{Records: 50, History: 170 * 24 * time.Hour})
		for _, from := range []time.Time{time.Unix(1, 0), time.Now().Add(-Retention - time.Hour), time.Now().Add(-Retention)} {
			time.Sleep(time.Second) // a request takes a while
			if page, err := c.Page(t.Context(), "", from); err != nil || page.Listed != 50 {
				t.Errorf("from %s: %d events, %v", from, page.Listed, err)
			}
			n := 0
			if err := c.Read(t.Context(), from, time.Now(), func(atlassian.Record) error { n++; return nil }); err != nil || n != 50 {
				t.Errorf("from %s: %d events, %v", from, n, err)
			}
		}
		from := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
		if err := c.Read(t.Context(), from, from.Add(time.Minute), func(atlassian.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
		all := sim.Requests()
		if query := all[len(all)-1].Query; !strings.Contains(query, "from="+strconv.FormatInt(from.UnixMilli(), 10)) {
			t.Errorf("asked for %s", query)
		}
	})
}

// Times are read in each form that APIs of Atlassian have. An event that does not say when it was
// processed counts as processed at its time.
func TestTimesOfAnEvent(t *testing.T) {
	t.Parallel()
	happened, processed := time.UnixMilli(1767323045678).UTC(), time.UnixMilli(1767323046000).UTC()
	for attributes, want := range map[string][2]time.Time{
		`"time":"2026-01-02T03:04:05.678Z","processedAt":"2026-01-02T03:04:06Z"`:               {happened, processed},
		`"time":"2026-01-02T08:34:05.6789+05:30","processedAt":"2026-01-01T19:04:06.000-0800"`: {happened, processed},
		`"time":1767323045678,"processedAt":1767323046000`:                                     {happened, processed},
		`"time":"1767323045678","processedAt":1767323046`:                                      {happened, processed},
		`"time":"2026-01-02T03:04:05.678Z"`:                                                    {happened, happened},
		`"processedAt":null,"time":1767323045678`:                                              {happened, happened},
		`"processedAt":"2026-01-02T03:04:06Z"`:                                                 {{}, processed},
		`"processedAt":"now","time":"then"`:                                                    {},
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"data":[{"attributes":{` + attributes + `}}]}`))
		}))
		page, err := c.Page(t.Context(), "", time.Time{})
		if err != nil || len(page.Events) != 1 {
			t.Fatal(err)
		}
		if e := page.Events[0]; !e.Time.Equal(want[0]) || !e.Processed.Equal(want[1]) || !page.Processed.Equal(want[1]) {
			t.Errorf("%s: time %s, processed at %s", attributes, e.Time, e.Processed)
		}
	}
}

// A page was processed when its last event was. One with a wrong time before it moves no place, and
// one without a time none either.
func TestTimeOfAPage(t *testing.T) {
	t.Parallel()
	for _, skip := range []bool{false, true} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"data":[{"attributes":{"processedAt":1767323046000}},{"attributes":{"processedAt":"2099-01-01T00:00:00Z"}},` +
				`{"attributes":{"action":"jira_audit_record_x","processedAt":1767323047000}},null,{}]}`))
		}), func(o *Options) { o.SkipMirrored = skip })
		if page, err := c.Page(t.Context(), "", time.Time{}); err != nil || page.Processed.UnixMilli() != 1767323047000 {
			t.Errorf("processed at %s, %v", page.Processed, err)
		}
	}
}
