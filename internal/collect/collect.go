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
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
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

const (
	// commitDelay is how long a commit waits for more batches, because each commit is a write to
	// the disk. There is no wait once half the queue is acknowledged.
	commitDelay = 100 * time.Millisecond
	// commitRetry is the pause after a commit that failed, mostly because the disk is full.
	commitRetry = 5 * time.Second
)

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
	ahead   *window.Ahead
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

// LastAPI returns the API that the last run read from, empty if that is unknown. Call it before
// Run.
func (c *core) LastAPI() string { return c.outbox.Durable().API }

// Next returns the next batch to hand over, nil when there is none. The host must Acknowledge or
// Refuse it.
func (c *core) Next() *outbox.Batch { return c.outbox.Next() }

// Acknowledge notes that the host has the batches: from now on only the host can lose them. Batches
// acknowledged in one call are committed together.
func (c *core) Acknowledge(batches ...*outbox.Batch) { c.outbox.Acknowledge(batches) }

// Refuse notes that the host did not take the batch: Next returns it again.
func (c *core) Refuse(b *outbox.Batch) { c.outbox.Refuse(b) }

// recovered turns a panic into an error: one record that our code cannot handle must not end Fluent
// Bit with all its other inputs.
func (c *core) recovered(err *error) {
	if r := recover(); r != nil {
		c.Log.Errorf("a mistake in the plugin, please report it: %v %s", r, debug.Stack())
		*err = fmt.Errorf("a mistake in the plugin, please report it: %v", r)
	}
}

// Queued returns how many bytes of events were read and are not yet committed.
func (c *core) Queued() int { return c.outbox.Bytes() }

// Stats returns the counters, which go on counting.
func (c *core) Stats() *Stats { return c.stats }

// Run reads until reading is done and commits until ctx is done, which ends reading too. When it
// returns, every batch acknowledged before that is committed. There are two contexts because a host
// acknowledges its last batches only when it ends, after reading has stopped.
func (c *Collector) Run(ctx, reading context.Context) { c.run(ctx, reading, c.read) }

// run lets read fill the queue, and commits.
func (c *core) run(ctx, reading context.Context, read func(context.Context)) {
	reading, cancel := context.WithCancel(reading)
	defer cancel()
	var reader sync.WaitGroup
	reader.Go(func() { read(reading) })
	c.commitUntil(ctx)
	cancel()
	reader.Wait()
	// The reader may have queued an empty batch with a checkpoint after the last commit.
	if err := c.commitAcknowledged(context.WithoutCancel(ctx)); err != nil && !errors.Is(err, outbox.ErrLost) {
		c.Log.Errorf("save state on exit: %v; records delivered since the last save are delivered again after the next start", err)
	}
}

func (c *core) commitUntil(ctx context.Context) {
	var failedAt, nextLog time.Time
	logGap := firstLogGap
	var again <-chan time.Time // a commit is due
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-c.outbox.Arrived:
			if c.outbox.AcknowledgedBytes() < c.Limits.Queued/2 {
				if again == nil {
					again = time.After(commitDelay)
				}
				continue
			}
		}
		again = nil
		err := c.commitAcknowledged(ctx)
		switch {
		case errors.Is(err, outbox.ErrLost):
			c.stats.StateFails(err)
			c.Log.Errorf("save state: %v; this collector stops, and the other one delivers what follows", err)
			return
		case err != nil:
			again = time.After(commitRetry)
			c.stats.StateFails(err)
			now := time.Now()
			if failedAt.IsZero() {
				failedAt, nextLog = now, now
			}
			if !now.Before(nextLog) {
				c.Log.Errorf("save state: %v; nothing is lost, but what is delivered now comes again after a kill, and reading stops soon", err)
				nextLog, logGap = now.Add(logGap), min(3*logGap, lastLogGap)
			}
		case !failedAt.IsZero():
			c.Log.Infof("state can be saved again, after %s", time.Since(failedAt).Round(time.Second))
			c.stats.StateWorks()
			failedAt, logGap = time.Time{}, firstLogGap
		}
	}
}

// commitAcknowledged commits the acknowledged batches at the front of the outbox in one
// transaction.
func (c *core) commitAcknowledged(ctx context.Context) (err error) {
	defer c.recovered(&err)
	return c.outbox.Commit(ctx)
}

// horizon returns the time before which fingerprints may be forgotten. It is bounded by the site's
// clock and by ours, so that a record with a future time does not move it ahead.
func (c *Collector) horizon(p outbox.Checkpoint) time.Time {
	p.Head = timerange.Earlier(p.Head, timerange.Earlier(c.source.Now(), time.Now()))
	return p.Horizon(c.longestLookBack())
}

// lookBack returns how long a fingerprint is needed, with room for a slow rescan.
func (c *Collector) longestLookBack() time.Duration {
	return max(c.RescanWindow, c.Overlap) + c.RescanInterval + 10*time.Minute
}

// push queues b together with the plan. It returns false when the run is over.
func (c *core) push(ctx context.Context, b *outbox.Batch) bool {
	size := len(b.Events) // b belongs to the outbox after Push
	if c.outbox.Push(ctx, b, c.stuck) != nil {
		return false
	}
	// Ready is not called for each batch: batches handed over together cost the host less.
	if enough, waiting := c.Limits.Queued/3, c.outbox.Waiting(); waiting > enough && waiting-size <= enough {
		c.Ready()
	}
	return true
}
