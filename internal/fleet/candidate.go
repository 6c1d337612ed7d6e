package fleet

import (
	"context"
	"errors"
	"slices"
)

// A Candidate waits for the lease of one log, and holds it, for this process. Of all candidates for
// a log, one at a time has the lease.
type Candidate struct {
	member *Member
	log    string

	// Guarded by the lock of the member.
	lease   *Lease      // nil when the log is not held
	waiting chan *Lease // of Acquire, nil when nobody waits
	closed  bool
}

// NewCandidate returns a candidate for a log. It does not wait.
func (m *Member) NewCandidate(log string) *Candidate {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Candidate{member: m, log: log}
	m.candidates[c] = true
	return c
}

// Acquire waits for the lease. One goroutine may call it, and not before it has
// stopped using the last lease.
func (c *Candidate) Acquire(ctx context.Context) (*Lease, error) {
	m, got := c.member, make(chan *Lease, 1)
	m.mu.Lock()
	if c.closed {
		m.mu.Unlock()
		return nil, errors.New("the candidate was closed")
	}
	if c.lease != nil {
		m.mu.Unlock()
		return nil, errors.New("the log is held already: close its lease first")
	}
	c.waiting = got
	m.mu.Unlock()
	m.poke()
	var err error
	select {
	case l := <-got:
		return l, nil
	case <-m.done:
		err = errLeft
	case <-ctx.Done():
		err = ctx.Err()
	}
	m.mu.Lock()
	c.waiting = nil
	m.mu.Unlock()
	select {
	case l := <-got: // at the same moment
		_ = l.Close()
	default:
	}
	return nil, err
}

// Close releases the lease, if it is held, and waits for it no more.
func (c *Candidate) Close() error {
	m := c.member
	m.mu.Lock()
	c.closed = true
	delete(m.candidates, c)
	l := c.lease
	m.mu.Unlock()
	if l == nil {
		m.poke()
		return nil
	}
	return l.Close()
}

// loseLocked ends the leases that match against the will of their holders.
func (m *Member) loseLocked(why string, match func(log string, l *Lease) bool) {
	var logs []string
	for c := range m.candidates {
		if l := c.lease; l != nil && match(c.log, l) {
			l.endLocked()
			close(l.lost)
			logs = append(logs, c.log)
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

func all(string, *Lease) bool { return true }
