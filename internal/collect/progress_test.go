package collect

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
)

// If records are spread evenly, the estimate of a catch-up is about right.
func TestEstimate(t *testing.T) {
	t.Parallel()
	src := long(5000, time.Hour)
	src.latency = time.Second
	bubble(t, src, &store{}, Options{Start: epoch.Add(-5001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		r.pass(20 * time.Second)
		estimate := time.Duration(r.stats.Estimate.Load()) * time.Millisecond
		if r.stats.Pending.Load() == 0 || estimate == 0 {
			t.Fatalf("pending %d ms, estimate %s", r.stats.Pending.Load(), estimate)
		}
		began := time.Now()
		for r.stats.Pending.Load() > 0 && time.Since(began) < time.Hour {
			r.pass(time.Second)
		}
		if took := time.Since(began); estimate < took/3 || estimate > 3*took {
			t.Errorf("estimated %s, took %s", estimate, took)
		}
		r.pass(time.Second)
		if left := r.stats.Estimate.Load(); left != 0 {
			t.Errorf("%d ms are said to be left of nothing", left)
		}
	})
}

// FailingFor reports the cause of the last try, and none once a try works.
func TestFailingFor(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &fullDisk{store: &store{}}
	causes := []atlassian.Cause{atlassian.CauseExpired, atlassian.CauseNetwork, CauseState, CauseOther}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		want := func(cause atlassian.Cause) {
			t.Helper()
			for _, c := range causes {
				if got := r.stats.FailingFor(c); got != (c == cause) {
					t.Errorf("failing for %s: %v", c, got)
				}
			}
			if got := r.stats.Failing(); got != (cause != "") {
				t.Errorf("failing: %v", got)
			}
		}
		want("")
		for _, cause := range []atlassian.Cause{atlassian.CauseExpired, atlassian.CauseNetwork} {
			src.fail(&atlassian.Error{Cause: cause, Message: "simulated"})
			r.pass(10 * time.Minute)
			want(cause)
		}
		src.fail(nil)
		r.pass(10 * time.Minute)
		want("")
		st.full.Store(true)
		src.add(time.Now(), "new")
		r.pass(2 * time.Minute)
		want(CauseState)
		if r.stats.Failures(CauseState) == 0 || r.stats.Failures(CauseOther) > 0 {
			t.Errorf("counted %d failures of the state, %d others", r.stats.Failures(CauseState), r.stats.Failures(CauseOther))
		}
		st.full.Store(false)
		r.pass(2 * time.Minute)
		want("")
	})
}

// fullDisk is a store that saves nothing while it is full.
type fullDisk struct {
	*store
	full atomic.Bool
}

func (d *fullDisk) Replace(ctx context.Context, v outbox.Version, c outbox.Commit) (outbox.Version, error) {
	if d.full.Load() {
		return v, errors.New("the disk is full")
	}
	return d.store.Replace(ctx, v, c)
}
