package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// catchUp reads the next piece of the pending ranges.
func (c *Collector) catchUp(ctx context.Context) error {
	r, w, err := c.takePiece(ctx, c.nextPending(c.position), time.Time{}, func() { c.keepPending(ctx, c.position) })
	if w == nil {
		return err
	}
	return c.deliverPending(ctx, r, w)
}

// keepPending reads the next pieces of what is pending in p ahead. While reading them fails, it
// reads one.
func (c *Collector) keepPending(ctx context.Context, p outbox.Checkpoint) {
	c.ahead.Keep(ctx, &c.pieces, c.nextPending(p), func(r timerange.Range) (timerange.Range, bool) {
		if p = p.Done(r).Advanced(); len(p.Pending) == 0 || c.outages[catchUps].tries > 0 {
			return timerange.Range{}, false
		}
		return c.nextPending(p), true
	})
}

// nextPending returns the pending range to read next: the oldest after the watermark, which was
// never delivered. Most ranges before the watermark are only read again for late records; if they
// came first, a collector that restarts every few seconds would never reach new records. If earlier
// runs left a catch-up longer than overlap, records newer than those runs do not wait for it.
func (c *Collector) nextPending(p outbox.Checkpoint) timerange.Range {
	if c.earlierRun.Sub(p.Watermark) > c.Overlap {
		newer := p
		newer.Watermark = c.earlierRun
		if r := newer.First(); r.To.After(c.earlierRun) {
			return r
		}
	}
	return p.First()
}

// catchUpEnd reads from the end of the pending ranges while their beginning fails: the new records
// of a busy site are pending too, and must not wait until the old ones can be read. Its failures
// are logged at debug level only, because the failure of the beginning was logged.
func (c *Collector) catchUpEnd(ctx context.Context) {
	r := c.pieces.Last(c.position.Pending[len(c.position.Pending)-1])
	err := func() (err error) {
		defer c.recovered(&err)
		w, err := c.readPiece(ctx, r, time.Time{})
		if w == nil {
			return err
		}
		return c.deliverPending(ctx, r, w)
	}()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.stats.failed(catchUps, err)
		c.Log.WithError(err).Debugf("read records from %s to %s", stamp(r.From), stamp(r.To))
		c.nextEnd = c.outages[catchUps].next
	case len(c.position.Pending) == 0:
		c.worked(catchUps)
	}
}

// deliverPending delivers the window of r, a piece of the pending ranges.
func (c *Collector) deliverPending(ctx context.Context, r timerange.Range, w *window.Window) error {
	defer c.windows.Release(w)
	next := c.position.Done(r)
	next.Head = timerange.Later(next.Head, timerange.Earlier(w.Newest, r.To))
	next = next.Advanced()
	if w.Total() == 0 {
		c.noteEmpty(r)
	}
	// Then confirm asks for the unproven ranges first, and nothing more is read ahead.
	asksAgain := w.Total() > 0 && len(c.silent.unproven) > 0
	if len(next.Pending) > 0 && c.outages[catchUps].tries == 0 && !asksAgain {
		c.pieces.Forget(next.Pending[0].From)
		c.keepPending(ctx, next)
	}
	if err := c.deliver(ctx, w, next, time.Time{}); err != nil {
		return err
	}
	c.stats.Estimate.Store(c.progress.report(c.Log, w, next).Milliseconds())
	if w.Oldest.IsZero() {
		return nil
	}
	c.silent.oldest, c.silent.newest = w.Oldest, w.Newest
	if err := c.confirm(ctx, w.Oldest, true); err != nil {
		c.reopenUnproven() // so that the range is tried again
		return err
	}
	return nil
}
