package collect

import (
	"fmt"
	"testing"
	"time"

	"fluent-bit-confluence/internal/window"
)

// If a poll finds more records than a window holds, only the new range is left to the catch-up. The
// rest of overlap was delivered and is not read again.
func TestOnlyFreshIsPostponed(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n := range 90 {
		src.add(epoch.Add(-time.Duration(n)*time.Second), fmt.Sprint("old-", n))
	}
	bubble(t, src, &store{}, Options{Limits: Limits{Window: window.Limits{Records: 100, Page: 50}}}, func(t *testing.T, r *run) {
		r.pass(3*time.Minute + 30*time.Second) // between two polls
		before := r.stats.Repeats.Load()
		for n := range 500 {
			src.add(time.Now().Add(-time.Duration(n)*10*time.Millisecond), fmt.Sprint("new-", n))
		}
		r.pass(3 * time.Minute)
		// A few are read again when an empty piece is checked together with the record beside it.
		if n := r.stats.Repeats.Load() - before; n > 10 || len(r.lines) != 590 {
			t.Errorf("%d records, want 590; %d were read again", len(r.lines), n)
		}
	})
}
