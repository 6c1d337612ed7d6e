package pipeline

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/site"
)

// Fleets are the memberships of a process: its inputs with the same database are one member there.
// The zero value is ready.
type Fleets struct {
	mu      sync.Mutex
	members map[string]*membership // by the address of the database
}

// membership is the place of this process among those that share the logs of one database. It joins
// with its first input, and leaves with its last.
type membership struct {
	fleets  *Fleets
	options fleet.Options

	// Guarded by the lock of the fleets.
	inputs int               // that have not left
	open   int               // inputs that the host has not ended
	ends   []<-chan struct{} // of the others: each is closed when that input has ended

	joined atomic.Pointer[fleet.Member] // for the metrics

	joining chan struct{} // a lock that gives up with a context: who has put the one token in, holds it
	// Guarded by joining.
	member  *fleet.Member // nil until it has joined
	refused error         // of the last try to join
	pause   time.Duration // from it to the next one
	again   time.Time     // when that is
}

// leaveWait bounds how long the end of the last input waits for the database. If that does not
// answer, others take the logs when the leases have run out.
const leaveWait = time.Second

// candidate returns one for the log of a site. It does not wait for the database.
func (f *Fleets) candidate(s *config.Settings, client config.Client, l logrus.FieldLogger, stats *collect.Stats, ready func()) *shared {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.members[s.Database]
	if m == nil || len(m.ends) > 0 { // the inputs of before a reload may still wait for the database
		m = &membership{fleets: f, joining: make(chan struct{}, 1), options: fleet.Options{URL: s.Database, Max: s.FleetMaxSites, Log: l}}
		if s.DatabasePassword.IsSet() {
			m.options.Password = s.DatabasePassword.Reveal
		}
		if f.members == nil {
			f.members = make(map[string]*membership)
		}
		f.members[s.Database] = m
	}
	m.inputs++
	m.open++
	cloudID := func(context.Context) (string, error) { return "", nil } // the log of an organization does not move
	if of, ok := client.(*site.Client); ok {
		cloudID = of.CloudID
	}
	return &shared{of: m, log: client.Site().Log(), cloudID: cloudID, logger: l, stats: stats, ready: ready}
}

const (
	joinAgain     = 5 * time.Second // until the second try to join; doubles with each
	joinAgainMost = time.Minute
)

// join returns the member, and joins if that was not done yet and the last try is long enough ago.
// Of all inputs that wait for it, only the one that has tried logs what is wrong.
func (m *membership) join(ctx context.Context, l logrus.FieldLogger) (_ *fleet.Member, again time.Time, err error) {
	select {
	case m.joining <- struct{}{}:
		defer func() { <-m.joining }()
	case <-ctx.Done():
		return nil, again, context.Cause(ctx)
	}
	if m.member != nil || time.Now().Before(m.again) {
		return m.member, m.again, m.refused
	}
	if m.member, m.refused = fleet.Join(ctx, m.options); m.refused != nil && ctx.Err() == nil {
		m.pause = min(max(2*m.pause, joinAgain), joinAgainMost)
		m.again = time.Now().Add(m.pause)
		l.Errorf("%v; the inputs with this database stand by, and try again in %s", fleet.Explained(m.refused), m.pause)
	}
	m.joined.Store(m.member)
	return m.member, m.again, m.refused
}

// leave notes that an input ends, and leaves with the last.
func (m *membership) leave() error {
	m.fleets.mu.Lock()
	m.inputs--
	last := m.inputs == 0
	if last && m.fleets.members[m.options.URL] == m {
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

// shared is the candidate for a log whose state is in a database.
type shared struct {
	of        *membership
	log       string
	cloudID   func(context.Context) (string, error) // asks the site
	logger    logrus.FieldLogger
	stats     *collect.Stats
	ready     func()           // lets the host look at the metrics
	candidate *fleet.Candidate // nil until the process has joined
}

// member returns the counters of this process, zero while it has not joined.
func (s *shared) member() (counted fleet.Stats) {
	if m := s.of.joined.Load(); m != nil {
		counted = m.Stats()
	}
	return counted
}

// Acquire waits for the log. While the database cannot be reached it tries again.
func (s *shared) Acquire(ctx context.Context) (lease, error) {
	var member *fleet.Member
	for member == nil {
		var again time.Time
		var err error
		if member, again, err = s.of.join(ctx, s.logger); err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		s.fails(err)
		select {
		case <-time.After(time.Until(again)):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if s.candidate == nil {
		if err := s.followMove(ctx, member); err != nil {
			return nil, err
		}
		s.candidate = member.NewCandidate(s.log)
	}
	waiting, got := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { s.watch(waiting, member.Until) })
	l, err := s.candidate.Acquire(ctx)
	got()
	watch.Wait()
	if err != nil {
		return nil, err
	}
	s.works()
	s.logger.Infof("holds %s, epoch %d", s.log, l.Epoch())
	return l, nil
}

// lookAtLease is how often a process that stands by looks whether the others still see it.
const lookAtLease = 5 * time.Second

// watch notes for the metrics whether a process that stands by reaches the database. It looks after
// a while first: a process that was suspended renews its lease at once.
func (s *shared) watch(ctx context.Context, until func() time.Time) {
	ticker := time.NewTicker(lookAtLease)
	defer ticker.Stop()
	away := false
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		switch expired := !time.Now().Before(until()); {
		case expired && !away:
			away = true
			s.fails(errAway)
		case away && !expired:
			away = false
			s.works()
		}
	}
}

var errAway = errors.New("the database has not answered for as long as a lease")

func (s *shared) fails(err error) {
	s.stats.StateFails(err)
	s.ready()
}

func (s *shared) works() {
	s.stats.StateWorks()
	s.ready()
}

// Ends notes that the host ends the pipeline. It ends all inputs, one after another, and would wait
// for each of them if the database does not answer. So only the last one waits, for all.
func (s *shared) Ends(done <-chan struct{}) []<-chan struct{} {
	m := s.of
	m.fleets.mu.Lock()
	defer m.fleets.mu.Unlock()
	m.open--
	m.ends = append(m.ends, done)
	if m.open > 0 {
		return nil
	}
	return m.ends
}

// Close gives the log to others.
func (s *shared) Close() error {
	var err error
	if s.candidate != nil {
		err = s.candidate.Close()
	}
	return errors.Join(err, s.of.leave())
}
