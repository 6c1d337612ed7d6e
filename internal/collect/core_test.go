package collect

import (
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/outbox"
)

// The host is told once when more than a third of the queue waits for it, and not of each batch.
func TestReadyWhenAThirdWaits(t *testing.T) {
	t.Parallel()
	log := logrus.New()
	log.SetOutput(io.Discard)
	told := 0
	c, err := New(t.Context(), &site{}, &store{}, Options{Limits: Limits{Queued: 300}, BatchBytes: 100, Log: log, Ready: func() { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	for n, step := range []struct{ bytes, told int }{{50, 0}, {50, 0}, {1, 1}, {60, 1}, {-1, 1}, {101, 2}} {
		if step.bytes < 0 { // the host takes all
			for c.Next() != nil {
			}
		} else if !c.push(t.Context(), &outbox.Batch{Events: make([]byte, step.bytes), Records: 1}) {
			t.Fatal("the run is over")
		}
		if told != step.told {
			t.Errorf("step %d: told %d times, want %d", n, told, step.told)
		}
	}
}

// What cannot be saved at the end is logged, unless another collector has the log.
func TestSaveOnExit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*store)
		said  int
	}{
		"saved": {func(*store) {}, 0},
		"lost":  {func(st *store) { st.lost = true }, 0},
		"full":  {func(st *store) { st.full = true }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, st := &site{}, &store{}
			var ended *run
			bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
				r.pass(time.Minute)
				src.add(time.Now(), "last")
				r.pass(2 * time.Minute)
				src.add(time.Now(), "not saved")
				time.Sleep(2 * time.Minute)
				b := r.Next()
				if b == nil {
					t.Fatal("no batch has come")
				}
				st.mu.Lock()
				tt.spoil(st)
				st.mu.Unlock()
				r.Acknowledge(b) // the run ends before the commit that waits for more
				ended = r
			})
			if n := ended.count("save state on exit"); n != tt.said {
				t.Errorf("%d lines say that the state was not saved on exit, want %d", n, tt.said)
			}
		})
	}
}

// patient is a store with one commit that waits for the end, as for a database that does not
// answer.
type patient struct {
	store
	waits atomic.Bool
}

func (p *patient) Replace(ctx context.Context, v outbox.Version, c outbox.Commit) (outbox.Version, error) {
	if p.waits.CompareAndSwap(true, false) {
		<-ctx.Done()
		return v, ctx.Err()
	}
	return p.store.Replace(ctx, v, c)
}

// A commit that the end interrupts is no failure: the last one saves the same.
func TestCommitAtTheEnd(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &patient{}
	var ended *run
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		src.add(time.Now(), "last")
		time.Sleep(2 * time.Minute)
		b := r.Next()
		if b == nil {
			t.Fatal("no batch has come")
		}
		st.waits.Store(true)
		r.Acknowledge(b)
		time.Sleep(2 * commitDelay)
		if st.waits.Load() {
			t.Error("no commit is under way, so this tests nothing")
		}
		ended = r
	})
	if n := ended.count("save state"); n > 0 || ended.stats.Failures(CauseState) > 0 {
		t.Errorf("%d lines say that the state cannot be saved", n)
	}
	if len(st.seen) != 1 {
		t.Error("the last record was not saved")
	}
}

// While the state cannot be saved, it is tried again, and logged at growing intervals. What was
// read meanwhile is saved after it.
func TestDiskIsFullForAWhile(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		full := func(is bool) {
			st.mu.Lock()
			defer st.mu.Unlock()
			st.full = is
		}
		r.pass(time.Minute)
		full(true)
		src.add(time.Now(), "one")
		r.pass(30 * time.Minute)
		if n := r.count("save state: "); n != 3 || !r.stats.FailingFor(CauseState) {
			t.Errorf("in half an hour the log tells %d times of it, want at once, after 5 and after 20 minutes", n)
		}
		full(false)
		src.add(time.Now(), "two")
		r.pass(5 * time.Minute)
		if r.count("state can be saved again, after ") != 1 || r.stats.Failing() || len(st.seen) != 2 {
			t.Errorf("records of %d milliseconds are saved; the log:\n%s", len(st.seen), strings.Join(r.log.lines(), "\n"))
		}
		full(true)
		src.add(time.Now(), "three")
		r.pass(4 * time.Minute)
		if n := r.count("save state: "); n != 4 {
			t.Errorf("the log tells %d times of it, want once more", n)
		}
		full(false)
	})
}
