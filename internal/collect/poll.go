package collect

import (
	"cmp"
	"context"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// A poll reads new records and looks back for late ones, from overlap before the newest record
// delivered. If all of that is clearly less than a page, the poll reads it in one window. If it is
// more, the poll reads only the new part and asks the source what has changed in the rest. So the
// cost of a poll does not depend on how many records lie within overlap.

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
	r := c.planRound(now, end)
	w, next, err := c.readRound(ctx, &r)
	if err != nil {
		return err
	}
	defer c.windows.Release(w)
	if r.first && c.firstRun && c.correctStart() {
		return nil
	}
	if err := c.deliver(ctx, w, c.afterPoll(next, w.To), r.late); err != nil {
		c.lookBack.all = true
		return err
	}
	before, looked := c.polledTo, c.lookBack.head
	// The next poll continues after the newest record, unless that has a future time.
	if c.polledTo = now; !c.position.Head.After(timerange.Later(now, time.Now())) {
		c.polledTo = timerange.Later(now, c.position.Head)
	}
	if err := c.lookForLate(ctx, r, w, next.Head); err != nil {
		return err
	}
	if err := c.probeSilence(ctx, r.first); err != nil {
		c.polledTo, c.lookBack.head = before, looked
		return err
	}
	c.nextPoll = started.Add(c.interval(time.Since(started)))
	c.stats.Polled.Store(w.To.UnixMilli())
	c.readFuture(ctx, end)
	return nil
}

// afterPoll returns the checkpoint with what a poll up to a time has learned of the site.
func (c *Collector) afterPoll(next outbox.Checkpoint, to time.Time) outbox.Checkpoint {
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

// interval returns the time from one poll to the next, after one that took so long. Slow polls must
// leave time for the catch-up.
func (c *Collector) interval(took time.Duration) time.Duration {
	if len(c.position.Pending) == 0 {
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
	err := c.readAgain(ctx, timerange.Range{From: timerange.Later(end, timerange.Later(site, ours)).Add(disagreement), To: endOfTime}, c.position.Head, time.Time{})
	if n := c.stats.Records.Load() - before; n > 0 {
		c.Log.Warnf("%d records have a future time and were delivered: set the clock of the server that wrote them (NTP)", n)
	}
	if err != nil {
		c.Log.WithError(err).Debug("look for records with a future time")
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
	if behind < -coarse {
		c.Log.Warnf("this machine's clock is %s ahead of the site's: begins as much earlier; set the clock (NTP), unless it is the site's that is wrong", -behind.Round(time.Second))
		c.clocksLogged = time.Now()
	}
	c.position.Origin = c.position.Origin.Add(behind)
	c.position.Head, c.position.Watermark = c.position.Origin, time.Time{}
	c.position = c.position.Advanced()
	return true
}
