package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/timerange"
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
			c.freeMemory()
			c.endSlot()
			// Heartbeats continue during a long wait that the site asked for.
			c.await(ctx, min(wait, heartbeat))
		}
	}
}

// freeMemory frees the memory that only a busy collector needs: hundreds of idle sites must cost
// little.
func (c *Collector) freeMemory() {
	c.ahead.Drop()
	c.outbox.Rest()
	c.windows.Rest()
	c.docs, c.identities = document.Documents{}, identities{}
}

// begin logs where the run continues.
func (c *Collector) begin() {
	now := time.Now()
	c.lastNew, c.notes.lastBeat, c.rescan.done, c.futureRead = now, now, now, now
	if !c.firstRun {
		c.earlierRun = c.position.Head
		c.Log.Infof("goes on with records after %s", stamp(c.position.Head))
		c.Note(Started, "goes on with records after "+stamp(c.position.Head))
		if p := c.position.Pending; len(p) > 0 {
			c.Log.Infof("goes on with the catch-up at %s, to %s", stamp(p[0].From), stamp(p[len(p)-1].To))
			c.progress = progress{started: time.Now(), logged: time.Now(), from: p[0].From}
		}
		return
	}
	c.Log.Infof("first run: begins with records of %s", stamp(c.position.Origin))
	c.Note(Started, "first run: begins with records of "+stamp(c.position.Origin))
}

// step does one thing, or returns how long to wait until something is due.
func (c *Collector) step(ctx context.Context) (wait time.Duration) {
	now := time.Now()
	if now.Before(c.holdUntil) {
		return c.holdUntil.Sub(now)
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
	case len(c.position.Pending) > 0 && due(catchUps):
		return func(ctx context.Context) { c.try(ctx, catchUps, c.catchUp) }
	case c.rescanDue() && due(rescans):
		return func(ctx context.Context) { c.try(ctx, rescans, c.rescanPart) }
	case len(c.position.Pending) > 0 && !now.Before(c.nextEnd):
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
	if len(c.position.Pending) > 0 {
		next = timerange.Earlier(next, c.outages[catchUps].next)
	}
	if c.rescanDue() {
		next = timerange.Earlier(next, c.outages[rescans].next)
	}
	return next
}

// stamp writes a time as the log shows it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
