package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// epoch is when every bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestOldestFirstAndOnce(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch.Add(-time.Hour), "b", "b") // twins
	src.add(epoch.Add(-2*time.Hour), "a")
	src.add(epoch.Add(-25*time.Hour), "before start_from")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		src.add(time.Now(), "c")
		r.pass(3 * time.Minute)
		src.add(epoch.Add(-time.Hour), "b") // a third twin, late
		r.pass(7 * time.Hour)               // too far back for the overlap, not for the deep rescan
		if diff := cmp.Diff([]string{"a", "b", "b", "c", "b"}, r.texts()); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
		if late := r.lines[4].late; late < 6*time.Hour || late > 8*time.Hour {
			t.Errorf("the third twin is late by %s", late)
		}
		if r.lines[3].late != 0 {
			t.Errorf("c is late by %s, but was seen with the next poll", r.lines[3].late)
		}
	})
}

func TestLateWithinOverlap(t *testing.T) {
	t.Parallel()
	src := &site{}
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		src.add(time.Now(), "newest")
		r.pass(2 * time.Minute)
		src.add(epoch.Add(-9*time.Minute), "late")
		r.pass(time.Minute)
		if diff := cmp.Diff([]string{"newest", "late"}, r.texts()); diff != "" {
			t.Fatalf("delivered (-want +got):\n%s", diff)
		}
		if late := r.lines[1].late; late < 11*time.Minute || late > 13*time.Minute {
			t.Errorf("marked as late by %s", late)
		}
	})
}

// A backfill of a year is delivered in pieces, oldest first, while new records are delivered with
// each poll.
func TestBackfillBesideLive(t *testing.T) {
	t.Parallel()
	src := &site{latency: 2 * time.Second}
	const old = 60_000
	start := epoch.Add(-365 * 24 * time.Hour)
	for n := range old {
		src.add(start.Add(time.Duration(n)*(365*24*time.Hour/old)).Truncate(time.Millisecond), fmt.Sprintf("old-%06d", n))
	}
	st := &store{}
	born := make(map[string]time.Time)
	var first []arrival
	bubble(t, src, st, Options{Start: start, BackfillRequests: 4}, func(t *testing.T, r *run) {
		for n := range 4 {
			name := fmt.Sprintf("live-%d", n)
			src.add(time.Now(), name)
			born[name] = time.Now()
			r.pass(time.Second)
		}
		for len(r.lines) < old/10 {
			r.pass(time.Second)
		}
		first = r.lines
	})
	if len(first) == 0 || len(first) > old/2 {
		t.Fatalf("%d records in the first life, want some and not most", len(first))
	}
	bubble(t, src, st, Options{BackfillRequests: 4}, func(t *testing.T, r *run) {
		r.pass(10 * time.Minute)
		all := append(first, r.lines...)
		var olds []string
		for _, a := range all {
			if strings.HasPrefix(a.text, "old") {
				olds = append(olds, a.text)
			}
		}
		// Polls look back by the overlap, so its few records come with the polls.
		inOrder := slices.DeleteFunc(slices.Clone(olds), func(text string) bool { return text > fmt.Sprintf("old-%06d", old-10) })
		if !slices.IsSorted(inOrder) || len(olds) != old {
			t.Errorf("%d old records, in order: %v; want %d", len(olds), slices.IsSorted(inOrder), old)
		}
		for _, r := range src.asked() {
			if n := r.Length(); n > 366*24*time.Hour+time.Hour {
				t.Errorf("a window of %s", n)
			}
		}
		if len(all) != old+len(born) {
			t.Errorf("%d records, want %d", len(all), old+len(born))
		}
	})
}

func TestLiveDuringBackfill(t *testing.T) {
	t.Parallel()
	src := &site{latency: 5 * time.Second}
	start := epoch.Add(-365 * 24 * time.Hour)
	for n := range 40_000 {
		src.add(start.Add(time.Duration(n)*12*time.Minute), fmt.Sprint("old-", n))
	}
	for n := range 60 { // records that polls find before the catch-up reaches them
		src.add(epoch.Add(-time.Duration(n)*10*time.Second), fmt.Sprint("young-", n))
	}
	bubble(t, src, &store{}, Options{Start: start, BackfillRequests: 4}, func(t *testing.T, r *run) {
		born := make(map[string]time.Time)
		for n := range 20 {
			name := fmt.Sprint("live-", n)
			src.add(time.Now(), name)
			born[name] = time.Now()
			r.pass(11 * time.Second) // out of step with the polls
		}
		r.pass(2 * time.Minute)
		for _, a := range r.lines {
			if a.late != 0 {
				t.Fatalf("%s is marked as late by %s: it only had to wait for its piece", a.text, a.late)
			}
			if at, live := born[a.text]; live {
				if delay := a.at.Sub(at); delay > 2*time.Minute {
					t.Errorf("%s came after %s, more than two poll intervals", a.text, delay)
				}
				delete(born, a.text)
			}
		}
		if len(born) > 0 {
			t.Errorf("%d live records did not come", len(born))
		}
	})
}

// If the host takes nothing, reading stops and memory stays bounded.
func TestDeafHost(t *testing.T) {
	t.Parallel()
	src := &site{}
	const n = 25_000
	for i := range n {
		src.add(epoch.Add(-time.Duration(i)*time.Second), fmt.Sprintf("%0500d", i))
	}
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.deaf = true
		r.pass(time.Hour)
		reads, size := len(src.asked()), r.outbox.Bytes()
		if size > maxQueued {
			t.Errorf("%d bytes wait for a host that takes nothing, more than %d", size, maxQueued)
		}
		r.pass(time.Hour)
		if len(src.asked()) != reads {
			t.Errorf("read %d times more while the host took nothing", len(src.asked())-reads)
		}
		r.deaf = false
		r.pass(10 * time.Minute)
		if len(r.lines) != n {
			t.Errorf("%d records came in the end, want %d", len(r.lines), n)
		}
	})
}

func TestManyInOneMillisecond(t *testing.T) {
	t.Parallel()
	src := &site{}
	const n = 3_500 // a window holds 3,000
	at := epoch.Add(-time.Hour)
	for i := range n {
		src.add(at, fmt.Sprint("same-", i))
	}
	src.add(at.Add(-time.Millisecond), "before")
	src.add(at.Add(time.Millisecond), "after")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(30 * time.Second)
		if got := r.texts(); len(got) != n+2 || got[0] != "before" || got[len(got)-1] != "after" {
			t.Errorf("%d records, want %d", len(got), n+2)
		}
	})
}
