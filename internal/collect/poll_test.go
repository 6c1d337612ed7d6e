package collect

import (
	"fmt"
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

// Of a poll that shows more than a window holds, what is new waits for the catch-up. What lies before it within
// overlap was delivered, and is not read again for it.
func TestOnlyFreshIsPostponed(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n := range 90 {
		src.add(epoch.Add(-time.Duration(n)*time.Second), fmt.Sprint("old-", n))
	}
	bubble(t, src, &store{}, Options{Limits: Limits{WindowRecords: 100, Page: 50}}, func(t *testing.T, r *run) {
		r.pass(3*time.Minute + 30*time.Second) // between two polls
		before := r.stats.Repeats.Load()
		for n := range 500 {
			src.add(time.Now().Add(-time.Duration(n)*10*time.Millisecond), fmt.Sprint("new-", n))
		}
		r.pass(3 * time.Minute)
		if n := r.stats.Repeats.Load() - before; n > 0 || len(r.lines) != 590 {
			t.Errorf("%d records, want 590; %d were read again", len(r.lines), n)
		}
	})
}
