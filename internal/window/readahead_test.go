package window

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// steady lists a record each second, and needs some time for that, which may depend on how many
// reads are under way.
type steady struct {
	sync.Mutex
	takes    func(reads int) time.Duration
	asked    int64 // how often it has asked to slow down
	reads    int
	most     int // reads at the same time, since it was last looked at
	canceled int
}

func (s *steady) Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	s.Lock()
	s.reads++
	s.most = max(s.most, s.reads)
	takes := s.takes(s.reads)
	s.Unlock()
	defer func() {
		s.Lock()
		defer s.Unlock()
		s.reads--
		if ctx.Err() != nil {
			s.canceled++
		}
	}()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	for at := to.Truncate(time.Second); !at.Before(from); at = at.Add(-time.Second) {
		if err := yield(atlassian.Record{Time: at, Raw: []byte("x")}); err != nil {
			return err
		}
	}
	return nil
}

// readAll takes n pieces, and checks that they follow each other.
func readAll(t *testing.T, s *steady, n int, before func(n int)) {
	t.Helper()
	reader := NewReader(s, Limits{Page: 100})
	plan := Plan{width: width(85 * time.Second)}
	left := timerange.Range{From: epoch, To: epoch.Add(1000 * time.Hour)}
	a := NewReadAhead(reader, ReadAheadOptions{Most: 4, Slowed: func() int64 {
		s.Lock()
		defer s.Unlock()
		return s.asked
	},
		Fill: func(ctx context.Context, w *Window) (*Window, error) { return reader.Fill(ctx, w, nil) }})
	keep := func() {
		left := left
		a.Keep(t.Context(), &plan, left, func(r timerange.Range) (timerange.Range, bool) {
			left.From = r.To.Add(timerange.Resolution)
			return left, true
		})
	}
	for i := range n {
		synctest.Wait()
		s.Lock()
		before(i)
		s.Unlock()
		keep()
		piece, ok := a.Next(left)
		if !ok || !piece.From.Equal(left.From) {
			t.Fatalf("the next piece is %v, want one from %s", piece, left.From)
		}
		for !a.Wait(piece, nil) {
			keep()
		}
		w, err := a.Take(piece)
		if errors.Is(err, context.Canceled) {
			t.Fatalf("piece %d was ended though it is wanted", i)
		}
		if err == nil {
			left.From = piece.To.Add(timerange.Resolution)
			plan.Read(w)
			reader.Release(w)
		}
	}
	a.Drop()
	if s.reads > 0 {
		t.Errorf("%d reads are still under way", s.reads)
	}
}

// A source that asks to slow down is read one piece at a time, at once, and later with fewer than
// it was.
func TestAheadOfASourceThatAsksToSlowDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &steady{takes: func(int) time.Duration { return time.Second }}
		readAll(t, s, 100, func(n int) {
			switch n {
			case 20:
				if s.most != 4 {
					t.Errorf("%d at a time, want 4", s.most)
				}
				s.asked++
			case 21:
				if s.canceled == 0 || s.reads > 1 {
					t.Errorf("%d still read, %d ended", s.reads, s.canceled)
				}
				s.most = 0
			case 100 - 1:
				if s.most != 3 {
					t.Errorf("%d at a time, want 3", s.most)
				}
			}
		})
	})
}

// A source that answers one request after the other gains nothing by more of them at a time.
func TestAheadOfASourceThatBecomesSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &steady{takes: func(reads int) time.Duration { return time.Duration(reads*reads) * time.Second }}
		sum := 0
		readAll(t, s, 100, func(int) { sum += s.reads })
		if s.most < 2 || sum > 200 {
			t.Errorf("%d at a time, %d on average, want it to try two and stay near one", s.most, sum/100)
		}
	})
}
