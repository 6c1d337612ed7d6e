package collect

import (
	"context"

	"fluent-bit-confluence/internal/window"
)

// ahead is a window that is read while the one before it is delivered, so that the site and the
// host work at the same time. There is one at most: it costs the memory of one window, and one
// request at a time beside the polls.
type ahead struct {
	window.Range
	cancel context.CancelFunc
	done   chan struct{} // closed when w and err are set
	w      *window.Window
	err    error
}

// readAhead starts reading r, which the catch-up will want next.
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

// takeAhead returns the window of r if r was read ahead. A window of another range is dropped.
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

// dropAhead stops reading ahead and drops the window.
func (c *Collector) dropAhead() {
	if a := c.ahead; a != nil {
		a.cancel()
		<-a.done
		c.ahead = nil
	}
}
