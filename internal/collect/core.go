package collect

import (
	"cmp"
	"context"
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
