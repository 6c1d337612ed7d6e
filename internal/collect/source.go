package collect

import (
	"cmp"
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/window"
)

// A Source reads one site's audit log. confluence.Client is one.
type Source interface {
	window.Source
	// Changed returns the spans of from..to that may hold other records than when Read last gave
	// them whole: each about a page at most, or everything where it does not know; none when
	// nothing changed.
	Changed(ctx context.Context, from, to time.Time) ([]atlassian.Span, error)
	// Retention is how long the site keeps records, 0 when it does not say.
	Retention(ctx context.Context) (time.Duration, error)
	// Newest returns the newest record there is, false when the log is empty.
	Newest(ctx context.Context) (atlassian.Record, bool, error)
	// Now is the time at the site: it does not depend on the clock of this machine once the site
	// has answered.
	Now() time.Time
}

// Limits bound what is kept in memory.
type Limits struct {
	Window window.Limits
	// Millisecond is how many records of one millisecond are read: of each, some 40 bytes are kept
	// meanwhile, and the state file grows by twice as much.
	Millisecond int
	// Queued is how many bytes of events are read and not yet taken by the host.
	Queued int
}

const (
	maxMillisecond = 300_000
	maxQueued      = 3 << 20
)

func (l Limits) orDefault() Limits {
	l.Millisecond, l.Queued = cmp.Or(l.Millisecond, maxMillisecond), cmp.Or(l.Queued, maxQueued)
	return l
}

// readWindow reads all of r, see [window.Reader.Fill].
func (c *Collector) readWindow(ctx context.Context, r window.Range) (*window.Window, error) {
	return c.fill(ctx, c.windows.New(r), nil)
}

// fill reads the range of w, see [window.Reader.Fill]. Without spill it may be called from any
// goroutine.
func (c *Collector) fill(ctx context.Context, w *window.Window, spill func(*window.Window) error) (_ *window.Window, err error) {
	defer c.recovered(&err)
	return c.windows.Fill(ctx, w, spill)
}
