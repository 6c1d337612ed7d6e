// Package pipeline builds and runs what one input needs, from its settings: client, state, encoder
// and collector.
package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
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
	"fluent-bit-confluence/organization"
)

// A Pipeline collects one site's audit log. A host takes its batches with Next, and acknowledges or
// refuses each.
type Pipeline struct {
	client    config.Client
	settings  config.Settings
	host      Options
	log       logrus.FieldLogger
	candidate candidate
	start     time.Time      // where a first run begins
	stats     *collect.Stats // of all runs
	encode    func([]byte, time.Time, *document.Document, event.Meta) []byte
	unknown   atomic.Int64                // records whose action is not in the table of actions
	taken     atomic.Int64                // records acknowledged
	delays    delays                      // from a record's time to its acknowledgement
	lags      delays                      // from the time of an organization's event to its processing
	stuck     atomic.Bool                 // the host takes nothing
	expires   atomic.Int64                // Unix seconds when the credential expires; 0 while unknown
	names     atomic.Pointer[event.Names] // of the actions of an organization; nil while unknown

	current atomic.Pointer[run] // nil while another process reads the log

	mu       sync.Mutex
	inFlight map[*outbox.Batch]*run // from each batch in flight to the run that made it

	ctx        context.Context    // of all goroutines
	cancel     context.CancelFunc // ends ctx
	reading    context.Context    // of those that read from the site; ends before ctx
	endReading context.CancelFunc
	// closed when everything has ended and the state is closed; nil before Start
	done chan struct{}
}

var (
	_ collect.Source = (*site.Client)(nil)
	_ collect.Feed   = (*organization.Client)(nil)
)

// Options are what the host gives a pipeline.
type Options struct {
	Ready      func() // called when a batch is ready; must not block
	BatchBytes int    // how large a batch may be
	Name       string // the host's name of the input
	// Slots are the slots for reading old records that all inputs of the process share; nil: no
	// limit.
	Slots *collect.Slots
	// Fleets are the memberships of the process; nil: this pipeline has its own.
	Fleets *Fleets
}

// New builds the pipeline and opens its state file, which is locked until Stop. It does not begin
// to read. It sends no request, unless the state belongs to another address of the site, or org_id
// is not set, and does not connect to a database.
func New(s config.Settings, log logrus.FieldLogger, h Options) (*Pipeline, error) {
	p := &Pipeline{settings: s, host: h, log: log, start: s.StartFrom.At(time.Now()), stats: new(collect.Stats), inFlight: make(map[*outbox.Batch]*run)}
	s.Options.Log, s.Options.UserAgent = log, "fluent-bit-confluence/"+version.String()
	s.Options.Announced = func(message string) { p.note(collect.APIDeprecated, message) }
	var err error
	if p.client, err = s.Client(); err != nil {
		return nil, err
	}
	if !s.TokenExpires.IsZero() {
		p.expires.Store(s.TokenExpires.Unix())
	}
	if s.OfOrganization() && s.OrgID == "" {
		// The state names the organization.
		ctx, cancel := context.WithTimeout(context.Background(), askAtStart)
		defer cancel()
		if _, err := p.client.Connect(ctx); err != nil {
			return nil, fmt.Errorf("find the organization of the API key: %w", err)
		}
	}
	if p.encode, err = p.encoder(s.Format()); err != nil {
		return nil, err
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.reading, p.endReading = context.WithCancel(p.ctx)
	if s.Database != "" {
		fleets := cmp.Or(h.Fleets, new(Fleets))
		p.candidate = fleets.candidate(&p.settings, p.client, log, p.stats, h.Ready)
		return p, nil
	}
	own, err := p.openStore()
	if err != nil {
		return nil, err
	}
	// The first run is made here: what is wrong with the state ends the start of the host.
	first, err := p.newRun(own)
	if err != nil {
		return nil, errors.Join(err, own.Close())
	}
	p.current.Store(first)
	p.candidate = own
	return p, nil
}

// openStore opens the state of an input that shares it with no other process.
func (p *Pipeline) openStore() (*ownStore, error) {
	if p.settings.DB == "" {
		p.log.Warn("no db is set: after a restart records are delivered again from start_from on, and those older than that which were missed are lost; set db to a file")
		return &ownStore{state.NewMemory()}, nil
	}
	file, err := openState(p.settings.DB, p.client, p.log)
	if err != nil {
		return nil, err
	}
	if file.Damaged != "" {
		p.start = sinceDamage(p.log, file, p.start, p.settings)
	}
	file.Renewed = func(why error, aside string) { renewed(p.log, p.settings.DB, why, aside) }
	return &ownStore{file}, nil
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
		if now := (event.Site{Product: found.Product, URL: found.URL, Deployment: string(found.Deployment), CloudID: found.CloudID, OrgID: found.OrgID}); now != site {
			site = now
			e, _ = schema.Encoder(format, site)
		}
		if names := p.names.Load(); names != nil {
			e.Call(*names)
		}
		unknown := e.Unknown()
		dst = e.Append(dst, t, doc, meta)
		p.unknown.Add(int64(e.Unknown() - unknown))
		return dst
	}, nil
}

// Next returns the oldest batch that is not in flight, nil when there is none.
func (p *Pipeline) Next() *outbox.Batch {
	r := p.current.Load()
	if r == nil || !r.lease.Held() {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.moved {
		return nil
	}
	b := r.collector.Next()
	if b != nil {
		p.inFlight[b] = r
	}
	return b
}

// runOf returns the run that made a batch, and notes that the batch is no longer in flight.
func (p *Pipeline) runOf(b *outbox.Batch) *run {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.inFlight[b]
	delete(p.inFlight, b)
	return r
}

// Refuse takes a batch back, so that Next returns it again.
func (p *Pipeline) Refuse(b *outbox.Batch) { p.runOf(b).collector.Refuse(b) }

// Queued returns how many bytes of events were read and are not yet committed.
func (p *Pipeline) Queued() int {
	if r := p.current.Load(); r != nil {
		return r.collector.Queued()
	}
	return 0
}

// Acknowledge acknowledges batches: the host has them.
func (p *Pipeline) Acknowledge(batches ...*outbox.Batch) {
	now := p.client.Now()
	of := make(map[*run][]*outbox.Batch, 1)
	for _, b := range batches {
		p.taken.Add(int64(b.Records))
		p.delays.note(now, b.Times)
		r := p.runOf(b)
		of[r] = append(of[r], b)
	}
	for r, those := range of {
		r.collector.Acknowledge(those...)
	}
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
		p.collect()
		p.closeCandidate()
	}()
}

// StopReading ends reading from the site. Batches can still be acknowledged, until Stop.
func (p *Pipeline) StopReading() {
	p.endReading()
}

// Stop ends what Start began, commits what was acknowledged, and closes the state. It waits for
// that until ctx is done. What still runs then uses nothing of the host and ends by itself.
func (p *Pipeline) Stop(ctx context.Context) error {
	if p.done == nil {
		ended := make(chan struct{})
		close(ended)
		p.candidate.Ends(ended)
		return p.candidate.Close()
	}
	p.cancel()
	for _, done := range p.candidate.Ends(p.done) {
		select {
		case <-done:
			continue
		case <-ctx.Done():
		}
		return fmt.Errorf("stop: the state could not be saved in time: records delivered last may be delivered again after the next start: %w", ctx.Err())
	}
	return nil
}

func (p *Pipeline) closeCandidate() {
	if err := p.candidate.Close(); err != nil {
		p.log.WithError(err).Error("close the state")
	}
}
