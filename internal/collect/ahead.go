package collect

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// errPollDue is why a piece is not waited for any longer: polls come first.
var errPollDue = errors.New("a poll is due")

// newAhead returns what reads older ranges ahead: while other pieces are read, and while one is
// delivered, so that the site and the host work at the same time.
func (c *Collector) newAhead() *window.Ahead {
	o := window.AheadOptions{
		Fill: func(ctx context.Context, w *window.Window) (*window.Window, error) { return c.fill(ctx, w, nil) },
		Most: c.BackfillRequests, Slowed: c.Slowed,
	}
	if c.Slots != nil {
		o.Enter, o.Leave = c.Slots.try, c.Slots.free
	}
	return window.NewAhead(c.windows, o)
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

// keepRescan reads the next pieces of the deep rescan ahead.
func (c *Collector) keepRescan(ctx context.Context, left timerange.Range) {
	c.ahead.Keep(ctx, &c.pieces, left, func(r timerange.Range) (timerange.Range, bool) {
		left.From = r.To.Add(timerange.Resolution)
		return left, left.From.Before(left.To) && c.outages[rescans].tries == 0
	})
}

// takePiece returns the piece at the start of left, and its window as readPiece does. The piece is
// read ahead with others by keep, unless it is a single millisecond.
func (c *Collector) takePiece(ctx context.Context, left timerange.Range, lateUntil time.Time, keep func()) (timerange.Range, *window.Window, error) {
	keep()
	r, ok := c.ahead.Next(left)
	if !ok {
		r = c.pieces.Next(left)
		w, err := c.readPiece(ctx, r, lateUntil)
		return r, w, err
	}
	// If a poll has been due for long, polls and pieces take turns.
	var due <-chan time.Time
	if d := time.Until(c.nextPoll); d > 0 {
		due = time.After(d)
	}
	for !c.ahead.Wait(r, due) {
		if due != nil && !time.Now().Before(c.nextPoll) {
			return r, nil, errPollDue
		}
		keep()
	}
	w, err := c.ahead.Take(r)
	w, err = c.learn(r, w, err)
	return r, w, err
}
