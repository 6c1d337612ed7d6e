package detections

import (
	"slices"
	"testing"
	"time"
)

// TestTemplates: a template fires on what its lists and hours exclude, and not on what they have.
func TestTemplates(t *testing.T) {
	t.Parallel()
	rules := rulesIn(t, "templates")
	elevated := func(hour int, user, country string) record {
		at := time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC)
		r := record{at: at, fields: map[string]any{"@timestamp": []any{at.Format(time.RFC3339)}, "event.code": []any{"session.elevated"}, "user.name": []any{user}}}
		if country != "" {
			r.fields["source.geo.country_iso_code"] = []any{country}
		}
		return r
	}
	for _, c := range []struct {
		event record
		want  []string
	}{
		{elevated(12, "aokafor", "DE"), nil},
		{elevated(12, "aokafor", ""), nil}, // no GeoIP
		{elevated(12, "aokafor", "KP"), []string{"Administration From a New Country"}},
		{elevated(3, "mquinn", "AT"), []string{"Administration at Odd Hours"}},
		{elevated(22, "mquinn", "AT"), []string{"Administration at Odd Hours"}},
		{elevated(6, "hsato", "AT"), []string{"Secure Administration by Somebody Unlisted"}},
		{record{at: start, fields: map[string]any{"event.code": []any{"session.started"}, "user.name": []any{"hsato"}, "source.geo.country_iso_code": []any{"KP"}}}, nil},
	} {
		if got := run(t, rules, []record{c.event}, nil).alerts(rules); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.event, got, c.want)
		}
	}
}
