// Package collect reads an audit log, which a site lists newest first, and hands its records to a
// host oldest first, in batches. Records that were delivered before are left out. Delivery is at
// least once.
//
// One goroutine reads and fills the queue, the host takes batches from it, and another goroutine
// commits the batches that the host has acknowledged:
//
//	Source -> window (oldest first) -> delivered? -> event -> Batch
//	-> outbox -> Next -> host -> Acknowledge -> Store
//
// A kill keeps the last commit: its checkpoint, and the fingerprints of all records committed.
// After the restart everything after the checkpoint is read again. Records that were not committed
// are handed over again, with the same event ids. Nothing is skipped.
//
// A Collector reads a log by time. A Follower reads one that is a feed, in the order of processing.
package collect

import (
	"context"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// Options are the settings of a collector. The configuration table of the manual explains each to
// an operator.
type Options struct {
	PollInterval   time.Duration
	Overlap        time.Duration
	RescanInterval time.Duration
	RescanWindow   time.Duration
	// where the first run begins; zero: with everything the site has
	Start time.Time
	// Stats go on counting what an earlier collector of the log has begun to count; nil: new ones.
	Stats *Stats
	// Keeps is how long the site keeps records, for a Follower; 0: not known.
	Keeps time.Duration
	// ByID tells how records are identified, see document.Hasher.
	ByID bool
	// Encode appends one record's event to dst, see event.Encoder. It is called from one goroutine.
	Encode func(dst []byte, t time.Time, doc *document.Document, meta event.Meta) []byte
	Log    logrus.FieldLogger
	// HealthSite is the site named in health records. If it is empty, there are no health records.
	HealthSite string
	// Name is what the host calls this collector, also in health records.
	Name string
	// Changed reports whether the credential has changed since it was refused. It may be nil.
	Changed func() bool
	// API returns the API that the source reads from. It may be nil.
	API func() string
	// CloudID returns the cloud id of the site, empty if it has none. It may be nil.
	CloudID func() string
	// BatchBytes is how large a batch may be. A single record may be larger.
	BatchBytes int
	// Limits bound the memory. 0 is the default of each.
	Limits Limits
	// Slots are shared by the collectors of the process. They are nil if there is only one.
	Slots *Slots
	// BackfillRequests is how many pieces of older ranges may be read at the same time; 0: one.
	BackfillRequests int
	// Slowed returns how often the site has asked us to slow down. It may be nil.
	Slowed func() int64
	// Processed is told how long after its time each new event of a feed was processed. It may be
	// nil.
	Processed func(after time.Duration)
	// Ready is called when the host should call Next. It must not block.
	Ready func()
}

// beginning is where a run that reads everything starts: before the first Confluence.
var beginning = time.Date(2004, 1, 1, 0, 0, 0, 0, time.UTC)

// A Collector reads one site's audit log. Call Run once. Next, Acknowledge and Refuse are for the
// host: they never wait and may be called from any thread.
type Collector struct {
	core
	source Source

	// Owned by the reading goroutine.
	isNew    bool // the site has no checkpoint of an earlier run
	firstRun bool // as isNew, until the first poll
	// time of the newest record that an earlier run delivered; zero in the first run
	earlierRun time.Time
	position   outbox.Checkpoint // what was read, and what is still to be read
	queued     outbox.Checkpoint // the checkpoint once everything in the queue is acknowledged

	polledLast   bool      // the last step was a poll
	polledTo     time.Time // end of the last poll of this run
	futureRead   time.Time // when readFuture last ran
	clocksLogged time.Time // when a disagreement of the clocks was last logged
	lookBack     lookBack
	rescan       rescan
	// when to read the end of the pending ranges, while their beginning fails
	nextEnd  time.Time
	progress progress // of the catch-up
	silent   silent
	gap      gap

	windows *window.Reader
	pieces  window.Plan
	ahead   *window.ReadAhead
	slot    slot // to read older ranges

	// Of the window that is being delivered.
	docs       document.Documents
	identities identities
}

// New loads the checkpoint from store. It sends no request to the source: Run does.
func New(ctx context.Context, source Source, store outbox.Store, o Options) (*Collector, error) {
	c := &Collector{source: source, pieces: window.NewPlan()}
	saved, first, err := c.set(ctx, o, store, source, outbox.Checkpoint{Rescanned: time.Now()})
	if err != nil {
		return nil, err
	}
	c.position, c.queued, c.firstRun, c.isNew = saved.Advanced(), saved, first, first
	c.windows = window.NewReader(source, c.Limits.Window)
	c.missing, c.regained, c.stuck = c.waiting, c.noteRegained, c.endSlot
	c.ahead = c.newAhead()
	return c, nil
}

// Run reads until reading is done and commits until ctx is done, which ends reading too. When it
// returns, every batch acknowledged before that is committed. There are two contexts because a host
// acknowledges its last batches only when it ends, after reading has stopped.
func (c *Collector) Run(ctx, reading context.Context) { c.run(ctx, reading, c.read) }

// horizon returns the time before which fingerprints may be forgotten. It is bounded by the site's
// clock and by ours, so that a record with a future time does not move it ahead.
func (c *Collector) horizon(p outbox.Checkpoint) time.Time {
	p.Head = timerange.Earlier(p.Head, timerange.Earlier(c.source.Now(), time.Now()))
	return p.Horizon(c.longestLookBack())
}

// longestLookBack returns how long a fingerprint is needed, with room for a slow rescan.
func (c *Collector) longestLookBack() time.Duration {
	return max(c.RescanWindow, c.Overlap) + c.RescanInterval + 10*time.Minute
}
