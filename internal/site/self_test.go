package site_test

import (
	"fmt"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
)

// Our own reads of the audit log are left out. Those of others never are.
func TestOwnSearches(t *testing.T) {
	t.Parallel()
	own := centerRecord(1, searchAction, "me")
	others := centerRecord(2, searchAction, "somebody")
	nameless := fmt.Sprintf(`{"timestamp":"2023-11-14T22:13:19.000Z","author":{"name":"Anonymous"},"type":{"actionI18nKey":%q}}`, searchAction)
	quoting := `{"timestamp":"2023-11-14T22:13:18.000Z","author":{"id":"me"},"type":{"actionI18nKey":"other"},"x":"` + searchAction + `"}`
	byName := fmt.Sprintf(`{"timestamp":"2023-11-14T22:13:17.000Z","author":{"uri":"https://x/viewuser.action?username=%s"},"type":{"actionI18nKey":%q}}`, testUser, searchAction)
	records := []string{own, others, nameless, quoting, byName}
	tests := []struct {
		name    string
		me      string
		Options atlassian.Options
		want    []string
	}{
		{"known", known, atlassian.Options{}, []string{others, nameless, quoting, byName}},
		{"included", known, atlassian.Options{IncludeAuditSearches: true}, records},
		{"name alone is known", "", atlassian.Options{}, []string{own, others, nameless, quoting}},
		{"unknown behind a token", "", atlassian.Options{PersonalAccessToken: atlassian.NewSecret("pat")}, records},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &centerLog{Records: records, Me: tt.me}
			c := centerClient(t, log.ServeHTTP, tt.Options)
			got, err := readAll(c, Epoch.Add(-time.Hour), Epoch)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			newest, ok, err := c.Newest(t.Context())
			if err != nil || !ok || string(newest.Raw) != tt.want[0] {
				t.Errorf("newest %s, %v, %v", newest.Raw, ok, err)
			}
		})
	}
}

// When a personal access token expires, we are anonymous: the log is empty, and the API returns no
// error.
func TestEmptyBecauseAnonymous(t *testing.T) {
	t.Parallel()
	log := &centerLog{Me: known}
	c := centerClient(t, log.ServeHTTP, atlassian.Options{PersonalAccessToken: atlassian.NewSecret("pat")})
	if got, err := readAll(c, time.Time{}, Epoch); err != nil || len(got) != 0 {
		t.Fatalf("got %q, %v", got, err)
	}
	log.Me = `{"type":"anonymous","displayName":"Anonymous"}`
	if _, err := readAll(c, time.Time{}, Epoch); atlassian.CauseOf(err) != atlassian.CauseAnonymous {
		t.Errorf("error %v, want cause anonymous", err)
	}
}
