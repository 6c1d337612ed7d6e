package collect

import (
	"fmt"
	"testing"
	"time"
)

// After a restart new records are read before ranges that earlier runs have delivered, however many
// those are: so restarts do not make a busy site fall behind.
func TestNewRecordsBeforeOldOnesAfterARestart(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	for i := range 400 {
		src.add(seconds(float64(i-1000)), fmt.Sprint("old-", i))
	}
	o := Options{Limits: few, Start: epoch.Add(-time.Hour)}
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if len(r.lines) != 400 {
			t.Fatalf("%d records came, want 400", len(r.lines))
		}
	})
	for i := range 150 {
		src.add(seconds(float64(i)/10-590), fmt.Sprint("new-", i))
	}
	src.latency = time.Second
	before := len(src.asked())
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		for len(r.lines) < 150 {
			r.pass(time.Second)
		}
		if n := r.stats.Repeats.Load(); n > 50 {
			t.Errorf("%d records were read again before the new ones: %v", n, src.asked()[before:])
		}
	})
}
