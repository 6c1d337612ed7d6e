package organization

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

// An action has a name, and the first of its groups.
func TestActions(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]Action{
		`[]`: nil,
		`[{"id":"a","attributes":{"displayName":"Did a","groupDisplayName":"G"}},{"id":"b","type":"x","attributes":{"displayName":" Did b ","groupDisplayNames":["H","I"]},"links":null}]`:    {{"a", "Did a", "G"}, {"b", "Did b", "H"}},
		`[{"id":"a","attributes":{"displayName":"Did a","groupDisplayNames":[]}}]`:                                                                                                            {{"a", "Did a", ""}},
		`[null,7,"x",[],{},{"id":"a"},{"id":"b","attributes":[]},{"attributes":{"displayName":"x"}},{"id":"c","attributes":{"displayName":null}},{"id":"","attributes":{"displayName":"x"}}]`: nil,
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":` + list + `}`)) }))
		got, err := c.Actions(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", list, err, diff)
		}
	}
}

// A server cannot make us keep much: neither by many actions, nor by long texts.
func TestActionsAreBounded(t *testing.T) {
	t.Parallel()
	var list []string
	for n := range 2 * maxActions {
		list = append(list, fmt.Sprintf(`{"id":"%d","attributes":{"displayName":"x"}}`, n))
	}
	long := strings.Repeat("é", maxActionText)
	for body, most := range map[string]int{
		strings.Join(list, ","): maxActions,
		`{"id":"a","attributes":{"displayName":"x` + long + `","groupDisplayName":"` + long + `"}},{"id":"` + long + `","attributes":{"displayName":"x"}}`: 1,
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":[` + body + `]}`)) }))
		got, err := c.Actions(t.Context())
		if err != nil || len(got) != most {
			t.Fatalf("%d actions, want %d, %v", len(got), most, err)
		}
		for _, a := range got {
			if len(a.Name) > maxActionText || len(a.Group) > maxActionText || !utf8.ValidString(a.Name) {
				t.Errorf("a name of %d bytes and a group of %d: %q", len(a.Name), len(a.Group), a.Name)
			}
		}
	}
}

// A question that is nice to have is asked once, and its refusal holds up no other.
func TestActionsAreAside(t *testing.T) {
	t.Parallel()
	for _, kind := range []simulate.FaultKind{simulate.FaultRateLimit, simulate.FaultUnavailable, simulate.FaultServerError} {
		fault := simulate.Fault{Kind: kind, Path: "/event-actions"}
		if kind != simulate.FaultServerError {
			fault.Value = "3600"
		}
		sim, c := play(t, simulate.Options{Records: 3})
		if _, err := c.Page(t.Context(), "", time.Time{}); err != nil { // so the site counts as working
			t.Fatal(err)
		}
		if err := sim.SetFaults(fault); err != nil {
			t.Fatal(err)
		}
		before := len(sim.Requests())
		if _, err := c.Actions(t.Context()); err == nil {
			t.Errorf("%s: no error", kind)
		}
		if n := len(sim.Requests()) - before; n != 1 {
			t.Errorf("%s: asked %d times", kind, n)
		}
		if page, err := c.Page(t.Context(), "", time.Time{}); err != nil || page.Listed != 3 {
			t.Errorf("%s: then %d events, %v", kind, page.Listed, err)
		}
	}
}
