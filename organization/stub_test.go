package organization

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// An event that is too large or nests too deep is replaced by one that tells what it was, and the
// others are delivered.
func TestStub(t *testing.T) {
	t.Parallel()
	const before, after = `{"id":"a","attributes":{"time":"2026-11-01T10:00:00Z"}}`, `{"id":"c","attributes":{"time":"2026-11-01T10:00:02Z"}}`
	nested := func(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }
	for name, tt := range map[string]struct{ context, reason string }{
		"deep":               {nested(11_000), "nested too deep"},
		"deep, and no JSON":  {strings.Replace(nested(11_000), "]", "nonsense]", 1), "nested too deep"},
		"large":              {`"` + strings.Repeat("x", 5<<20) + `"`, "too large"},
		"as deep as may be":  {nested(9_990), ""},
		"as large as may be": {`"` + strings.Repeat("x", 3<<20) + `"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			odd := `{"type":"events", "id":"b","attributes":{"context":` + tt.context + `,"time":"2026-11-01T10:00:01Z", "processedAt":"2026-11-01T10:00:03Z","action":"user_login"}}`
			c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				fmt.Fprintf(w, `{"data": [ %s , %s,%s], "meta":{"next":"on"}}`, before, odd, after)
			}))
			page, err := c.Page(t.Context(), "", time.Time{})
			if err != nil || len(page.Events) != 3 || page.Listed != 3 || page.Next != "on" {
				t.Fatalf("%d events of %d, next %q, %v", len(page.Events), page.Listed, page.Next, err)
			}
			if string(page.Events[0].Raw) != before || string(page.Events[2].Raw) != after {
				t.Error("the other events have changed")
			}
			e := page.Events[1]
			if tt.reason == "" {
				if string(e.Raw) != odd {
					t.Error("it does not come as it is")
				}
				return
			}
			var got struct {
				ID         string
				Attributes struct {
					Action  string
					Message struct{ Content string }
				}
				Truncated struct {
					Reason, Begin string
					Size          int
				}
			}
			if err := json.Unmarshal(e.Raw, &got); err != nil {
				t.Fatal(err)
			}
			if got.ID != "b" || got.Attributes.Action != "user_login" || got.Attributes.Message.Content != "event left out: "+tt.reason ||
				got.Truncated.Reason != tt.reason || got.Truncated.Size != len(odd) || got.Truncated.Begin != odd[:1000] {
				t.Errorf("%+v", got)
			}
			if e.Time.Second() != 1 || e.Processed.Second() != 3 {
				t.Errorf("its times are %s and %s", e.Time, e.Processed)
			}
		})
	}
}

// What has no members, or long ones, is replaced too.
func TestStubOfAnything(t *testing.T) {
	t.Parallel()
	long := `"` + strings.Repeat("y", 5000) + `"`
	for _, event := range []string{
		strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000),
		`{"id":` + long + `,"attributes":{"action":` + long + `},"more":` + strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000) + `}`,
		`{"attributes":null,"id":nonsense,"more":` + strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000) + `}`,
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"data":[%s]}`, event) }))
		page, err := c.Page(t.Context(), "", time.Time{})
		if err != nil || len(page.Events) != 1 || !json.Valid(page.Events[0].Raw) || len(page.Events[0].Raw) > 2000 {
			t.Errorf("%.50s: %d events, %v", event, len(page.Events), err)
		}
	}
}

// A page of too many events is refused, before they take much memory.
func TestTooManyEvents(t *testing.T) {
	t.Parallel()
	c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"data":[%s0]}`, strings.Repeat("0,", 1_000_000))
	}))
	if _, err := c.Page(t.Context(), "", time.Time{}); err == nil || !strings.Contains(err.Error(), "is not the audit log") {
		t.Errorf("%v", err)
	}
}
