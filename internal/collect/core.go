package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// core is what a collector has however it reads the log: the queue and its commits, outages and
// health records. Next, Acknowledge and Refuse are for the host: they never wait and may be called
// from any thread.
type core struct {
	Options
	outbox *outbox.Outbox
	stats  *Stats
	clock  clock

	// Owned by the reading goroutine.
	nextPoll  time.Time
	holdUntil time.Time // no request before this: the site asked for it
	lastNew   time.Time // when a record was last delivered
	outages   [parts]outage
	notes     notes
	hasher    document.Hasher

	// What depends on the way of reading.
	missing  func(part) string // names the records that wait while a part fails
	regained func(part)        // is called when a part works again after an outage
	stuck    func()            // is called when the queue is full for long
}

// A clock tells the time at the site, see [Source].
type clock interface{ Now() time.Time }

// set sets the options and loads the checkpoint from store. Without one it commits first, with the
// time at which the run is to begin, and isFirst is true.
func (c *core) set(ctx context.Context, o Options, store outbox.Store, clock clock, first outbox.Checkpoint) (saved outbox.Checkpoint, isFirst bool, err error) {
	o.Limits = o.Limits.orDefault()
	c.Options, c.stats, c.clock, c.hasher = o, cmp.Or(o.Stats, new(Stats)), clock, document.Hasher{ByID: o.ByID}
	if c.outbox, err = outbox.New(ctx, store, o.Limits.Queued, o.BatchBytes); err != nil {
		return saved, false, err
	}
	if saved = c.outbox.Durable(); saved.Started() {
		return saved, false, nil
	}
	// The start is committed before anything is read: a kill must not move it.
	start := o.Start.Truncate(time.Millisecond)
	if start.IsZero() {
		start = beginning
	}
	first.Origin, first.Head = start, start
	return first, true, c.outbox.Begin(ctx, first)
}

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

// push queues b, with its checkpoint if it has one. It returns false when the run is over.
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

// Queued returns how many bytes of events were read and are not yet committed.
func (c *core) Queued() int { return c.outbox.Bytes() }

// Stats returns the counters, which go on counting.
func (c *core) Stats() *Stats { return c.stats }

// recovered turns a panic into an error: one record that our code cannot handle must not end Fluent
// Bit with all its other inputs.
func (c *core) recovered(err *error) {
	if r := recover(); r != nil {
		c.Log.Errorf("a mistake in the plugin, please report it: %v %s", r, debug.Stack())
		*err = fmt.Errorf("a mistake in the plugin, please report it: %v", r)
	}
}
