package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// A round is what one poll reads.
type round struct {
	first bool            // of this run
	now   time.Time       // at the site, when the round began
	all   timerange.Range // from overlap before the newest record delivered
	fresh timerange.Range // the part of all that no poll has read yet
	whole bool            // all is read in one window; else only fresh is
	late  time.Time       // a record up to then has appeared late
}

// asked returns the range that is read in one window.
func (r *round) asked() timerange.Range {
	if r.whole {
		return r.all
	}
	return r.fresh
}

// planRound returns what a poll up to end reads.
func (c *Collector) planRound(now, end time.Time) round {
	r := round{first: c.polledTo.IsZero(), now: now, late: c.polledTo}
	r.whole = r.first || c.lookBack.recent.few
	if r.first && c.position.Head.After(c.position.Origin) {
		r.late = c.position.Head
	}
	// The newest record delivered may have a future time, from a node with a wrong clock: records
	// written until then must not wait.
	from := timerange.Earlier(c.position.Head, now)
	// If the last look back was put off, this one covers its range too.
	if !c.lookBack.head.IsZero() {
		from = timerange.Earlier(from, c.lookBack.head)
	}
	r.all = timerange.Range{From: timerange.Later(c.position.Begin(), from.Add(-c.Overlap)), To: end}
	r.fresh = timerange.Range{From: timerange.Earlier(timerange.Later(r.all.From, c.polledTo.Add(timerange.Resolution)), r.all.To), To: r.all.To}
	return r
}

// readRound reads the window of a poll, and returns the checkpoint once it is delivered. If not all
// of it can be read at once, the window is empty and the checkpoint has the range as pending.
func (c *Collector) readRound(ctx context.Context, r *round) (*window.Window, outbox.Checkpoint, error) {
	asked, next := r.asked(), c.position
	err := c.checkGap(ctx, asked.To)
	var w *window.Window
	if err == nil {
		w, err = c.readWindow(ctx, asked)
	}
	switch {
	case errors.Is(err, window.ErrFull):
		c.pieces.Full(w)
		c.countRecent(r, w)
		r.whole = r.first
		if r.first || !w.KeepSince(r.fresh.From) {
			next = c.postponed(r, asked, w)
			c.windows.Release(w)
			return c.windows.New(asked), next, nil
		}
		// The window has all new records.
	case err != nil:
		return c.withoutOldEnd(ctx, asked, err)
	case r.whole:
		c.countRecent(r, w)
	}
	next.Head = timerange.Later(next.Head, timerange.Earlier(w.Newest, asked.To))
	return w, next, nil
}

// countRecent notes how many records of w the next poll will read again.
func (c *Collector) countRecent(r *round, w *window.Window) {
	c.lookBack.recent.judgeWindow(w, timerange.Earlier(w.Newest, r.now).Add(-c.Overlap), c.stats.Records.Load())
}

// postponed returns the checkpoint after a poll that found more records than w could take.
func (c *Collector) postponed(r *round, asked timerange.Range, w *window.Window) outbox.Checkpoint {
	if c.isLong(asked) {
		c.progress.announce(c.Log, asked, fmt.Sprint("more than ", len(w.Records)))
	}
	next := c.position
	if !r.first {
		next = next.Missed(r.fresh) // also if the newest record delivered has a future time
	}
	return next.Postpone(r.fresh, timerange.Earlier(w.Newest, asked.To))
}

// withoutOldEnd makes a range pending whose reading has failed again with err. After a long time
// away perhaps only its old end fails, and that must not hold up the newest records.
func (c *Collector) withoutOldEnd(ctx context.Context, asked timerange.Range, err error) (*window.Window, outbox.Checkpoint, error) {
	if !c.isLong(asked) || !temporary(err) || c.outages[polls].tries == 0 {
		return nil, c.position, err
	}
	newest, found, failed := c.source.Newest(ctx)
	if failed != nil || !found || !newest.Time.After(c.position.Head) {
		return nil, c.position, err
	}
	c.progress.announce(c.Log, asked, "cannot read at once all")
	return c.windows.New(asked), c.position.Postpone(asked, timerange.Earlier(newest.Time, asked.To)), nil
}

// isLong reports whether a range is longer than a poll covers while all is well. On a busy site
// every overlap holds more than a window: that is not logged, and the range is not split.
func (c *Collector) isLong(r timerange.Range) bool { return r.Length() > c.Overlap+4*c.PollInterval }
