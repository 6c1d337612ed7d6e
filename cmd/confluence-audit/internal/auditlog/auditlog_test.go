package auditlog

import (
	"fmt"
	"io"
	"net/http/httptest"
	"testing"
	"time"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/terminal"
)

// The oldest record of twenty years is found, to within a day, with a few small requests.
func TestOldest(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{})
	now := time.Now().UTC().Truncate(time.Millisecond)
	first := now.Add(-300 * 24 * time.Hour)
	for i := range 400 {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":"%d"}`, first.Add(time.Duration(i)*17*time.Hour).UnixMilli(), i)})
	}
	server := httptest.NewServer(site)
	defer server.Close()
	values := map[string]string{"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token"}
	settings, err := config.Parse(func(key string) string { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), settings, terminal.NewStatus(io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	before := len(site.Requests())
	got, any, err := s.Oldest(t.Context(), time.Time{}, now, 24*time.Hour)
	if err != nil || !any || got.After(first) || first.Sub(got) > 24*time.Hour {
		t.Errorf("%v, %v, %v; want at most a day before %v", got, any, err, first)
	}
	if asked := len(site.Requests()) - before; asked > 25 {
		t.Errorf("%d requests", asked)
	}
	if _, any, err := s.Oldest(t.Context(), first.Add(-time.Hour), first.Add(-time.Minute), time.Hour); any || err != nil {
		t.Errorf("found one where there is none: %v", err)
	}
}
