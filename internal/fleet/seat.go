package fleet

import (
	"context"
	"errors"
)

// A Seat is this process's readiness to read one log. Members with a seat for a log share it: one of
// them holds it at a time.
type Seat struct {
	member *Member
	log    string

	// Guarded by the lock of the member.
	tenure  *Tenure      // nil when the log is not held
	waiting chan *Tenure // of Hold, nil when nobody waits
	dropped bool
}

// Take returns a seat for a log. It does not wait.
func (m *Member) Take(log string) *Seat {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := &Seat{member: m, log: log}
	m.seats[s] = true
	return s
}

// Hold waits until this process holds the log. One goroutine may call it, and not before it has
// stopped using the last tenure.
func (s *Seat) Hold(ctx context.Context) (*Tenure, error) {
	m, got := s.member, make(chan *Tenure, 1)
	m.mu.Lock()
	if s.dropped {
		m.mu.Unlock()
		return nil, errors.New("the seat was dropped")
	}
	if s.tenure != nil {
		m.mu.Unlock()
		return nil, errors.New("the log is held already: close its tenure first")
	}
	s.waiting = got
	m.mu.Unlock()
	m.poke()
	var err error
	select {
	case t := <-got:
		return t, nil
	case <-m.done:
		err = errLeft
	case <-ctx.Done():
		err = ctx.Err()
	}
	m.mu.Lock()
	s.waiting = nil
	m.mu.Unlock()
	select {
	case t := <-got: // at the same moment
		_ = t.Close()
	default:
	}
	return nil, err
}

// Drop gives the log to others, and takes it no more.
func (s *Seat) Drop() error {
	m := s.member
	m.mu.Lock()
	s.dropped = true
	delete(m.seats, s)
	t := s.tenure
	m.mu.Unlock()
	if t == nil {
		m.poke()
		return nil
	}
	return t.Close()
}

// loseLocked ends the tenure, if there is one, because others have the log or may have it soon.
func (s *Seat) loseLocked(why string) {
	t := s.tenure
	if t == nil {
		return
	}
	t.endLocked()
	close(t.lost)
	s.member.losses++
	s.member.Log.Warnf("%s is no longer held by this process: %s; what Fluent Bit had taken and was not saved comes again", s.log, why)
}
