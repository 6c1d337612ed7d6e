// Package pipeline builds and runs what one input needs, from its settings: client, state, encoder
// and collector.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/version"
	"fluent-bit-confluence/internal/window"
)

// A Pipeline collects one site's audit log. A host takes its batches with Next, and acknowledges or
// refuses each.
type Pipeline struct {
	collector *collect.Collector
	client    *site.Client
	settings  config.Settings
	log       logrus.FieldLogger
	close     func() error
	unknown   atomic.Int64       // records whose action is not in the table of actions
	taken     atomic.Int64       // records acknowledged
	delays    delays             // from a record's time to its acknowledgement
	stuck     atomic.Bool        // the host takes nothing
	ctx       context.Context    // of all goroutines
	reading   context.Context    // of those that read from the site; ends before ctx
	quiet     context.CancelFunc // ends reading
	cancel    context.CancelFunc // ends ctx
	// closed when Run has ended and the state is closed; nil before Start
	done chan struct{}
}

var _ collect.Source = (*site.Client)(nil)

// Host is what the pipeline must know about the host.
type Host struct {
	Ready      func() // called when a batch is ready; must not block
	BatchBytes int    // how large a batch may be
	Name       string // the host's name of the input
	// Turns are the slots for reading old records that all inputs of the process share; nil: no
	// limit.
	Slots collect.Slots
}

// New builds the pipeline and opens its state file, which is locked until Stop. It does not begin
// to read. It sends no request, unless the state belongs to another address of the site.
func New(s config.Settings, log logrus.FieldLogger, h Host) (*Pipeline, error) {
	p := &Pipeline{settings: s, log: log}
	s.Options.Log, s.Options.UserAgent = log, "fluent-bit-confluence/"+version.String()
	s.Options.Announced = func(message string) { p.collector.Note(collect.APIDeprecated, message) }
	client, err := site.New(s.Product, s.Options)
	if err != nil {
		return nil, err
	}
	p.client = client
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.reading, p.quiet = context.WithCancel(p.ctx)
	start := s.StartFrom.At(time.Now())

	var store outbox.Store = state.NewMemory()
	if s.DB != "" {
		file, err := openState(s.DB, client, log)
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
		healthSite = client.Site().URL
	}
	encode, err := p.encoder(schema.Format{Schema: s.Schema, OCSFVersion: s.OCSFVersion, IncludeRaw: s.IncludeRaw})
	if err == nil {
		p.collector, err = collect.New(p.ctx, client, store, collect.Options{
			PollInterval: s.PollInterval, Overlap: s.Overlap, RescanInterval: s.RescanInterval, RescanWindow: s.RescanWindow,
			Start: start, ByID: s.Product.ByID, Encode: encode, Log: log, Ready: h.Ready, BatchBytes: h.BatchBytes, Limits: collect.Limits{Window: window.Limits{Page: s.PageSize}}, Slots: h.Slots, HealthSite: healthSite, Name: h.Name,
			Changed: client.SecretChanged, API: func() string { return client.Site().API },
			CloudID: func() string { return client.Site().CloudID },
		})
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	client.HasWorked(p.collector.LastAPI())
	return p, nil
}

// sinceDamage logs what happened to the state file and returns the time from which to read again:
// start, or an earlier time if records since then may be missing. The lost file was complete up to
// a look-back window before its last write.
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

// renewed logs what happened to the state file during a run. The checkpoint is still in memory, so
// no record is passed over.
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

// encoder returns the function that makes events. The site's deployment and cloud id are known once
// the client has connected, which is before it returns the first record.
func (p *Pipeline) encoder(format schema.Format) (func([]byte, time.Time, *document.Document, event.Meta) []byte, error) {
	var site event.Site
	e, err := schema.Encoder(format, site)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	return func(dst []byte, t time.Time, doc *document.Document, meta event.Meta) []byte {
		found := p.client.Site()
		if now := (event.Site{Product: found.Product, URL: found.URL, Deployment: string(found.Deployment), CloudID: found.CloudID}); now != site {
			site = now
			e, _ = schema.Encoder(format, site)
		}
		unknown := e.Unknown()
		dst = e.Append(dst, t, doc, meta)
		p.unknown.Add(int64(e.Unknown() - unknown))
		return dst
	}, nil
}

// Next returns the oldest batch that is not in flight, nil when there is none.
func (p *Pipeline) Next() *outbox.Batch { return p.collector.Next() }

// Refuse takes a batch back, so that Next returns it again.
func (p *Pipeline) Refuse(b *outbox.Batch) { p.collector.Refuse(b) }

// Queued returns how many bytes of events are not yet acknowledged.
func (p *Pipeline) Queued() int { return p.collector.Queued() }

// Acknowledge acknowledges batches: the host has them.
func (p *Pipeline) Acknowledge(batches ...*outbox.Batch) {
	now := p.client.Now()
	for _, b := range batches {
		p.taken.Add(int64(b.Records))
		p.delays.note(now, b.Times)
	}
	p.collector.Acknowledge(batches...)
}

// HostStuck notes whether the host takes no records, for the metrics up and failing.
func (p *Pipeline) HostStuck(stuck bool) { p.stuck.Store(stuck) }

// Start begins to collect after a delay.
func (p *Pipeline) Start(after time.Duration) {
	p.done = make(chan struct{})
	go func() {
		defer close(p.done)
		select {
		case <-time.After(after):
		case <-p.reading.Done():
		}
		go p.warnOfExpiry(p.reading)
		p.collector.Run(p.ctx, p.reading)
		p.closeState()
	}()
}

// StopReading ends reading from the site. Batches can still be acknowledged, until Stop.
func (p *Pipeline) StopReading() {
	p.quiet()
}

// Stop ends what Start began, commits what was acknowledged, and closes the state file. It waits
// for that until ctx is done. What still runs then uses nothing of the host and ends by itself.
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
