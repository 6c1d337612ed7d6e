package collect

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/confluence"
)

// read does the next due thing until ctx is done: a poll of the newest records when its time has come, else a piece of what is pending, else a
// piece of the deep rescan.
func (c *Collector) read(ctx context.Context) {
	c.begin()
	for ctx.Err() == nil {
		wait, err := c.step(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.stats.failed(err)
			wait = c.outage.failed(c, time.Now(), err)
		} else {
			c.stats.Failing.Store(false)
			c.outage.over(c, time.Now())
		}
		c.deliverNotes(ctx)
		if wait > 0 {
			c.Ready()
			refusal, ok := errors.AsType[*confluence.Error](err)
			c.await(ctx, wait, ok && !refusal.Temporary())
		}
	}
}

// begin says where the run goes on.
func (c *Collector) begin() {
	c.lastNew, c.notes.lastBeat = time.Now(), time.Now()
	if !c.firstRun {
		c.Log.Infof("goes on with records after %s", stamp(c.plan.Head))
		c.Note(Started, "goes on with records after "+stamp(c.plan.Head))
		if p := c.plan.Pending; len(p) > 0 {
			c.Log.Infof("goes on with the catch-up at %s, to %s", stamp(p[0].From), stamp(p[len(p)-1].To))
			c.progress = progress{started: time.Now(), said: time.Now(), from: p[0].From}
		}
		return
	}
	c.Log.Infof("first run: begins with records of %s", stamp(c.plan.Origin))
	c.Note(Started, "first run: begins with records of "+stamp(c.plan.Origin))
}

// step does one thing and returns how long nothing else is due.
func (c *Collector) step(ctx context.Context) (wait time.Duration, err error) {
	defer c.recovered(&err)
	// A poll that takes as long as the interval must leave room for the rest.
	turn := c.polledLast && (len(c.plan.Pending) > 0 || c.rescanDue())
	c.polledLast = false
	switch {
	case !turn && !time.Now().Before(c.nextPoll):
		c.polledLast = true
		return 0, c.poll(ctx)
	case len(c.plan.Pending) > 0:
		return 0, c.catchUp(ctx)
	case c.rescanDue():
		return 0, c.rescanPart(ctx)
	}
	return time.Until(c.nextPoll), nil
}

// poll reads from overlap before the newest record delivered up to now.
func (c *Collector) poll(ctx context.Context) error {
	started := time.Now()
	now := c.source.Now().Truncate(time.Millisecond)
	// The newest record delivered may carry a time to come, of a node whose clock was wrong: what is recorded meanwhile must not wait for it.
	from := earlier(c.plan.Head, now).Add(-c.Overlap)
	// And it has been: a clock that says otherwise must not hide records.
	to := later(now, c.plan.Head)
	r := Range{later(c.plan.Origin, from), to}
	if err := c.checkGap(ctx, to); err != nil {
		return err
	}
	w, err := readWindow(ctx, c.source, r)
	if errors.Is(err, errFull) {
		c.width = c.width.full(w)
		next := c.plan.postpone(r, w.newest)
		// A busy site has more than fits within every overlap: that is no news.
		if r.length() > c.Overlap+4*c.PollInterval {
			c.progress.announce(c.Log, r, len(w.records))
		}
		return c.polled(ctx, &window{Range: r}, next, started)
	}
	if err != nil {
		return err
	}
	next := c.plan
	next.Head = later(next.Head, w.newest)
	return c.polled(ctx, w, next, started)
}

// polled ends a poll that was complete.
func (c *Collector) polled(ctx context.Context, w *window, next Checkpoint, started time.Time) error {
	first := c.polledTo.IsZero()
	if first && c.firstRun && c.correctStart() {
		return nil
	}
	lateUntil := c.polledTo
	if first && c.plan.Head.After(c.plan.Origin) {
		lateUntil = c.plan.Head
	}
	// An idle site shall cost no disk write at each poll.
	if d := w.To.Sub(next.Polled); d >= time.Hour || d < 0 {
		next.Polled = w.To
	}
	if err := c.deliver(ctx, w, next, lateUntil); err != nil {
		return err
	}
	c.polledTo = w.To
	c.nextPoll = started.Add(c.PollInterval)
	c.stats.Polled.Store(w.To.UnixMilli())
	return c.probeSilence(ctx, first)
}

// correctStart moves the start of a first run, which this machine's clock has set, to where the clock of the site would have: one that is ahead
// must not lose the first records. It reports whether the poll has to be done again.
func (c *Collector) correctStart() bool {
	c.firstRun = false
	behind := time.Until(c.source.Now())
	if c.Start.IsZero() || behind > -time.Second {
		return false
	}
	c.Log.Warnf("this machine's clock is %s ahead of the site's: begins as much earlier; set the clock (NTP)", -behind.Round(time.Second))
	c.plan.Origin = c.plan.Origin.Add(behind)
	c.plan.Head = c.plan.Origin
	return true
}

// catchUp reads the next piece of the oldest pending range.
func (c *Collector) catchUp(ctx context.Context) error {
	pending := c.plan.Pending[0]
	w, err := readWindow(ctx, c.source, c.width.cut(pending))
	if errors.Is(err, errFull) {
		c.width = c.width.full(w)
		return nil
	}
	if err != nil {
		return err
	}
	c.width = c.width.read(w)
	next := c.plan.done(w.To)
	next.Head = later(next.Head, w.newest)
	if err := c.deliver(ctx, w, next, time.Time{}); err != nil {
		return err
	}
	c.progress.report(c.Log, w, next.Pending)
	return nil
}

func (c *Collector) rescanDue() bool {
	since := c.source.Now().Sub(c.plan.Rescanned)
	return c.rescan != (Range{}) || since >= c.RescanInterval || since < 0 // the clock was wrong then, or is now
}

// rescanPart reads the next piece of the deep rescan, which looks for records that were inserted further back than overlap.
func (c *Collector) rescanPart(ctx context.Context) error {
	now := c.source.Now().Truncate(time.Millisecond)
	if c.rescan == (Range{}) {
		c.rescan = Range{later(c.plan.Origin, now.Add(-c.RescanWindow)), c.plan.Head.Add(-c.Overlap)}
	}
	next := c.plan
	// One that was held up for long must not ask for what has been forgotten meanwhile.
	c.rescan.From = later(c.rescan.From, c.horizon(c.plan))
	if !c.rescan.From.Before(c.rescan.To) {
		c.rescan, next.Rescanned = Range{}, now
		return c.deliver(ctx, &window{}, next, time.Time{})
	}
	w, err := readWindow(ctx, c.source, c.width.cut(c.rescan))
	if errors.Is(err, errFull) {
		c.width = c.width.full(w)
		return nil
	}
	if err != nil {
		return err
	}
	c.width = c.width.read(w)
	c.rescan.From = w.To.Add(time.Millisecond)
	late := c.stats.Late.Load()
	if err := c.deliver(ctx, w, next, w.To); err != nil {
		return err
	}
	if n := c.stats.Late.Load() - late; n > 0 {
		c.Log.Infof("deep rescan: %d records between %s and %s had appeared late; delivered", n, stamp(w.From), stamp(w.To))
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// stamp writes a time as the log shows it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
