package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// lists yields the records of the site in r, newest first.
func (s *site) lists(r timerange.Range, yield func(atlassian.Record) error) error {
	for _, rec := range slices.Backward(s.records) {
		if !r.Contains(rec.Time) {
			continue
		}
		if err := yield(rec); err != nil {
			return err
		}
	}
	return nil
}

// restored is a state with a pending range that is far from all delivered records.
func restored() (*store, timerange.Range) {
	far := timerange.Range{From: epoch.Add(-300 * time.Hour), To: epoch.Add(-200 * time.Hour)}
	c := outbox.Checkpoint{
		Origin: epoch.Add(-1000 * time.Hour), Head: epoch.Add(-time.Minute), Polled: epoch.Add(-time.Minute), Rescanned: epoch, Pending: []timerange.Range{far},
	}
	return &store{checkpoint: c}, far
}

// If a site is silent each time it is asked for a range, the range does not count as empty, even if
// polls list new records meanwhile.
func TestSilentWheneverAskedAgain(t *testing.T) {
	t.Parallel()
	st, far := restored()
	src := &site{}
	src.add(far.From.Add(time.Hour), "hidden")
	src.add(epoch.Add(-time.Minute), "newest")
	again, quiet := 0, 0
	src.serve = func(_ context.Context, r timerange.Range, yield func(atlassian.Record) error) error {
		switch {
		case r == far: // asked again
			if again++; again <= 3 {
				quiet = 2 // this one and the next
			}
		case !r.To.After(far.To) && again == 0:
			quiet = 1
		}
		if quiet > 0 {
			quiet--
			return nil
		}
		return src.lists(r, yield)
	}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(30 * time.Minute)
		if !slices.Contains(r.texts(), "hidden") {
			t.Errorf("the record has not come, though it was asked for again %d times", again)
		}
	})
}

// An empty range costs two more requests, or one if a record beside it is known, and none after
// that, also if that record was deleted meanwhile.
func TestEmptyRangesCostLittle(t *testing.T) {
	t.Parallel()
	gaps := func(src *site) {
		for n := range 20 {
			for k := range 30 {
				src.add(epoch.Add(-time.Duration(200*(20-n))*time.Hour+time.Duration(k)*time.Minute), fmt.Sprint("r", n, "-", k))
			}
		}
		src.add(epoch.Add(-time.Minute), "newest")
	}
	for name, tt := range map[string]struct {
		restored bool
		gone     bool
		most     int // reads that list nothing new
	}{
		"far from all":              {restored: true, most: 10}, // some pieces, and two more
		"between records":           {most: 2 * 20 * 5},
		"the record beside is gone": {gone: true, most: 2 * 20 * 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, st := &site{}, &store{}
			o := Options{Limits: few, Start: epoch.Add(-5000 * time.Hour)}
			src.add(epoch.Add(-time.Minute), "newest")
			if tt.restored {
				st, _ = restored()
			} else {
				gaps(src)
			}
			if tt.gone {
				src.refuse(func(r timerange.Range) error { // once the catch-up has come so far
					if r.From.After(epoch.Add(-2900 * time.Hour)) {
						src.records = slices.DeleteFunc(src.records, func(rec atlassian.Record) bool { return rec.Time.Before(epoch.Add(-2500 * time.Hour)) })
					}
					return nil
				})
			}
			bubble(t, src, st, o, func(t *testing.T, r *run) {
				r.pass(10*time.Minute + 30*time.Second)
				if p := r.outbox.Durable().Pending; len(p) > 0 || len(r.silent.unproven) > 0 {
					t.Fatalf("pending %v, unproven %v", p, r.silent.unproven)
				}
				n := len(src.asked())
				if n > tt.most+10 { // and some more for polls
					t.Errorf("%d requests, want %d at most", n, tt.most)
				}
				r.pass(10 * time.Minute)
				if more := len(src.asked()) - n; more > 10 {
					t.Errorf("%d requests in ten polls of a site where nothing happens", more)
				}
			})
		})
	}
}

// The fingerprints of a range are kept as long as it may have to be read again.
func TestUnprovenKeepsFingerprints(t *testing.T) {
	t.Parallel()
	src, st := long(1000, time.Hour), &store{}
	src.latency = time.Second
	bubble(t, src, st, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		src.hush(true)
		r.pass(25 * time.Second)
		c := r.outbox.Durable()
		if len(c.Pending) == 0 || len(r.position.Pending) > 0 {
			t.Fatalf("pending %v, and %v by what is known; want some, and none", c.Pending, r.position.Pending)
		}
		if from := c.Pending[0].From; c.Forgotten.After(from) || r.position.Forgotten.After(from) {
			t.Errorf("what is older than %s is forgotten, and what begins with %s may be read again", r.position.Forgotten, from)
		}
	})
}

// If an empty range cannot be read again after the last piece of a catch-up, it is an outage, and
// it ends.
func TestAskingAgainFails(t *testing.T) {
	t.Parallel()
	st, far := restored()
	src, last := &site{}, far.To.Add(-time.Second)
	src.add(last, "last")
	src.add(epoch.Add(-time.Minute), "newest")
	fails := 0
	src.refuse(func(r timerange.Range) error {
		if r.From.Equal(far.From) && r.To.Equal(last) && fails < 3 {
			fails++
			return errors.New("connection reset")
		}
		return nil
	})
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(10 * time.Minute)
		if p := r.outbox.Durable().Pending; len(p) > 0 || len(r.silent.unproven) > 0 || r.stats.Failing() || fails != 3 {
			t.Errorf("pending %v, unproven %v, failing %v, after %d failures", p, r.silent.unproven, r.stats.Failing(), fails)
		}
	})
}
