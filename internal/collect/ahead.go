package collect

import (
	"context"

	"fluent-bit-confluence/internal/window"
)

// ahead is a window that is read while the one before it is delivered: the site answers, and the
// host takes, at the same time. There is one at most, so it costs the memory of a window, and one
// request at a time beside the polls.
type ahead struct {
	window.Range
	cancel context.CancelFunc
	done   chan struct{} // closed when w and err are set
	w      *window.Window
	err    error
}

// readAhead begins to read r, which will be asked for next.
func (c *Collector) readAhead(ctx context.Context, r window.Range) {
	c.dropAhead()
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{Range: r, cancel: cancel, done: make(chan struct{})}
	w := c.windows.New(r)
	c.ahead = a
	go func() {
		defer close(a.done)
		a.w, a.err = c.fill(ctx, w, nil)
	}()
}

// takeAhead returns what was read ahead of r, if that was: anything else is let go of.
func (c *Collector) takeAhead(r window.Range) (w *window.Window, err error, ok bool) {
	a := c.ahead
	if a == nil || a.Range != r {
		c.dropAhead()
		return nil, nil, false
	}
	<-a.done
	a.cancel()
	c.ahead = nil
	return a.w, a.err, true
}

// dropAhead ends the reading ahead.
func (c *Collector) dropAhead() {
	if a := c.ahead; a != nil {
		a.cancel()
		<-a.done
		c.ahead = nil
	}
}
