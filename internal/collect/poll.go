package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/window"
)

// A poll reads what is new, and looks back for what has appeared late since overlap before the
// newest record delivered. Where all of it is clearly less than a page, that is one reading. Where
// it is more, only what is new is read, and the source is asked what has changed before that: what
// a poll costs does not depend on how much lies within overlap.

// maxLookDelay is how long the look back waits for a catch-up, which it would only hold up.
const maxLookDelay = time.Minute

// longestInterval is how far apart short polls are while there is a catch-up.
const longestInterval = 10 * time.Second

// poll reads from overlap before the newest record delivered up to now.
func (c *Collector) poll(ctx context.Context) error {
	started := time.Now()
	first := c.polledTo.IsZero()
	now := c.now()
	end, err := c.end(ctx)
	if err != nil {
		return err
	}
	all, fresh := c.plot(now, end)
	whole := first || c.recent.few
	r := fresh
	if whole {
		r = all
	}
	// A busy site has more than fits within every overlap: that is neither news nor a reason to
	// split.
	long := r.Length() > c.Overlap+4*c.PollInterval
	err = c.checkGap(ctx, r.To)
	var w *window.Window
	if err == nil {
		w, err = c.readWindow(ctx, r)
	}
	next := c.plan
	if errors.Is(err, window.ErrFull) {
		c.pieces.Full(w)
		c.recent.read(w, window.Earlier(w.Newest, now).Add(-c.Overlap), c.stats.Records.Load())
		if whole = first; !first && w.Since(fresh.From) {
			err = nil // what is new is all there
		}
	}
	switch {
	case errors.Is(err, window.ErrFull):
		if long {
			c.progress.announce(c.Log, r, fmt.Sprint("more than ", len(w.Records)))
		}
		if !first {
			next = next.Missed(fresh) // also where the newest record delivered is of a time to come
		}
		next = next.Postpone(fresh, window.Earlier(w.Newest, r.To))
		c.windows.Release(w)
		w = c.windows.New(r)
	case err != nil && long && temporary(err) && c.outages[polls].tries > 0:
		// Its old end alone may be what fails, after a long time away: that must not keep the
		// newest records back.
		newest, found, failed := c.source.Newest(ctx)
		if failed != nil || !found || !newest.Time.After(c.plan.Head) {
			return err
		}
		c.progress.announce(c.Log, r, "cannot read at once all")
		next = next.Postpone(r, window.Earlier(newest.Time, r.To))
		w = c.windows.New(r)
	case err != nil:
		return err
	default:
		next.Head = window.Later(next.Head, window.Earlier(w.Newest, r.To))
		if whole {
			c.recent.read(w, window.Earlier(w.Newest, now).Add(-c.Overlap), c.stats.Records.Load())
		}
	}
	defer c.windows.Release(w)
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
	if c.CloudID != nil {
		next.CloudID = cmp.Or(c.CloudID(), next.CloudID)
	}
	if err := c.deliver(ctx, w, next, lateUntil); err != nil {
		c.doubt = true
		return err
	}
	before, looked := c.polledTo, c.looked
	// Where the next one goes on: after the newest record, unless that is of a time to come.
	if c.polledTo = now; !c.plan.Head.After(window.Later(now, time.Now())) {
		c.polledTo = window.Later(now, c.plan.Head)
	}
	if whole {
		c.lookedBack(next.Head)
		if !w.Newest.IsZero() {
			if err := c.confirm(ctx, w.Newest, false); err != nil {
				return err
			}
		}
	} else if err := c.readLate(ctx, window.Range{From: all.From, To: fresh.From.Add(-window.Narrowest)}, lateUntil); err != nil {
		return err
	}
	if err := c.probeSilence(ctx, first); err != nil {
		c.polledTo, c.looked = before, looked
		return err
	}
	interval := c.PollInterval
	if len(c.plan.Pending) > 0 {
		// Polls that take long shall not take the time of the catch-up.
		interval = max(interval, min(20*time.Since(started), longestInterval))
	}
	c.nextPoll = started.Add(interval)
	c.stats.Polled.Store(w.To.UnixMilli())
	c.lookAhead(ctx, end)
	return nil
}

// lookAheadEvery is how often the site is asked for records of a time to come, which no poll asks
// for.
const lookAheadEvery = time.Hour

// endOfTime is the last that servers can be asked for.
var endOfTime = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// lookAhead delivers records of a time to come, which a node of the site wrote whose clock was
// wrong. They say nothing about what else is there: the polls go on where they were. That it fails
// is no outage.
func (c *Collector) lookAhead(ctx context.Context, end time.Time) {
	if time.Since(c.lookedAhead) < lookAheadEvery {
		return
	}
	c.lookedAhead = time.Now()
	site, ours, _ := c.clocks()
	before := c.stats.Records.Load()
	err := c.readAgain(ctx, window.Range{From: window.Later(end, window.Later(site, ours)).Add(disagreement), To: endOfTime}, c.plan.Head, time.Time{})
	if n := c.stats.Records.Load() - before; n > 0 {
		c.Log.Warnf("%d records have a time to come; delivered: the clock of the server that wrote them was wrong, have it set (NTP)", n)
	}
	if err != nil {
		c.Log.WithError(err).Debug("look for records of a time to come")
	}
}

