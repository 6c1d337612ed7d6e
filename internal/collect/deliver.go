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
	if next = c.committable(next); len(b.Seen) == 0 && next.Equal(c.queued) {
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
	now, events := c.now(), c.newFiller(w.Bytes())
	for i, r := range w.Records {
		id := &c.identities.of[i]
		// Corrections come before the new records of their millisecond: otherwise a kill between
		// them could leave a higher count in the store than was delivered.
		events.batch.Seen = append(events.batch.Seen, c.identities.corrections[i]...)
		if id.delivered {
			c.stats.Repeats.Add(1)
			continue
		}
		meta := event.Meta{Occurrence: int(id.occurrence), Read: now}
		if !r.Time.IsZero() && !r.Time.After(lateUntil) && !c.position.Waits(r.Time) {
			meta.Late = now.Sub(r.Time)
			c.stats.Late.Add(1)
		}
		if !events.add(ctx, r, c.docs.Get(i), id.key, meta) {
			return nil, ctx.Err()
		}
	}
	return events.batch, nil
}
