package collect

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// read runs until ctx is done. It does what is due next: a poll, else a piece of the pending
// ranges, else a piece of the deep rescan.
func (c *Collector) read(ctx context.Context) {
	c.begin()
	defer c.endSlot()
	defer c.ahead.Drop()
	for ctx.Err() == nil {
		wait := c.step(ctx)
		c.deliverNotes(ctx)
		if wait > 0 {
			c.Ready()
			c.rest()
			c.endSlot()
			// Heartbeats continue during a long wait that the site asked for.
			c.await(ctx, min(wait, heartbeat), c.outages[polls].tries > 0)
		}
	}
}

// rest frees the memory that only a busy collector needs: hundreds of idle sites must cost little.
func (c *Collector) rest() {
	c.ahead.Drop()
	c.outbox.Rest()
	c.windows.Rest()
	c.docs, c.identities = document.Documents{}, identities{}
}

// begin logs where the run continues.
func (c *Collector) begin() {
	now := time.Now()
	c.lastNew, c.notes.lastBeat, c.rescanned, c.futureRead = now, now, now, now
	if !c.firstRun {
		c.earlierRun = c.plan.Head
		c.Log.Infof("goes on with records after %s", stamp(c.plan.Head))
		c.Note(Started, "goes on with records after "+stamp(c.plan.Head))
		if p := c.plan.Pending; len(p) > 0 {
			c.Log.Infof("goes on with the catch-up at %s, to %s", stamp(p[0].From), stamp(p[len(p)-1].To))
			c.progress = progress{started: time.Now(), logged: time.Now(), from: p[0].From}
		}
		return
	}
	c.Log.Infof("first run: begins with records of %s", stamp(c.plan.Origin))
	c.Note(Started, "first run: begins with records of "+stamp(c.plan.Origin))
}

// step does one thing, or returns how long to wait until something is due.
func (c *Collector) step(ctx context.Context) (wait time.Duration) {
	now := time.Now()
	if now.Before(c.hold) {
		return c.hold.Sub(now)
	}
	older := c.older(now)
	// If a poll takes as long as the interval, older ranges are read between two polls.
	c.polledLast = !now.Before(c.nextPoll) && (older == nil || !c.polledLast)
	switch {
	case c.polledLast:
		c.try(ctx, polls, c.poll)
	case older != nil && c.mayRead():
		older(ctx)
	case older != nil:
		c.awaitSlot(ctx, min(c.nextPoll.Sub(now), heartbeat))
	default:
		return c.nextDue().Sub(now)
	}
	return 0
}

// older returns what is to be done beside the polls, nil if there is nothing. While polls fail it
// returns nil: older ranges would fail too.
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

// nextDue returns when step has something to do again, if nothing is due now.
func (c *Collector) nextDue() time.Time {
	next := c.nextPoll
	if c.outages[polls].tries > 0 {
		return next
	}
	if len(c.plan.Pending) > 0 {
		next = timerange.Earlier(next, c.outages[catchUps].next)
	}
	if c.rescanDue() {
		next = timerange.Earlier(next, c.outages[rescans].next)
	}
	return next
}

// catchUp reads the next piece of the pending ranges.
func (c *Collector) catchUp(ctx context.Context) error {
	r, w, err := c.takePiece(ctx, c.nextPending(c.plan), time.Time{}, func() { c.keepPending(ctx, c.plan) })
	if w == nil {
		return err
	}
	return c.deliverPending(ctx, r, w)
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
	r := c.pieces.Last(c.plan.Pending[len(c.plan.Pending)-1])
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
	case len(c.plan.Pending) == 0:
		c.worked(catchUps)
	}
}

// deliverPending delivers the window of r, a piece of the pending ranges.
func (c *Collector) deliverPending(ctx context.Context, r timerange.Range, w *window.Window) error {
	defer c.windows.Release(w)
	next := c.plan.Done(r)
	next.Head = timerange.Later(next.Head, timerange.Earlier(w.Newest, r.To))
	next = next.Advanced()
	if w.Total() == 0 {
		c.emptyPiece(r)
	}
	// then nothing more is read ahead: confirm asks
	asksAgain := w.Total() > 0 && len(c.silent.unproven) > 0
	if len(next.Pending) > 0 && c.outages[catchUps].tries == 0 && !asksAgain {
		c.pieces.Forget(next.Pending[0].From)
		c.keepPending(ctx, next)
	}
	if err := c.deliver(ctx, w, next, time.Time{}); err != nil {
		return err
	}
	c.stats.Estimate.Store(c.progress.report(c.Log, w, next.Pending).Milliseconds())
	if w.Oldest.IsZero() {
		return nil
	}
	c.silent.oldest, c.silent.newest = w.Oldest, w.Newest
	if err := c.confirm(ctx, w.Oldest, true); err != nil {
		c.unread() // so that the range is tried again
		return err
	}
	return nil
}

// readPiece reads r and learns how long the next piece may be. If both results are nil, r was too
// long.
func (c *Collector) readPiece(ctx context.Context, r timerange.Range, lateUntil time.Time) (*window.Window, error) {
	if r.Length() <= timerange.Resolution {
		w, err := c.readStream(ctx, r, lateUntil)
		return c.learn(r, w, err)
	}
	w, err := c.readWindow(ctx, r)
	return c.learn(r, w, err)
}

// learn learns from a piece that was read. Its results are those of readPiece.
func (c *Collector) learn(r timerange.Range, w *window.Window, err error) (*window.Window, error) {
	switch {
	case errors.Is(err, window.ErrFull):
		c.pieces.Full(w)
		c.windows.Release(w)
		return nil, nil
	case err != nil:
		c.pieces.Failed(r)
		return nil, err
	}
	c.pieces.Read(w)
	return w, nil
}

func (c *Collector) rescanDue() bool {
	since := c.now().Sub(c.plan.Rescanned)
	// Both clocks count, because either may be wrong or may have been wrong.
	return c.rescan != (timerange.Range{}) || since >= c.RescanInterval || since < 0 || time.Since(c.rescanned) >= c.RescanInterval
}

// rescanPart reads the next piece of the deep rescan, which looks for records that appeared late
// and further back than overlap.
func (c *Collector) rescanPart(ctx context.Context) error {
	now := c.now()
	if c.rescan == (timerange.Range{}) {
		c.rescan = timerange.Range{From: now.Add(-c.RescanWindow), To: c.plan.Head.Add(-c.Overlap)}
	}
	next := c.plan
	// After a long delay the rescan must not read ranges whose fingerprints were forgotten since.
	c.rescan.From = timerange.Later(c.rescan.From, c.plan.Begin())
	if !c.rescan.From.Before(c.rescan.To) {
		c.rescan, c.rescanned, next.Rescanned = timerange.Range{}, time.Now(), now
		return c.deliver(ctx, &window.Window{}, next, time.Time{})
	}
	r, w, err := c.takePiece(ctx, c.rescan, c.rescan.To, func() { c.keepRescan(ctx, c.rescan) })
	if w == nil {
		return err
	}
	defer c.windows.Release(w)
	if left := (timerange.Range{From: r.To.Add(timerange.Resolution), To: c.rescan.To}); left.From.Before(left.To) {
		c.keepRescan(ctx, left)
	}
	late := c.stats.Late.Load()
	if err := c.deliver(ctx, w, next, w.To); err != nil {
		return err
	}
	c.rescan.From = w.To.Add(time.Millisecond)
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