// plot returns what a poll up to end has to know of, and the end of it that no poll has read.
func (c *Collector) plot(now, end time.Time) (all, fresh window.Range) {
	// The newest record delivered may carry a time to come, of a node whose clock was wrong: what
	// is recorded meanwhile must not wait for it.
	from := window.Earlier(c.plan.Head, now)
	// A look back that was put off makes up for it.
	if !c.looked.IsZero() {
		from = window.Earlier(from, c.looked)
	}
	all = window.Range{From: window.Later(c.plan.Begin(), from.Add(-c.Overlap)), To: end}
	return all, window.Range{From: window.Earlier(window.Later(all.From, c.polledTo.Add(window.Narrowest)), all.To), To: all.To}
}

// readLate looks back: it reads again what has changed of r, where nothing is still to be read
// anyway.
func (c *Collector) readLate(ctx context.Context, r window.Range, lateUntil time.Time) error {
	head := c.plan.Head
	c.recent.pass(head, c.Overlap, c.stats.Records.Load(), c.windows.Page())
	if len(c.plan.Pending) > 0 && time.Now().Before(c.nextLook) {
		return nil
	}
	lists := false // what was delivered, and not just nothing where there was nothing
	for _, r := range c.plan.Apart(r) {
		lists = lists || head.After(c.plan.Origin) && !head.Before(r.From) && !head.After(r.To)
		changed, err := []atlassian.Span{{From: r.From, To: r.To}}, error(nil)
		if !c.doubt {
			changed, err = c.source.Changed(ctx, r.From, r.To)
		}
		if err != nil {
			return err
		}
		for _, span := range changed {
			if err := c.readAgain(ctx, window.Range{From: window.Later(r.From, span.From), To: window.Earlier(r.To, span.To)}, r.To, lateUntil); err != nil {
				return err
			}
		}
	}
	c.doubt = false
	c.lookedBack(head)
	if lists && !c.silent.missing {
		return c.confirm(ctx, head, false) // the site has shown that it lists what it had
	}
	return nil
}

// lookedBack notes that there is nothing late before overlap before head.
func (c *Collector) lookedBack(head time.Time) {
	c.looked, c.nextLook = head, time.Now().Add(maxLookDelay)
}

// readAgain reads r, at once if that can be. Records up to head are the newest delivered from then
// on.
func (c *Collector) readAgain(ctx context.Context, r window.Range, head, lateUntil time.Time) error {
	defer c.pieces.Unbounded()()
	for !r.To.Before(r.From) {
		w, err := c.readPiece(ctx, c.pieces.Next(r), lateUntil)
		if err != nil {
			return err
		}
		if w == nil {
			continue // it was too much at once
		}
		r.From = w.To.Add(window.Narrowest)
		next := c.plan
		next.Head = window.Later(next.Head, window.Earlier(w.Newest, head))
		err = c.deliver(ctx, w, next, lateUntil)
		c.windows.Release(w)
		if err != nil {
			c.doubt = true
			return err
		}
	}
	return nil
}

// recent tells whether overlap holds so little that a poll may read all of it.
type recent struct {
	few     bool
	from    time.Time // of the newest record when that was last judged
	records int64     // delivered until then
}

// read judges by what a poll has read, all or the newest part, and from where on the next will ask.
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

// pass judges by how much was delivered while the newest record moved on by overlap.
func (n *recent) pass(head time.Time, overlap time.Duration, records int64, page int) {
	if head.Sub(n.from) > overlap {
		*n = recent{2*(records-n.records) < int64(page), head, records}
	}
}

// correctStart moves the start of a first run, which this machine's clock has set, to where the
// clock of the site would have: one that is ahead must not lose the first records. It reports
// whether the poll has to be done again.
func (c *Collector) correctStart() bool {
	c.firstRun = false
	behind := time.Until(c.source.Now())
	if c.Start.IsZero() || behind > -time.Second {
		return false
	}
	c.Log.Warnf("this machine's clock is %s ahead of the site's: begins as much earlier; set the clock (NTP), unless it is the site's that is wrong", -behind.Round(time.Second))
	c.clocksSaid = time.Now()
	c.plan.Origin = c.plan.Origin.Add(behind)
	c.plan.Head, c.plan.Watermark = c.plan.Origin, time.Time{}
	c.plan = c.plan.Advanced()
	return true
}
