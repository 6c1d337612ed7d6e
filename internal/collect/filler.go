package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
)

// A filler puts events into batches, and queues each batch that is full. The last one is for the
// caller to queue.
type filler struct {
	core  *core
	batch *outbox.Batch
	bytes int // of all records that are to come
	size  int // of the last event
	full  int // about how many records fill a batch; 0 before the first full one
	now   time.Time
}

// newFiller returns a filler for records that have so many bytes together.
func (c *core) newFiller(bytes int) *filler {
	return &filler{core: c, batch: &outbox.Batch{}, bytes: bytes, now: time.Now()}
}

// add puts the event of a record into the batch. It returns false when the run is over.
func (f *filler) add(ctx context.Context, r atlassian.Record, doc *document.Document, key outbox.Key, meta event.Meta) bool {
	c := f.core
	// The size of an event is known only when it is encoded: the batch is queued when another event
	// of the last size would not fit.
	if len(f.batch.Events) > 0 && len(f.batch.Events)+max(f.size, len(r.Raw)) > c.BatchBytes {
		f.full = f.batch.Records + f.batch.Records/16
		if !c.push(ctx, f.batch) {
			return false
		}
		f.batch = &outbox.Batch{}
	}
	b := f.batch
	if b.Events == nil {
		// A little extra room: events can be larger than records, and growing a buffer doubles it.
		c.outbox.Give(b, min(c.BatchBytes+c.BatchBytes/16, 2*f.bytes), f.full)
	}
	meta.Fingerprint = key.Fingerprint
	before := len(b.Events)
	b.Events = c.Encode(b.Events, r.Time, doc, meta)
	f.size = len(b.Events) - before
	b.Records++
	b.Seen = append(b.Seen, outbox.Seen{Key: key, Count: uint32(meta.Occurrence) + 1})
	if !r.Time.IsZero() {
		b.Times = append(b.Times, r.Time.UnixMilli())
	}
	c.stats.Records.Add(1)
	c.lastNew = f.now
	return true
}
