package collect

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// errPollDue is why a piece is not waited for any longer: polls come first.
var errPollDue = errors.New("a poll is due")

// newAhead returns what reads older ranges ahead: while other pieces are read, and while one is
// delivered, so that the site and the host work at the same time.
func (c *Collector) newAhead() *window.ReadAhead {
	o := window.ReadAheadOptions{
		Fill: func(ctx context.Context, w *window.Window) (*window.Window, error) { return c.fill(ctx, w, nil) },
		Most: c.BackfillRequests, Slowed: c.Slowed,
	}
	if c.Slots != nil {
		o.Enter, o.Leave = c.Slots.try, c.Slots.free
	}
	return window.NewReadAhead(c.windows, o)
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

// readWindow reads all of r, see [window.Reader.Fill].
func (c *Collector) readWindow(ctx context.Context, r timerange.Range) (*window.Window, error) {
	return c.fill(ctx, c.windows.New(r), nil)
}

// fill reads the range of w, see [window.Reader.Fill]. If spill is nil, it may be called from any
// goroutine.
func (c *Collector) fill(ctx context.Context, w *window.Window, spill func(*window.Window) error) (_ *window.Window, err error) {
	defer c.recovered(&err)
	return c.windows.Fill(ctx, w, spill)
}
