package collect

import (
	"testing"
	"time"
)

// A window that was cut short has all since a millisecond only if it also has something older: of its oldest
// millisecond there may be more than was read.
func TestCutShortWithinAMillisecond(t *testing.T) {
	t.Parallel()
	r := Range{seconds(0), seconds(10)}
	then := seconds(5)
	for name, tt := range map[string]struct {
		oldest time.Time
		whole  bool
	}{
		"ends before": {then.Add(-narrowest), true},
		"ends within": {then, false},
		"ends after":  {then.Add(narrowest), false},
	} {
		w := tooFull(r, 10, seconds(7), seconds(6), tt.oldest)
		if got := w.since(then); got != tt.whole {
			t.Errorf("%s: it is said to have all: %v", name, got)
		}
		if tt.whole && (len(w.records) != 2 || !w.From.Equal(then)) {
			t.Errorf("%s: what is left begins at %s and has %d records, want 2", name, w.From, len(w.records))
		}
	}
}
