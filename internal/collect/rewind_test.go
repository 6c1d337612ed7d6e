package collect

import (
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// A rewind may go back before the start and before the oldest fingerprint. Later reads may begin
// there too, and fingerprints from there on are kept.
func TestRewoundBegins(t *testing.T) {
	t.Parallel()
	then := seconds(-300)
	for name, c := range map[string]outbox.Checkpoint{
		"before the start":        {Origin: seconds(-200), Head: seconds(0)},
		"before the fingerprints": {Origin: seconds(-900), Forgotten: seconds(-100), Head: seconds(0)},
	} {
		if got := c.Rewound(then).Begin(); got.After(then) {
			t.Errorf("%s: begins with %s, want %s", name, got, then)
		}
	}
}

func seconds(s float64) time.Time {
	return epoch.Add(time.Duration(s * float64(time.Second)).Round(time.Millisecond))
}
