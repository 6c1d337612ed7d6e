package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// deliver queues the records of w that were not delivered before, and the checkpoint next with the
// last of them. Records up to lateUntil should have been found earlier, so they are marked as late.
func (c *Collector) deliver(ctx context.Context, w *window.Window, next outbox.Checkpoint, lateUntil time.Time) error {
	c.noteGap(w, next)
	c.noteListed(w)
	defer c.docs.Release()
	next = next.Advanced()
	next.Forgotten = timerange.Later(next.Forgotten, c.horizon(c.committable(next)))
	b, err := c.queueRecords(ctx, w, nil, lateUntil)
	if err != nil {
		return err
	}
	c.stats.Pending.Store(next.Left().Milliseconds())
	c.stats.Head.Store(next.Head.UnixMilli())
	c.position = next
	if next = c.committable(next); b.Records == 0 && len(b.Seen) == 0 && next.Equal(c.queued) {
		return nil
	}
	c.queued = next
	b.Checkpoint = &next
	if !c.push(ctx, b) {
		return ctx.Err()
	}
	return nil
}

// queueRecords queues the records of w that were not delivered before, in batches. It returns the
// last batch, which the caller queues. If w is a part of a stream, s is that stream.
func (c *Collector) queueRecords(ctx context.Context, w *window.Window, s *stream, lateUntil time.Time) (*outbox.Batch, error) {
	if err := c.identify(ctx, w, s); err != nil {
		return nil, err
	}
	now, ours := c.now(), time.Now()
	b := &outbox.Batch{}
	var size, full int // size of the last event, and records of a full batch
	for i, r := range w.Records {
		id := &c.identities.of[i]
		// Corrections come before the new records of their millisecond: otherwise a kill between
		// them could leave a higher count in the store than was delivered.
		b.Seen = append(b.Seen, c.identities.corrections[i]...)
		if id.delivered {
			c.stats.Repeats.Add(1)
			continue
		}
		meta := event.Meta{Fingerprint: id.key.Fingerprint, Occurrence: int(id.occurrence), Read: now}
		if !r.Time.IsZero() && !r.Time.After(lateUntil) && !c.position.Waits(r.Time) {
			meta.Late = now.Sub(r.Time)
			c.stats.Late.Add(1)
		}
		// The size of an event is known only when it is encoded: the batch is queued when another
		// event of the last size would not fit.
		if len(b.Events) > 0 && len(b.Events)+max(size, len(r.Raw)) > c.BatchBytes {
			full = b.Records + b.Records/16
			if !c.push(ctx, b) {
				return nil, ctx.Err()
			}
			b = &outbox.Batch{}
		}
		if b.Events == nil {
			// A little extra room: events can be larger than records, and growing a buffer doubles
			// it.
			c.outbox.Give(b, min(c.BatchBytes+c.BatchBytes/16, 2*w.Bytes()), full)
		}
		before := len(b.Events)
		b.Events = c.Encode(b.Events, r.Time, c.docs.Get(i), meta)
		size = len(b.Events) - before
		b.Records++
		b.Seen = append(b.Seen, outbox.Seen{Key: id.key, Count: id.occurrence + 1})
		if !r.Time.IsZero() {
			b.Times = append(b.Times, r.Time.UnixMilli())
		}
		c.stats.Records.Add(1)
		c.lastNew = ours
	}
	return b, nil
}
