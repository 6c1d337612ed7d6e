package state

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

const ms = time.Millisecond

// Fingerprints from the horizon on are kept, to the millisecond, and no older ones, whether they
// are in the file or come with the commit. Counts of any size are kept.
func TestHorizon(t *testing.T) {
	t.Parallel()
	f := open1(t, filepath.Join(t.TempDir(), "s.db"))
	ancient, before, at := key(time.UnixMilli(-5), 1), key(now.Add(-ms), 1), key(now, 1)
	commit := func(horizon time.Time, seen ...outbox.Seen) {
		t.Helper()
		if err := replace(f, outbox.Commit{Seen: seen, Horizon: horizon, Now: now}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(want ...uint32) {
		t.Helper()
		if diff := cmp.Diff(want, counts(t, f, ancient, before, at)); diff != "" {
			t.Errorf("counts before 1970, before the horizon, at it (-want +got):\n%s", diff)
		}
	}
	commit(time.UnixMilli(-5), outbox.Seen{Key: ancient, Count: 2}, outbox.Seen{Key: before, Count: 300}, outbox.Seen{Key: at, Count: math.MaxUint32})
	check(2, 300, math.MaxUint32)
	commit(time.UnixMilli(-4))
	check(0, 300, math.MaxUint32)
	commit(now)
	check(0, 0, math.MaxUint32)
	commit(now, outbox.Seen{Key: before, Count: 1}, outbox.Seen{Key: at, Count: 1})
	check(0, 0, 1)
}

// One commit forgets only so many fingerprints, so that it does not take long. The next forgets
// more.
func TestForgetsInParts(t *testing.T) {
	t.Parallel()
	f := open1(t, filepath.Join(t.TempDir(), "s.db"))
	var seen []outbox.Seen
	for n := range maxPruned + 2 {
		seen = append(seen, outbox.Seen{Key: key(now.Add(time.Duration(n)*ms), 1), Count: 1})
	}
	last := seen[len(seen)-2:]
	for n, want := range [][]uint32{{1, 1}, {1, 1}, {0, 0}} {
		c := outbox.Commit{Horizon: now, Now: now}
		if n == 0 {
			c.Seen = seen
		} else {
			c.Horizon = now.Add(time.Hour)
		}
		if err := replace(f, c); err != nil {
			t.Fatal(err)
		}
		if got := counts(t, f, last[0].Key, last[1].Key); !cmp.Equal(want, got) {
			t.Errorf("after commit %d the last two have the counts %v, want %v", n, got, want)
		}
	}
}

// Records without a time are forgotten after twice the look-back since they were delivered, looked
// for once an hour. A clock that jumps back does not put that off.
func TestUntimedAreForgotten(t *testing.T) {
	t.Parallel()
	const lookBack = 10 * time.Minute
	kept, old, twin := key(time.Time{}, 1), key(time.Time{}, 2), key(time.Time{}, 3)
	for name, tt := range map[string]struct {
		after time.Duration // the commit that may forget
		age   time.Duration // of the old one
		want  uint32
	}{
		"an hour":                {time.Hour, 2*lookBack + ms, 0},
		"just old enough":        {time.Hour, 2 * lookBack, 1},
		"less than an hour":      {time.Hour - ms, 2*lookBack + ms, 1},
		"an hour back":           {-time.Hour, 2*lookBack + ms, 0},
		"less than an hour back": {-time.Hour + ms, 2*lookBack + ms, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := open1(t, filepath.Join(t.TempDir(), "s.db"))
			then := now.Add(tt.after)
			for n, c := range []outbox.Commit{
				{Seen: []outbox.Seen{{Key: old, Count: 1}, {Key: twin, Count: 300}}, Now: then.Add(-tt.age)},
				{Seen: []outbox.Seen{{Key: kept, Count: 1}, {Key: twin}}, Now: then},
			} {
				c.Horizon = c.Now.Add(-lookBack)
				if f.pruned = now; n == 0 {
					f.pruned = c.Now // this one looks for nothing
				}
				if err := replace(f, c); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]uint32{1, tt.want, 0}, counts(t, f, kept, old, twin)); diff != "" {
				t.Errorf("counts of a young one, of the old one, and of a removed one (-want +got):\n%s", diff)
			}
		})
	}
}

// A commit on top of another opening's version is refused as lost.
func TestOfAnotherOpening(t *testing.T) {
	t.Parallel()
	f := open1(t, filepath.Join(t.TempDir(), "s.db"))
	_, err := f.Replace(context.Background(), "another", outbox.Commit{Seen: []outbox.Seen{{Key: key(now, 1), Count: 1}}, Checkpoint: outbox.Checkpoint{Head: now}, Now: now})
	if !errors.Is(err, outbox.ErrLost) {
		t.Errorf("got %v", err)
	}
	if c, _, _ := f.Load(context.Background()); c.Started() || counts(t, f, key(now, 1))[0] != 0 {
		t.Error("the state has changed")
	}
}
