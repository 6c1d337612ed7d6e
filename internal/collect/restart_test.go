package collect

import (
	"fmt"
	"testing"
	"time"
)

func seconds(s float64) time.Time {
	return epoch.Add(time.Duration(s * float64(time.Second)).Round(time.Millisecond))
}

// delivered returns a site of which a run has delivered all of 400 records, with so many new ones.
// It answers slowly from now on.
func delivered(t *testing.T, fresh int) (*site, *store, Options) {
	t.Helper()
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
	for i := range fresh {
		src.add(seconds(float64(i)/10-590), fmt.Sprint("new-", i))
	}
	src.latency = time.Second
	return src, st, o
}

// After a restart new records are read before ranges that earlier runs have delivered, however many
// those are: so restarts do not make a busy site fall behind.
func TestNewRecordsBeforeOldOnesAfterARestart(t *testing.T) {
	t.Parallel()
	src, st, o := delivered(t, 150)
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

// Records that a killed run has not delivered are read before ranges that were delivered once,
// however often the collector is killed.
func TestUndeliveredRecordsBeforeOldOnesAfterKills(t *testing.T) {
	t.Parallel()
	const many = 600
	src, st, o := delivered(t, many)
	came := 0
	for life := 0; came < many; life++ {
		bubble(t, src, st, o, func(t *testing.T, r *run) {
			for n := 0; n < 6 && came+len(r.lines) < many; n++ {
				r.pass(time.Second)
			}
			if n := r.stats.Repeats.Load(); n > 0 || life > many/100 {
				t.Errorf("life %d: %d records were read again before the new ones, of which %d have come", life, n, came+len(r.lines))
			}
			came += len(r.lines)
		})
		if t.Failed() {
			return
		}
	}
}

// After a restart in a long catch-up new records do not wait for its end.
func TestNewRecordsBeforeALongCatchUp(t *testing.T) {
	t.Parallel()
	src, st := long(2000, time.Hour), &store{}
	src.latency = time.Second
	o := Options{Start: epoch.Add(-2001 * time.Hour), Limits: few}
	bubble(t, src, st, o, func(t *testing.T, r *run) { r.pass(14 * time.Second) })
	if w := st.checkpoint.Watermark; !w.After(o.Start) || w.After(epoch.Add(-1000*time.Hour)) {
		t.Fatalf("the catch-up has come to %s, want some and not most", w)
	}
	for i := range 150 {
		src.add(seconds(float64(i)/10-20), fmt.Sprint("new-", i))
	}
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		r.pass(8 * time.Second)
		for i, text := range r.texts() {
			if want := fmt.Sprint("new-", i); i < 150 && text != want {
				t.Fatalf("%s came, want %s", text, want)
			}
		}
	})
}
