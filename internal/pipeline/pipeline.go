// Package pipeline builds what one input runs from its settings: client, state, encoder and collector.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/version"
	"fluent-bit-confluence/internal/window"
)

// A Pipeline collects one site's audit log. Its collector is to be drained by a host.
type Pipeline struct {
	*collect.Collector
	client   *confluence.Client
	settings config.Settings
	log      logrus.FieldLogger
	close    func() error
	unknown  atomic.Int64       // records whose action is not in the table of actions
	taken    atomic.Int64       // records that the host is known to have
	delays   delays             // from their own time until then
	stuck    atomic.Bool        // the host takes nothing
	ctx      context.Context    // of what runs
	reading  context.Context    // of the part of it that asks the site
	quiet    context.CancelFunc // ends the reading
	cancel   context.CancelFunc // ends the rest
	done     chan struct{}      // closed when Run has ended and the state is closed; nil before Start
}

var _ collect.Source = (*confluence.Client)(nil)

// Host is what the pipeline must know of where its batches go.
type Host struct {
	Ready      func() // is called when a batch waits; must not block
	BatchBytes int    // how large a batch may be
	Name       string // what it calls the input
	// Turns are those of all inputs of the process; nil for one that has it to itself.
	Turns collect.Turns
}

// New builds the pipeline and takes its state file, which is locked until Stop. It starts nothing, and asks nothing of the network unless the state
// belongs to another address.
func New(s config.Settings, log logrus.FieldLogger, h Host) (*Pipeline, error) {
	p := &Pipeline{settings: s, log: log}
	s.Options.Log, s.Options.UserAgent = log, "fluent-bit-confluence/"+version.String()
	s.Options.Announced = func(message string) { p.Note(collect.APIDeprecated, message) }
	client, err := confluence.New(s.Options)
	if err != nil {
		return nil, err
	}
	site := client.Site().URL
	p.client = client
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.reading, p.quiet = context.WithCancel(p.ctx)
	start := s.StartFrom.At(time.Now())

	var store outbox.Store = state.NewMemory()
	if s.DB != "" {
		file, err := openState(s.DB, site, client, log)
		if err != nil {
			return nil, err
		}
		if file.Damaged != "" {
			start = sinceDamage(log, file, start, s)
		}
		file.Renewed = func(why error, aside string) { renewed(log, s.DB, why, aside) }
		store = file
	} else {
		log.Warn("no db is set: after a restart records are delivered again from start_from on, and those older than that which were missed are lost; set db to a file")
	}

	p.close = store.Close
	healthSite := ""
	if s.HealthRecords {
		healthSite = site
	}
	encode, err := p.encoder(schema.Format{Schema: s.Schema, OCSFVersion: s.OCSFVersion, IncludeRaw: s.IncludeRaw})
	if err == nil {
		p.Collector, err = collect.New(p.ctx, client, store, collect.Options{
			PollInterval: s.PollInterval, Overlap: s.Overlap, RescanInterval: s.RescanInterval, RescanWindow: s.RescanWindow,
			Start: start, Encode: encode, Log: log, Ready: h.Ready, BatchBytes: h.BatchBytes, Limits: collect.Limits{Window: window.Limits{Page: s.PageSize}}, Turns: h.Turns, HealthSite: healthSite, Name: h.Name,
			Changed: client.SecretChanged, API: func() string { return client.Site().API },
			CloudID: func() string { return client.Site().CloudID },
		})
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	client.HasWorked(p.LastAPI())
	return p, nil
}

// sinceDamage says what happened to the state file and returns where to begin: where start_from says or, if that is later than what the lost
// file may have known, there.
func sinceDamage(log logrus.FieldLogger, file *state.File, start time.Time, s config.Settings) time.Time {
	known := file.DamagedSince.Add(-max(s.Overlap, s.RescanWindow))
	if known.Before(start) {
		start = known
	}
	log.Errorf("the state file was damaged, it is kept as %s; begins again with records of %s, so that none is lost: records since then that were delivered "+
		"before are delivered again, with the same event_id; look at the disk, and for what else writes to that file (%v)",
		file.Damaged, start.UTC().Format(time.RFC3339), file.Why)
	return start
}

// renewed says what happened to the state file in the middle of a run. The checkpoint is known, so no record is passed over.
func renewed(log logrus.FieldLogger, path string, why error, aside string) {
	if state.IsDamage(why) {
		log.Errorf("the state file was damaged while it was in use, it is kept as %s; goes on with a new one: no record is lost, but those that a rescan finds are "+
			"delivered again, with the same event_id; look at the disk, and for what else writes to that file (%v)", aside, why)
		return
	}
	stood := ""
	if aside != "" {
		stood = ", what stood in its place is kept as " + aside
	}
	log.Warnf("the state file %s: %v; it was written again%s, nothing is lost; to begin anew stop the input first, then delete the file", path, why, stood)
}

// encoder returns the function that makes events. What the events say about the site is known only once the client has connected, which it
// has before it gives the first record.
func (p *Pipeline) encoder(format schema.Format) (func([]byte, time.Time, *document.Document, event.Meta) []byte, error) {
	var site event.Site
	e, err := schema.Encoder(format, site)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return func(dst []byte, t time.Time, doc *document.Document, meta event.Meta) []byte {
		found := p.client.Site()
		if now := (event.Site{URL: found.URL, Deployment: string(found.Deployment), CloudID: found.CloudID}); now != site {
			site = now
			e, _ = schema.Encoder(format, site)
		}
		unknown := e.Unknown()
		dst = e.Append(dst, t, doc, meta)
		p.unknown.Add(int64(e.Unknown() - unknown))
		return dst
	}, nil
}

// Settle is of batches that the host is known to have.
func (p *Pipeline) Settle(batches ...*outbox.Batch) {
	now := p.client.Now()
	for _, b := range batches {
		p.taken.Add(int64(b.Records))
		p.delays.note(now, b.Times)
	}
	p.Collector.Settle(batches...)
}

// HostStuck notes whether the host takes nothing, which is no fault of the site's but shows as one.
func (p *Pipeline) HostStuck(stuck bool) { p.stuck.Store(stuck) }

// Start begins to collect after a time.
func (p *Pipeline) Start(after time.Duration) {
	p.done = make(chan struct{})
	go func() {
		defer close(p.done)
		select {
		case <-time.After(after):
		case <-p.reading.Done():
		}
		go p.warnOfExpiry(p.reading)
		p.Run(p.ctx, p.reading)
		p.closeState()
	}()
}

// StopReading asks nothing more of the site. What was handed over can still be settled, until Stop.
func (p *Pipeline) StopReading() {
	p.quiet()
}

// Stop ends what Start began, saves what was settled, and gives the state file free. It waits for that until ctx is done; what then is still
// running holds nothing of the host and ends by itself.
func (p *Pipeline) Stop(ctx context.Context) error {
	if p.done == nil {
		return p.close()
	}
	p.cancel()
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop: the state could not be saved in time: records delivered last may be delivered again after the next start: %w", ctx.Err())
	}
}

func (p *Pipeline) closeState() {
	if err := p.close(); err != nil {
		p.log.WithError(err).Error("close state file")
	}
}
