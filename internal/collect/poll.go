package collect

import (
	"cmp"
	"context"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// A poll reads new records and looks back for late ones, from overlap before the newest record
// delivered. If all of that is clearly less than a page, the poll reads it in one window. If it is
// more, the poll reads only the new part and asks the source what has changed in the rest. So the
// cost of a poll does not depend on how many records lie within overlap.

// maxLookDelay is how long the look back waits for a catch-up, which it would slow down.
const maxLookDelay = time.Minute

// longestInterval bounds the interval of polls that was made longer for a catch-up.
const longestInterval = 10 * time.Second

// poll reads from overlap before the newest record delivered up to now. After a kill within it, the
// next run reads the same again.
func (c *Collector) poll(ctx context.Context) error {
	started, now := time.Now(), c.now()
	end, err := c.end(ctx)
	if err != nil {
		return err
	}
	r := c.plot(now, end)
	w, next, err := c.readRound(ctx, &r)
	if err != nil {
		return err
	}
	defer c.windows.Release(w)
	if r.first && c.firstRun && c.correctStart() {
		return nil
	}
	if err := c.deliver(ctx, w, c.noted(next, w.To), r.late); err != nil {
		c.rereadAll = true
		return err
	}
	before, looked := c.polledTo, c.looked
	// The next poll continues after the newest record, unless that has a future time.
	if c.polledTo = now; !c.plan.Head.After(timerange.Later(now, time.Now())) {
		c.polledTo = timerange.Later(now, c.plan.Head)
	}
	if err := c.lookForLate(ctx, r, w, next.Head); err != nil {
		return err
	}
	if err := c.probeSilence(ctx, r.first); err != nil {
		c.polledTo, c.looked = before, looked
		return err
	}
	c.nextPoll = started.Add(c.interval(time.Since(started)))
	c.stats.Polled.Store(w.To.UnixMilli())
	c.readFuture(ctx, end)
	return nil
}

// noted returns the checkpoint with what a poll up to a time has learned of the site.
func (c *Collector) noted(next outbox.Checkpoint, to time.Time) outbox.Checkpoint {
	// An idle site must not cost a write to the disk at each poll.
	if d := to.Sub(next.Polled); d >= time.Hour || d < 0 {
		next.Polled = to
	}
	if c.API != nil {
		next.API = c.API()
	}
	if c.CloudID != nil {
		next.CloudID = cmp.Or(c.CloudID(), next.CloudID)
	}
	return next
}

// lookForLate looks back for late records, unless the window of the poll has shown them already.
func (c *Collector) lookForLate(ctx context.Context, r round, w *window.Window, head time.Time) error {
	if !r.whole {
		return c.readLate(ctx, timerange.Range{From: r.all.From, To: r.fresh.From.Add(-timerange.Resolution)}, r.late)
	}
	c.lookedBack(head)
	if w.Newest.IsZero() {
		return nil
	}
	return c.confirm(ctx, w.Newest, false)
}

// interval returns the time from one poll to the next, after one that took so long. Slow polls must
// leave time for the catch-up.
func (c *Collector) interval(took time.Duration) time.Duration {
	if len(c.plan.Pending) == 0 {
		return c.PollInterval
	}
	return max(c.PollInterval, min(20*took, longestInterval))
}

// futureEvery is how often the site is asked for records with a future time, which no poll reads.
const futureEvery = time.Hour

// endOfTime is the latest time that servers can be asked for.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// readFuture delivers records with a future time. A node of the site with a wrong clock wrote them.
// They do not move the polls ahead. A failure is no outage, and is tried again after an hour.
func (c *Collector) readFuture(ctx context.Context, end time.Time) {
	if time.Since(c.futureRead) < futureEvery {
		return
	}
	c.futureRead = time.Now()
	site, ours, _ := c.clocks()
	before := c.stats.Records.Load()
	err := c.readAgain(ctx, timerange.Range{From: timerange.Later(end, timerange.Later(site, ours)).Add(disagreement), To: endOfTime}, c.plan.Head, time.Time{})
	if n := c.stats.Records.Load() - before; n > 0 {
		c.Log.Warnf("%d records have a future time and were delivered: set the clock of the server that wrote them (NTP)", n)
	}
	if err != nil {
		c.Log.WithError(err).Debug("look for records with a future time")
	}
}

// readLate looks back: it reads again what has changed in r. It leaves out pending ranges, which
// will be read anyway.
func (c *Collector) readLate(ctx context.Context, r timerange.Range, lateUntil time.Time) error {
	head := c.plan.Head
	c.recent.pass(head, c.Overlap, c.stats.Records.Load(), c.windows.Page())
	if len(c.plan.Pending) > 0 && time.Now().Before(c.nextLook) {
		return nil
	}
	lists := false // the ranges read include the newest record delivered
	for _, r := range c.plan.Apart(r) {
		lists = lists || head.After(c.plan.Origin) && r.Contains(head)
		changed, err := []timerange.Range{r}, error(nil)
		if !c.rereadAll {
			changed, err = c.source.Changed(ctx, r.From, r.To)
		}
		if err != nil {
			return err
		}
		for _, span := range changed {
			if err := c.readAgain(ctx, timerange.Range{From: timerange.Later(r.From, span.From), To: timerange.Earlier(r.To, span.To)}, r.To, lateUntil); err != nil {
				return err
			}
		}
	}
	c.rereadAll = false
	c.lookedBack(head)
	if lists && !c.silent.missing {
		return c.confirm(ctx, head, false) // the site has shown that it still lists that record
	}
	return nil
}

// lookedBack notes that a look back from head is complete.
func (c *Collector) lookedBack(head time.Time) {
	c.looked, c.nextLook = head, time.Now().Add(maxLookDelay)
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
		next := c.plan
		next.Head = timerange.Later(next.Head, timerange.Earlier(w.Newest, head))
		err = c.deliver(ctx, w, next, lateUntil)
		c.windows.Release(w)
		if err != nil {
			c.rereadAll = true
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

// read decides by the window of a poll, whole or cut short. The next poll will begin at from.
func (n *recent) read(w *window.Window, from time.Time, records int64) {
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

// pass decides by the number of records delivered while the newest record moved on by overlap.
func (n *recent) pass(head time.Time, overlap time.Duration, records int64, page int) {
	if head.Sub(n.from) > overlap {
		*n = recent{2*(records-n.records) < int64(page), head, records}
	}
}

// correctStart moves the start of a first run from this machine's time to the site's time: if our
// clock is ahead, the first records must not be lost. It reports whether the poll has to run again.
func (c *Collector) correctStart() bool {
	c.firstRun = false
	behind := time.Until(c.source.Now())
	if c.Start.IsZero() || behind > -time.Second {
		return false
	}
	c.Log.Warnf("this machine's clock is %s ahead of the site's: begins as much earlier; set the clock (NTP), unless it is the site's that is wrong", -behind.Round(time.Second))
	c.clocksLogged = time.Now()
	c.plan.Origin = c.plan.Origin.Add(behind)
	c.plan.Head, c.plan.Watermark = c.plan.Origin, time.Time{}
	c.plan = c.plan.Advanced()
	return true
}
