package pipeline

import (
	"context"
	"sync"
	"time"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/window"
	"fluent-bit-confluence/organization"
)

// A candidate waits for the lease of an audit log, and holds it. Of all processes that have a
// candidate for a log, one at a time has the lease, and reads the log.
type candidate interface {
	// Acquire waits for the lease of the log. It fails when ctx is done.
	Acquire(ctx context.Context) (lease, error)
	// Ends notes that the host ends the pipeline, which closes done when it has ended. It returns
	// the ends that the host has to wait for: none, its own, or those of other inputs too. It is
	// called once.
	Ends(done <-chan struct{}) []<-chan struct{}
	// Close releases the lease, and waits for it no more.
	Close() error
}

// A lease is the right of this process to read a log and hand it over, and the state of the log.
// Its Close gives the log to others.
type lease interface {
	store
	// Held reports whether something may be handed over now.
	Held() bool
	// Moving is closed when another process should have the log.
	Moving() <-chan struct{}
	// Lost is closed when another process may have the log already.
	Lost() <-chan struct{}
}

// A store is the state of a log, with a note beside it.
type store interface {
	outbox.Store
	outbox.Keeper
}

// ownStore is the candidate for a store that this process does not share, and its only lease.
type ownStore struct{ store }

// Acquire waits until ctx is done: New has made the run of the only lease already.
func (*ownStore) Acquire(ctx context.Context) (lease, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// Ends returns done.
func (*ownStore) Ends(done <-chan struct{}) []<-chan struct{} { return []<-chan struct{}{done} }

func (*ownStore) Held() bool              { return true }
func (*ownStore) Moving() <-chan struct{} { return nil }
func (*ownStore) Lost() <-chan struct{}   { return nil }

// A collector reads a log and delivers its records: a [collect.Collector] by time, a
// [collect.Follower] as a feed.
type collector interface {
	Run(ctx, reading context.Context)
	Next() *outbox.Batch
	Acknowledge(...*outbox.Batch)
	Refuse(*outbox.Batch)
	Queued() int
	Note(kind collect.Health, message string)
}

// A run is the collector of one lease.
type run struct {
	lease     lease
	collector collector
	moved     bool // nothing more is handed over; guarded by the lock of the pipeline
	// named is when the names of the actions of an organization were read; zero if that is unknown.
	named time.Time
}

func (p *Pipeline) newRun(l lease) (*run, error) {
	s := &p.settings
	healthSite := ""
	if s.HealthRecords {
		healthSite = p.client.Site().URL
	}
	o := collect.Options{
		PollInterval: s.PollInterval, Overlap: s.Overlap, RescanInterval: s.RescanInterval, RescanWindow: s.RescanWindow,
		Start: p.start, ByID: s.Product.ByID, Encode: p.encode, Log: p.log, Ready: p.host.Ready, BatchBytes: p.host.BatchBytes,
		Limits: collect.Limits{Window: window.Limits{Page: s.PageSize}}, Slots: p.host.Slots, Stats: p.stats,
		BackfillRequests: s.BackfillRequests, Slowed: p.client.Slowed,
		HealthSite: healthSite, Name: p.host.Name,
		Changed: p.client.SecretChanged, API: func() string { return p.client.Site().API },
		CloudID: func() string { return p.client.Site().CloudID },
	}
	if client, ok := p.client.(*organization.Client); ok {
		o.Keeps, o.Processed = organization.Retention, p.lags.one
		follower, err := collect.Follow(p.ctx, client, l, o)
		if err != nil {
			return nil, err
		}
		return &run{lease: l, collector: follower, named: p.recallNames(p.ctx, l)}, nil
	}
	client := p.client.(*site.Client) // there is no third
	reader, err := collect.New(p.ctx, client, l, o)
	if err != nil {
		return nil, err
	}
	client.HasWorked(reader.LastAPI())
	return &run{lease: l, collector: reader}, nil
}

// holds reports whether this process reads the log and hands it over.
func (p *Pipeline) holds() bool {
	r := p.current.Load()
	return r != nil && r.lease.Held()
}

// standsBy reports whether this process waits for a log that others may read.
func (p *Pipeline) standsBy() bool { return p.settings.Database != "" && p.current.Load() == nil }

// member returns what is counted of this process among those that share a database, zero if there
// is none.
func (p *Pipeline) member() (counted fleet.Stats) {
	if s, ok := p.candidate.(*shared); ok {
		counted = s.member()
	}
	return counted
}

// note puts a health record into the stream, if this process reads the log.
func (p *Pipeline) note(kind collect.Health, message string) {
	if r := p.current.Load(); r != nil {
		r.collector.Note(kind, message)
	}
}

// loadAgain is how long a log is left to others whose state cannot be read.
const loadAgain = 10 * time.Second

// collect runs a collector for each lease, until the host ends.
func (p *Pipeline) collect() {
	if first := p.current.Load(); first != nil {
		p.serve(first)
	}
	for p.reading.Err() == nil {
		l, err := p.candidate.Acquire(p.reading)
		if err != nil {
			return // the end
		}
		r, err := p.newRun(l)
		if err != nil {
			p.log.Errorf("%v; the log is left to another process, or tried again in %s", err, loadAgain)
			p.stats.StateFails(err)
			p.closeLease(l)
			select {
			case <-time.After(loadAgain):
			case <-p.reading.Done():
			}
			continue
		}
		p.current.Store(r)
		p.host.Ready()
		p.serve(r)
		p.current.Store(nil)
		p.stats.StandBy()
		p.closeLease(l)
		if p.reading.Err() == nil {
			p.log.Info("this process does not read the log any more, and stands by")
		}
		p.host.Ready()
	}
}

// serve lets a collector run until its lease ends, or the host does.
func (p *Pipeline) serve(r *run) {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	reading, endReading := context.WithCancel(p.reading)
	defer endReading()
	go func() {
		select {
		case <-r.lease.Moving():
			endReading()
			p.awaitMove(ctx, r)
			cancel()
		case <-r.lease.Lost():
			cancel()
		case <-ctx.Done():
		}
	}()
	var learning sync.WaitGroup
	if client, ok := p.client.(*organization.Client); ok {
		learning.Go(func() { p.learnNames(reading, client, r.lease, r.named) })
	}
	r.collector.Run(ctx, reading)
	endReading()
	learning.Wait() // the lease is closed next
}

// moveCheck is how often a run that moves looks whether everything is committed.
const moveCheck = 50 * time.Millisecond

// awaitMove waits until everything that was read is committed, so that an orderly move repeats
// nothing. The reader may put another batch into the outbox at that moment. So from then on nothing
// more is handed over, and awaitMove goes on until no batch is in flight.
func (p *Pipeline) awaitMove(ctx context.Context, r *run) {
	for !p.hasMoved(r) {
		select {
		case <-time.After(moveCheck):
		case <-r.lease.Lost():
			return
		case <-ctx.Done():
			return
		}
	}
}

func (p *Pipeline) hasMoved(r *run) bool {
	queued := r.collector.Queued()
	p.mu.Lock()
	defer p.mu.Unlock()
	r.moved = r.moved || queued == 0
	for _, of := range p.inFlight {
		if of == r {
			return false
		}
	}
	return r.moved
}

func (p *Pipeline) closeLease(l lease) {
	if err := l.Close(); err != nil {
		p.log.WithError(err).Warn("release the log")
	}
}
