package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
)

// Fleets are the memberships of a process: its inputs with the same database are one member there.
// The zero value is ready.
type Fleets struct {
	mu      sync.Mutex
	members map[string]*membership // by the address of the database
}

// membership is the place of this process among those that share the logs of one database. It joins
// with its first seat, and leaves with its last.
type membership struct {
	fleets  *Fleets
	options fleet.Options
	seats   int

	joining chan struct{} // a lock: it holds one token, which join takes
	member  *fleet.Member // nil until it has joined; guarded by joining
}

// leaveWait bounds how long the end of the last seat waits for the database. If that does not
// answer, others take the logs when the leases have run out.
const leaveWait = time.Second

// seat returns a place for one log. It does not wait for the database.
func (f *Fleets) seat(s *config.Settings, log string, l logrus.FieldLogger, stats *collect.Stats) *shared {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[s.Database]
	if m == nil {
		m = &membership{fleets: f, joining: make(chan struct{}, 1), options: fleet.Options{URL: s.Database, Max: s.FleetMaxSites, Log: l}}
		if s.DatabasePassword.IsSet() {
			m.options.Password = s.DatabasePassword.Reveal
		}
		if f.members == nil {
			f.members = make(map[string]*membership)
		}
		f.members[s.Database] = m
	}
	m.seats++
	return &shared{of: m, log: log, logger: l, stats: stats}
}

// join returns the member, and joins if that was not done yet.
func (m *membership) join(ctx context.Context) (*fleet.Member, error) {
	select {
	case m.joining <- struct{}{}:
		defer func() { <-m.joining }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if m.member != nil {
		return m.member, nil
	}
	var err error
	m.member, err = fleet.Join(ctx, m.options)
	return m.member, err
}

// drop gives up one seat, and leaves with the last.
func (m *membership) drop() error {
	m.fleets.mu.Lock()
	m.seats--
	last := m.seats == 0
	if last {
		delete(m.fleets.members, m.options.URL)
	}
	m.fleets.mu.Unlock()
	if !last {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), leaveWait)
	defer cancel()
	select {
	case m.joining <- struct{}{}:
		defer func() { <-m.joining }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if m.member == nil {
		return nil
	}
	return m.member.Leave(ctx)
}

// shared is the seat of a log whose state is in a database.
type shared struct {
	of     *membership
	log    string
	logger logrus.FieldLogger
	stats  *collect.Stats
	seat   *fleet.Seat // nil until the process has joined
}

const (
	joinAgain     = 5 * time.Second // until the second try to join; doubles with each
	joinAgainMost = time.Minute
)

// Hold waits for the log. While the database cannot be reached it tries again.
func (s *shared) Hold(ctx context.Context) (tenure, error) {
	for pause := joinAgain; s.seat == nil; pause = min(2*pause, joinAgainMost) {
		member, err := s.of.join(ctx)
		if err == nil {
			s.seat = member.Take(s.log)
			s.stats.StateWorks()
			break
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.stats.StateFails(err)
		s.logger.Errorf("%v; this process stands by, and tries again in %s", err, pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	t, err := s.seat.Hold(ctx)
	if err != nil {
		return nil, err
	}
	s.logger.Infof("holds %s, epoch %d", s.log, t.Epoch())
	return t, nil
}

// Close gives the log to others.
func (s *shared) Close() error {
	var err error
	if s.seat != nil {
		err = s.seat.Drop()
	}
	return errors.Join(err, s.of.drop())
}
