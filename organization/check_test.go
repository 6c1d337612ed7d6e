package organization

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// Check asks for a page as an input does: what is refused then only, is found out.
func TestCheckAsksAsAnInput(t *testing.T) {
	t.Parallel()
	for name, refuses := range map[string]func(url.Values) bool{
		"from": func(v url.Values) bool { return v.Has("from") },
		"asc":  func(v url.Values) bool { return v.Get("sortOrder") == "asc" },
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if refuses(r.URL.Query()) {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			_, _ = w.Write([]byte(`{"data":[{"id":"a"}]}`))
		}))
		failed := ""
		c.Check(t.Context(), func(s site.Step) {
			if s.Status == site.Fail {
				failed = s.Name
			}
		})
		if failed != site.StepPermission {
			t.Errorf("%s: the step %q fails", name, failed)
		}
	}
}

// The words of a refusal tell more than its status.
func TestWordsOfARefusal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		words  string
		cause  atlassian.Cause
	}{
		{http.StatusForbidden, "Audit Log Entitlement validation failed", atlassian.CauseNoGuard},
		{http.StatusPaymentRequired, "Audit Log Entitlement validation failed", atlassian.CauseNoGuard},
		{http.StatusInternalServerError, "Audit Log Entitlement validation failed", atlassian.CauseNoGuard},
		{http.StatusForbidden, "The API key lacks the scope read:events:admin", atlassian.CauseScope},
		{http.StatusUnauthorized, "Insufficient scopes", atlassian.CauseScope},
		{http.StatusForbidden, "You are no administrator", atlassian.CauseForbidden},
		{http.StatusInternalServerError, "out of scope", atlassian.CauseServer},
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(tt.status)
			_, _ = fmt.Fprintf(w, `{"errors":[{"status":"%d","detail":%q}]}`, tt.status, tt.words)
		}))
		if _, err := c.Page(t.Context(), "", time.Time{}); atlassian.CauseOf(err) != tt.cause {
			t.Errorf("%d %s: %v", tt.status, tt.words, err)
		}
	}
}

func checked(t *testing.T, c *Client) (all []site.Step) {
	t.Helper()
	var names []string
	c.Check(t.Context(), func(s site.Step) { all, names = append(all, s), append(names, s.Name) })
	if !slices.Equal(names, steps) {
		t.Errorf("check reports the steps %q, want %q", names, steps)
	}
	return all
}

func TestCheckOfWhatWorks(t *testing.T) {
	t.Parallel()
	for secret, expiry := range map[string]site.StepStatus{"org-key": site.Skip, "admin-key": site.OK} {
		_, c := play(t, simulate.Options{Records: 3}, key(secret))
		for _, s := range checked(t, c) {
			if want := map[bool]site.StepStatus{true: expiry, false: site.OK}[s.Name == StepExpiry]; s.Status != want {
				t.Errorf("%s: %s is %s: %s", secret, s.Name, s.Status, s.Detail)
			}
		}
	}
}
