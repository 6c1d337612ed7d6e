package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// lookBack is what is known of the look back of polls for late records.
type lookBack struct {
	head time.Time // the newest record delivered when the last look back was complete
	next time.Time // until when the next one may wait for a catch-up
	// something was read but not delivered, which Changed would not report: the next look back
	// reads all of its range
	all    bool
	recent recent
}

// maxLookDelay is how long the look back waits for a catch-up, which it would slow down.
const maxLookDelay = time.Minute

// lookForLate looks back for late records, unless the window of the poll has shown them already.
func (c *Collector) lookForLate(ctx context.Context, r round, w *window.Window, head time.Time) error {
	if !r.whole {
		return c.readLate(ctx, timerange.Range{From: r.all.From, To: r.fresh.From.Add(-timerange.Resolution)}, r.late)
	}
	c.lookBack.done(head)
	if w.Newest.IsZero() {
		return nil
	}
	return c.confirm(ctx, w.Newest, false)
}

// readLate looks back: it reads again what has changed in r. It leaves out pending ranges, which
// will be read anyway.
func (c *Collector) readLate(ctx context.Context, r timerange.Range, lateUntil time.Time) error {
	head := c.position.Head
	c.lookBack.recent.judgeRate(head, c.Overlap, c.stats.Records.Load(), c.windows.Page())
	if len(c.position.Pending) > 0 && time.Now().Before(c.lookBack.next) {
		return nil
	}
	lists := false // the ranges read include the newest record delivered
	for _, r := range c.position.Apart(r) {
		lists = lists || head.After(c.position.Origin) && r.Contains(head)
		changed, err := []timerange.Range{r}, error(nil)
		if !c.lookBack.all {
			changed, err = c.source.Changed(ctx, r.From, r.To)
		}
		if err != nil {
			return err
		}
		for _, part := range changed {
			part = timerange.Range{From: timerange.Later(r.From, part.From), To: timerange.Earlier(r.To, part.To)}
			if err := c.readAgain(ctx, part, r.To, lateUntil); err != nil {
				return err
			}
		}
	}
	c.lookBack.all = false
	c.lookBack.done(head)
	if lists && !c.silent.missing {
		return c.confirm(ctx, head, false) // the site has shown that it still lists that record
	}
	return nil
}

// done notes that a look back from head is complete.
func (l *lookBack) done(head time.Time) {
	l.head, l.next = head, time.Now().Add(maxLookDelay)
}

// readAgain reads r, in one piece if possible. Records up to head may become the newest delivered.
func (c *Collector) readAgain(ctx context.Context, r timerange.Range, head, lateUntil time.Time) error {
	defer c.pieces.Unbounded()()
	for !r.To.Before(r.From) {
		w, err := c.readPiece(ctx, c.pieces.Next(r), lateUntil)
		if err != nil {
			return err
		}
		if w == nil {
			continue // too many records: the next piece is shorter
		}
		r.From = w.To.Add(timerange.Resolution)
		next := c.position
		next.Head = timerange.Later(next.Head, timerange.Earlier(w.Newest, head))
		err = c.deliver(ctx, w, next, lateUntil)
		c.windows.Release(w)
		if err != nil {
			c.lookBack.all = true
			return err
		}
	}
	return nil
}

// recent decides whether overlap holds so few records that a poll reads all of it.
type recent struct {
	few     bool
	from    time.Time // time of the newest record at the last decision
	records int64     // number delivered until then
}

// judgeWindow decides by the window of a poll, whole or cut short. The next poll will begin at
// from.
func (n *recent) judgeWindow(w *window.Window, from time.Time, records int64) {
	count := 0
	for _, r := range w.Records {
		if !r.Time.Before(from) {
			count++
		}
	}
	share := w.Fullness() * float64(count) / float64(max(len(w.Records), 1))
	all := w.Fullness() < 1 || w.Oldest.Before(from)
	*n = recent{all && 2*count < w.Page() && share < 0.5, w.Newest, records}
}

// judgeRate decides by the number of records delivered while the newest record moved on by overlap.
func (n *recent) judgeRate(head time.Time, overlap time.Duration, records int64, page int) {
	if head.Sub(n.from) > overlap {
		*n = recent{2*(records-n.records) < int64(page), head, records}
	}
}
