package collect

import (
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// What is delivered again may also be looked for late, and its fingerprints are kept: nothing that
// is older than the start or than the fingerprints were stays out of reach.
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
