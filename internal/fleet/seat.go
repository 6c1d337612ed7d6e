package fleet

import (
	"context"
	"errors"
	"slices"
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

// loseLocked ends the tenures that match against the will of their holders.
func (m *Member) loseLocked(why string, match func(log string, t *Tenure) bool) {
	var logs []string
	for s := range m.seats {
		if t := s.tenure; t != nil && match(s.log, t) {
			t.endLocked()
			close(t.lost)
			logs = append(logs, s.log)
		}
	}
	m.losses += int64(len(logs))
	slices.Sort(logs)
	switch len(logs) {
	case 0:
	case 1:
		m.Log.Warnf("%s is no longer held by this process: %s; what was handed over and is not yet saved comes again", logs[0], why)
	default:
		m.Log.Warnf("%d audit logs are no longer held by this process (%s and others): %s; what was handed over and is not yet saved comes again", len(logs), logs[0], why)
	}
}

func all(string, *Tenure) bool { return true }
