package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/record"
)

// read does the next due thing until ctx is done: a poll of the newest records when its time has come, else a piece of what is pending, else a
// piece of the deep rescan.
func (c *Collector) read(ctx context.Context) {
	c.begin()
	defer c.endTurn()
	defer c.dropAhead()
	for ctx.Err() == nil {
		wait := c.step(ctx)
		c.deliverNotes(ctx)
		if wait > 0 {
			c.Ready()
			c.rest()
			c.endTurn()
			// The heart beats on while a site wants to be left alone for long.
			c.await(ctx, min(wait, heartbeat), c.outages[polls].tries > 0)
		}
	}
}

// rest lets go of memory that only much reading needs: an idle site among hundreds shall cost next to nothing.
func (c *Collector) rest() {
	c.dropAhead()
	c.queue.rest()
	c.docs, c.spare, c.keys = record.Documents{}, nil, nil
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

// step does one thing, or returns how long nothing is due.
func (c *Collector) step(ctx context.Context) (wait time.Duration) {
	now := time.Now()
	if now.Before(c.hold) {
		return c.hold.Sub(now)
	}
	older := c.older(now)
	// A poll that takes as long as the interval must leave room for the rest.
	c.polledLast = !now.Before(c.nextPoll) && (older == nil || !c.polledLast)
	switch {
	case c.polledLast:
		c.try(ctx, polls, c.poll)
	case older != nil && c.mayRead():
		older(ctx)
	case older != nil:
		c.awaitTurn(ctx, min(c.nextPoll.Sub(now), heartbeat))
	default:
		return c.nextDue().Sub(now)
	}
	return 0
}

// older returns what can be done beside the polls, nil if there is nothing. While polls fail there is nothing: what is older would fail too.
func (c *Collector) older(now time.Time) func(context.Context) {
	due := func(p part) bool { return !now.Before(c.outages[p].next) }
	switch {
	case c.outages[polls].tries > 0:
		return nil
	case len(c.plan.Pending) > 0 && due(catchUps):
		return func(ctx context.Context) { c.try(ctx, catchUps, c.catchUp) }
	case c.rescanDue() && due(rescans):
		return func(ctx context.Context) { c.try(ctx, rescans, c.rescanPart) }
	case len(c.plan.Pending) > 0 && !now.Before(c.nextEnd):
		return c.catchUpEnd
	}
	return nil
}

// nextDue is when step has something to do again, if it has nothing now.
func (c *Collector) nextDue() time.Time {
	next := c.nextPoll
	if c.outages[polls].tries > 0 {
		return next
	}
	if len(c.plan.Pending) > 0 {
		next = earlier(next, c.outages[catchUps].next)
	}
	if c.rescanDue() {
		next = earlier(next, c.outages[rescans].next)
	}
	return next
}

// poll reads from overlap before the newest record delivered up to now.
func (c *Collector) poll(ctx context.Context) error {
	var w *window
	started := time.Now()
	now := c.source.Now().Truncate(time.Millisecond)
	// The newest record delivered may carry a time to come, of a node whose clock was wrong: what is recorded meanwhile must not wait for it.
	from := earlier(c.plan.Head, now).Add(-c.Overlap)
	// And it has been: a clock that says otherwise must not hide records.
	to := later(now, c.plan.Head)
	r := Range{later(c.plan.begin(), from), to}
	// A busy site has more than fits within every overlap: that is neither news nor a reason to split.
	long := r.length() > c.Overlap+4*c.PollInterval
	err := c.checkGap(ctx, to)
	if err == nil {
		w, err = c.readWindow(ctx, r)
	}
	switch {
	case errors.Is(err, errFull):
		c.width = c.width.full(w)
		if long {
			c.progress.announce(c.Log, r, fmt.Sprint("more than ", len(w.records)))
		}
		return c.polled(ctx, &window{Range: r}, c.plan.postpone(r, w.newest), started)
	case err != nil && long && temporary(err) && c.outages[polls].tries > 0:
		// Its old end alone may be what fails, after a long time away: that must not keep the newest records back.
		newest, found, failed := c.source.Newest(ctx)
		if failed != nil || !found || !newest.Time.After(c.plan.Head) {
			return err
		}
		c.progress.announce(c.Log, r, "cannot read at once all")
		return c.polled(ctx, &window{Range: r}, c.plan.postpone(r, earlier(newest.Time, r.To)), started)
	case err != nil:
		return err
	}
	next := c.plan
	next.Head = later(next.Head, w.newest)
	return c.polled(ctx, w, next, started)
}

// polled ends a poll that was complete.
func (c *Collector) polled(ctx context.Context, w *window, next Checkpoint, started time.Time) error {
	defer c.release(w)
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
	if c.API != nil {
		next.API = c.API()
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
	return c.readPending(ctx, c.width.cut(c.plan.Pending[0]))
}

// catchUpEnd reads from the other end of what is pending, while the beginning fails: the new records of a busy site, which come this way, shall
// not wait until somebody has seen to the old ones. A failure of it is not spoken of, because the beginning's was.
func (c *Collector) catchUpEnd(ctx context.Context) {
	r := c.width.cutEnd(c.plan.Pending[len(c.plan.Pending)-1])
	err := func() (err error) {
		defer c.recovered(&err)
		return c.readPending(ctx, r)
	}()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.stats.failed(err)
		c.Log.WithError(err).Debugf("read records from %s to %s", stamp(r.From), stamp(r.To))
		c.nextEnd = c.outages[catchUps].next
	case len(c.plan.Pending) == 0:
		c.worked(catchUps)
	}
}

// readPending reads a piece of what is pending.
func (c *Collector) readPending(ctx context.Context, r Range) error {
	w, err := c.readPiece(ctx, r)
	if w == nil {
		return err
	}
	defer c.release(w)
	next := c.plan.done(r)
	next.Head = later(next.Head, w.newest)
	if len(next.Pending) > 0 && c.outages[catchUps].tries == 0 {
		c.readAhead(ctx, c.width.cut(next.Pending[0]))
	}
	if err := c.deliver(ctx, w, next, time.Time{}); err != nil {
		return err
	}
	c.progress.report(c.Log, w, next.Pending)
	return nil
}

// readPiece reads r and learns from it how long the next piece may be. Without an error, no window means that r was too long.
func (c *Collector) readPiece(ctx context.Context, r Range) (*window, error) {
	w, err, ok := c.takeAhead(r)
	if !ok {
		w, err = c.readWindow(ctx, r)
	}
	switch {
	case errors.Is(err, errFull):
		c.width = c.width.full(w)
		c.release(w)
		return nil, nil
	case err != nil:
		c.width = c.width.failed(r)
		return nil, err
	}
	c.width = c.width.read(w)
	return w, nil
}

func (c *Collector) rescanDue() bool {
	since := c.source.Now().Sub(c.plan.Rescanned)
	return c.rescan != (Range{}) || since >= c.RescanInterval || since < 0 // the clock was wrong then, or is now
}

// rescanPart reads the next piece of the deep rescan, which looks for records that were inserted further back than overlap.
func (c *Collector) rescanPart(ctx context.Context) error {
	now := c.source.Now().Truncate(time.Millisecond)
	if c.rescan == (Range{}) {
		c.rescan = Range{now.Add(-c.RescanWindow), c.plan.Head.Add(-c.Overlap)}
	}
	next := c.plan
	// One that was held up for long must not ask for what has been forgotten meanwhile.
	c.rescan.From = later(c.rescan.From, c.plan.begin())
	if !c.rescan.From.Before(c.rescan.To) {
		c.rescan, next.Rescanned = Range{}, now
		return c.deliver(ctx, &window{}, next, time.Time{})
	}
	w, err := c.readPiece(ctx, c.width.cut(c.rescan))
	if w == nil {
		return err
	}
	defer c.release(w)
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
