package organization

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

func TestMirroredAreLeftOut(t *testing.T) {
	t.Parallel()
	_, c := play(t, simulate.Options{Records: 300}, func(o *Options) { o.SkipMirrored = true })
	events, listed := []atlassian.Event(nil), 0
	for cursor := ""; ; {
		page, err := c.Page(t.Context(), cursor, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if page.Listed == 0 {
			break
		}
		events, listed, cursor = append(events, page.Events...), listed+page.Listed, page.Next
	}
	for _, e := range events {
		if bytes.Contains(e.Raw, []byte("_audit_record_")) {
			t.Fatalf("%s", e.Raw)
		}
	}
	if listed != 300 || len(events) == 0 || len(events) == listed {
		t.Errorf("%d events of %d", len(events), listed)
	}
}

// What a server sends is never trusted: no list, no time, no end.
func TestOddPages(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`{"data":[]}`: 0, `{"data":[null,"x",{"attributes":{"time":7}},{"attributes":null}],"meta":null}`: 4,
		`{"data":[{"id":"a"}],"meta":{"next":"` + strings.Repeat("c", maxCursor+1) + `"}}`: 1,
		`{"data":{}}`: -1, `[]`: -1, `{"data":[`: -1, `{}`: -1, ``: -1,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		t.Cleanup(server.Close)
		options := Options{OrgID: testID}
		options.APIURL, options.APIToken = server.URL, atlassian.NewSecret("key")
		c, err := New(options)
		if err != nil {
			t.Fatal(err)
		}
		page, err := c.Page(context.Background(), "", time.Time{})
		if (err != nil) != (want < 0) || err == nil && len(page.Events) != want || page.Next != "" {
			t.Errorf("%.60s: %d events, %.60q, %v", body, len(page.Events), page.Next, err)
		}
	}
}
