package collect

import (
	"context"
	"slices"
	"time"

	"fluent-bit-confluence/internal/record"
)

// deliver queues the records of w that were not delivered before, and with the last of them the checkpoint next.
// Records that are not newer than lateUntil should have been found earlier; they are marked as late.
func (c *Collector) deliver(ctx context.Context, w *window, next Checkpoint, lateUntil time.Time) error {
	c.noteGap(w, next)
	defer c.docs.Release()
	next.Forgotten = later(next.Forgotten, c.horizon(next))
	keys, delivered, err := c.identify(w)
	if err != nil {
		return err
	}
	now := c.source.Now()
	var inWindow map[Key]uint32 // of the records that may have twins
	b := &Batch{}
	var size, full int // of the event before, and how many a full batch has
	for i, r := range w.records {
		var occurrence uint32
		if mayHaveTwins(keys, i) {
			if inWindow == nil {
				inWindow = make(map[Key]uint32)
			}
			occurrence = inWindow[keys[i]]
			inWindow[keys[i]] = occurrence + 1
		}
		if occurrence < delivered[i] {
			c.stats.Repeats.Add(1)
			continue
		}
		meta := record.Meta{Fingerprint: keys[i].Fingerprint, Occurrence: int(occurrence), Read: now}
		if !r.Time.IsZero() && !r.Time.After(lateUntil) && !c.plan.waits(r.Time) {
			meta.Late = now.Sub(r.Time)
			c.stats.Late.Add(1)
		}
		// The size of an event is known only once it is made: a batch is closed when another record like the last one would not fit.
		if len(b.Events) > 0 && len(b.Events)+max(size, len(r.Raw)) > c.BatchBytes {
			full = b.Records + b.Records/16
			if !c.push(ctx, b) {
				return ctx.Err()
			}
			b = &Batch{}
		}
		if b.Events == nil {
			// Somewhat more: events can be larger than records, and to grow would double it.
			c.queue.give(b, min(c.BatchBytes+c.BatchBytes/16, 2*w.texts.bytes), full)
		}
		before := len(b.Events)
		b.Events = c.Encode(b.Events, r.Time, c.docs.Get(i), meta)
		size = len(b.Events) - before
		b.Records++
		b.seen = append(b.seen, Seen{keys[i], occurrence + 1})
		c.stats.Records.Add(1)
		c.lastNew = now
	}
	var pending time.Duration
	for _, r := range next.Pending {
		pending += r.length()
	}
	c.stats.Pending.Store(pending.Milliseconds())
	c.stats.Head.Store(next.Head.UnixMilli())
	if b.Records == 0 && next.equal(c.plan) {
		return nil
	}
	c.plan = next
	b.checkpoint = &next
	if !c.push(ctx, b) {
		return ctx.Err()
	}
	return nil
}

// identify parses the records of w into docs, and returns for each its key and how many with that key were delivered.
func (c *Collector) identify(w *window) (keys []Key, delivered []uint32, err error) {
	c.keys = slices.Grow(c.keys[:0], len(w.records))[:len(w.records)]
	clear(c.keys)
	for i, r := range w.records {
		c.keys[i].Fingerprint = c.hasher.Fingerprint(c.docs.Add(r.Raw))
		if !r.Time.IsZero() {
			c.keys[i].Time = r.Time.UnixMilli()
		}
	}
	// All at once and before the first is queued: from then on the ledger counts records of this window too, and a commit
	// may forget old ones.
	delivered, err = c.ledger.count(c.keys)
	return c.keys, delivered, err
}

// mayHaveTwins tells whether another record can have the key of record i. Those of the same millisecond stand beside each other, with nothing but
// records without a time between them, which may be anywhere.
func mayHaveTwins(keys []Key, i int) bool {
	own := func(k Key) bool { return k.Time == 0 || k.Time == keys[i].Time }
	return keys[i].Time == 0 || i > 0 && own(keys[i-1]) || i+1 < len(keys) && own(keys[i+1])
}
