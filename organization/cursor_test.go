package organization

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

func TestCursorThatIsNotKnown(t *testing.T) {
	t.Parallel()
	sim, c := play(t, simulate.Options{Records: 10}, func(o *Options) { o.PageSize = 2 })
	page, err := c.Page(t.Context(), "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	setFaults(t, sim, simulate.FaultCursorExpired)
	if _, err = c.Page(t.Context(), page.Next, time.Time{}); !errors.Is(err, atlassian.ErrCursor) {
		t.Errorf("got %v", err)
	}
	// The status is not documented.
	for _, status := range []string{"204", "403", "404", "409", "410", "412", "414", "422"} {
		if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultCursorExpired, Value: status}); err != nil {
			t.Fatal(err)
		}
		if _, err = c.Page(t.Context(), page.Next, time.Time{}); !errors.Is(err, atlassian.ErrCursor) {
			t.Errorf("status %s: %v", status, err)
		}
	}
	// Another refusal is none of the cursor.
	setFaults(t, sim, simulate.FaultEntitlement)
	if _, err = c.Page(t.Context(), page.Next, time.Time{}); errors.Is(err, atlassian.ErrCursor) || atlassian.CauseOf(err) != atlassian.CauseNoGuard {
		t.Errorf("got %v", err)
	}
	setFaults(t, sim)
	if page, err = c.Page(t.Context(), page.Next, time.Time{}); err != nil || len(page.Events) != 2 {
		t.Errorf("%d events, %v", len(page.Events), err)
	}
}

// An error in place of the list is about the cursor, if the cursor is what makes the difference. A
// page that cannot be read is not: a new beginning would lead to it again.
func TestWhatIsOfTheCursor(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"errors":[{"code":"INVALID_PAGE_CURSOR"}]}`: true, `{"data":null,"meta":null}`: true, `{"data":[`: false, `<html>`: false, ``: false,
		`{"data":[{"x":"` + strings.Repeat("x", 17<<20) + `"}]}`: false,
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("cursor") {
				_, _ = w.Write([]byte(body))
				return
			}
			_, _ = w.Write([]byte(`{"data":[{"id":"a"}],"meta":{"next":"b"}}`))
		}))
		if _, err := c.Page(t.Context(), "b", time.Time{}); err == nil || errors.Is(err, atlassian.ErrCursor) != want {
			t.Errorf("%.50s: %v", body, err)
		}
	}
}

// The cursor of the next page is the member of meta or, without one, that of a link, whatever host
// the link names.
func TestWhereTheCursorIs(t *testing.T) {
	t.Parallel()
	for end, want := range map[string]string{
		`"meta":{"next":"a+b=="},"links":{"next":"https://x.example.com/?cursor=c"}`:      "a+b==",
		`"meta":{"next":null},"links":{"next":"https://x.example.com/y?cursor=a%2Bb%3D"}`: "a+b=",
		`"links":{"next":"/admin/v1/orgs/x/events-stream?limit=3&cursor=a+b="},"meta":{}`: "a+b=",
		`"links":{"next":"?cursor=c"}`: "c",
		`"meta":{"next":"https://api.atlassian.com/events-stream?cursor=c&limit=5"}`: "c",
		`"meta":{"next":7}`:                                 "7",
		`"meta":{"next":{}},"links":{"next":null}`:          "",
		`"links":{"next":"https://x.example.com/y?page=2"}`: "",
		`"links":{"next":"::"}`:                             "",
		`"links":{}`:                                        "",
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("\xef\xbb\xbf" + `{"data":[{}],` + end + `}`))
		}))
		if page, err := c.Page(t.Context(), "", time.Time{}); err != nil || page.Next != want {
			t.Errorf("%s: %q, %v", end, page.Next, err)
		}
	}
}
