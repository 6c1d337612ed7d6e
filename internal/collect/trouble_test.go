package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

// A poll that takes as long as the interval leaves room for the catch-up and for the deep rescan.
func TestSlowPollsStarveNothing(t *testing.T) {
	t.Parallel()
	src := &site{latency: 1100 * time.Millisecond}
	const old = 8_000
	for n := range old {
		src.add(epoch.Add(-time.Duration(n)*10*time.Second), fmt.Sprint("old-", n))
	}
	bubble(t, src, &store{}, Options{PollInterval: time.Second}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if len(r.lines) != old {
			t.Errorf("%d of %d records after a minute", len(r.lines), old)
		}
		src.add(epoch.Add(-2*time.Hour), "back-dated")
		r.pass(7 * time.Hour)
		if len(r.lines) != old+1 {
			t.Error("the deep rescan did not find the back-dated record")
		}
	})
}

// A node whose clock was days ahead for a moment writes a record.
func TestRecordOfATimeToCome(t *testing.T) {
	t.Parallel()
	src := &site{}
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		src.add(time.Now(), "before")
		r.pass(2 * time.Minute)
		src.setClock(72 * time.Hour)
		src.add(time.Now().Add(72*time.Hour), "to-come")
		r.pass(time.Minute)
		src.setClock(0)
		r.pass(time.Minute)
		src.add(time.Now(), "after")
		r.pass(2 * time.Minute)
		if diff := cmp.Diff([]string{"before", "to-come", "after"}, r.texts()); diff != "" {
			t.Errorf("after two minutes (-want +got):\n%s", diff)
		}
		r.pass(30 * time.Hour)
		if len(r.lines) != 3 {
			t.Errorf("30 hours later %v", r.texts())
		}
	})
}

// A machine whose clock is ahead must not begin too late.
func TestClockOfTheMachineAhead(t *testing.T) {
	t.Parallel()
	src := &site{skew: -5 * time.Minute}
	bubble(t, src, &store{}, Options{Start: epoch}, func(t *testing.T, r *run) {
		src.add(src.Now().Add(time.Second), "first")
		r.pass(2 * time.Minute)
		if diff := cmp.Diff([]string{"first"}, r.texts()); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
	})
}

// A rescan that is held up for hours must not read ranges whose fingerprints were forgotten.
func TestRescanHeldUp(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n := range 4000 {
		src.add(epoch.Add(-time.Duration(n)*time.Minute), fmt.Sprint("old-", n))
	}
	bubble(t, src, &store{}, Options{Start: epoch.Add(-100 * time.Hour)}, func(t *testing.T, r *run) {
		r.pass(5*time.Hour + 59*time.Minute)
		for n := range 12 {
			src.setClock(0)
			src.add(time.Now(), fmt.Sprint("live-", n))
			src.fail(&atlassian.Error{Cause: atlassian.CauseServer, Message: "an internal error"})
			r.pass(58 * time.Minute)
			src.fail(nil)
			r.pass(2 * time.Minute)
		}
		r.pass(7 * time.Hour)
		seen := make(map[string]int)
		for _, text := range r.texts() {
			if seen[text]++; seen[text] == 2 {
				t.Errorf("%s came twice", text)
			}
		}
	})
}

// The retention matters only at the start of the first run.
func TestRetentionIsNoGapLater(t *testing.T) {
	t.Parallel()
	src := &site{keeps: 365 * 24 * time.Hour}
	src.add(epoch.Add(-time.Minute), "x")
	saved := outbox.Checkpoint{Origin: epoch.Add(-400 * 24 * time.Hour), Head: epoch.Add(-time.Minute), Polled: epoch.Add(-time.Minute), Rescanned: epoch}
	bubble(t, src, &store{checkpoint: saved}, Options{}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if n := r.stats.Gaps.Load(); n != 0 {
			t.Errorf("%d gaps:\n%s", n, strings.Join(r.log.lines(), "\n"))
		}
	})
}

// A gap ends at the oldest record of the site, however many came after it.
func TestGapBeforeACatchUp(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n := range 5000 {
		src.add(epoch.Add(-time.Duration(5000-n)*time.Minute), fmt.Sprint("r", n))
	}
	long := epoch.Add(-400 * 24 * time.Hour)
	saved := outbox.Checkpoint{Origin: long.Add(-time.Hour), Head: long, Polled: long, Rescanned: epoch}
	bubble(t, src, &store{checkpoint: saved}, Options{}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		want := fmt.Sprintf("gap from %s to %s", stamp(long), stamp(epoch.Add(-5000*time.Minute)))
		if log := strings.Join(r.log.lines(), "\n"); !strings.Contains(log, want) || strings.Count(log, "gap from") != 1 {
			t.Errorf("the log does not say %q once:\n%s", want, log)
		}
	})
}

// A record that makes our code panic must not end the host.
func TestPanicIsAnError(t *testing.T) {
	t.Parallel()
	src := &site{panics: true}
	src.add(epoch, "x")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(10 * time.Second)
		if log := strings.Join(r.log.lines(), "\n"); !strings.Contains(log, "a mistake in the plugin, please report it") {
			t.Errorf("nothing is logged:\n%s", log)
		}
		if len(r.lines) != 1 {
			t.Error("it did not go on")
		}
	})
}

// If the clock of the site jumps back, the collector must not read ranges whose fingerprints were
// forgotten.
func TestSiteClockJumpsBack(t *testing.T) {
	t.Parallel()
	src := long(200, time.Hour)
	bubble(t, src, &store{}, Options{Start: epoch.Add(-201 * time.Hour)}, func(t *testing.T, r *run) {
		src.add(time.Now(), "live")
		r.pass(2 * time.Minute)
		for _, back := range []time.Duration{10 * time.Hour, 100 * time.Hour, 0} {
			src.setClock(-back)
			r.pass(time.Hour)
		}
		if len(r.lines) != 201 {
			t.Errorf("%d records came, want each of 201 once", len(r.lines))
		}
	})
}

// There is no gap between two pieces of a catch-up, however narrow they are.
func TestPiecesMeet(t *testing.T) {
	t.Parallel()
	src := &site{}
	for n := range 900 { // one a millisecond
		src.add(epoch.Add(-time.Hour+time.Duration(n)*time.Millisecond), fmt.Sprint("r", n))
	}
	bubble(t, src, &store{}, Options{Limits: Limits{Window: window.Limits{Records: 7}}}, func(t *testing.T, r *run) {
		r.pass(10 * time.Second)
		if len(r.lines) != 900 {
			t.Errorf("%d records came, want 900", len(r.lines))
		}
		for _, asked := range src.asked() {
			if asked.From != asked.From.Truncate(time.Millisecond) || asked.To != asked.To.Truncate(time.Millisecond) {
				t.Fatalf("asked from %s to %s", asked.From, asked.To)
			}
		}
	})
}

// The checkpoint of an older version does not say what was forgotten. The horizon must not be the
// zero time then: the distance would overflow a duration.
func TestHorizonOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	src, start := long(20, time.Minute), epoch.Add(-time.Hour)
	st := &store{checkpoint: outbox.Checkpoint{Origin: start, Head: start, Polled: epoch, Rescanned: epoch}}
	// Small batches make sure that the first of a window are committed before its checkpoint.
	bubble(t, src, st, Options{BatchBytes: 10}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if first := slices.MinFunc(st.horizons, time.Time.Compare); len(r.lines) != 20 || first.Before(start) {
			t.Errorf("%d records, the earliest horizon is %s", len(r.lines), first)
		}
	})
}
