package collect

import (
	"cmp"
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// A Source reads one site's audit log. A site.Client is one.
type Source interface {
	window.Source
	// Changed returns the parts of from..to that may have changed since Read last listed them
	// whole, each about a page at most. It returns everything if it does not know, and none if
	// nothing changed.
	Changed(ctx context.Context, from, to time.Time) ([]timerange.Range, error)
	// Retention returns how long the site keeps records, 0 if that is unknown.
	Retention(ctx context.Context) (time.Duration, error)
	// Newest returns the newest record of the log, false if the log is empty.
	Newest(ctx context.Context) (atlassian.Record, bool, error)
	// Now returns the time at the site. Once the site has answered, it does not depend on this
	// machine's clock.
	Now() time.Time
}

// Limits bound what is kept in memory.
type Limits struct {
	Window window.Limits
	// Millisecond is how many records of one millisecond are read. Each takes about 40 bytes of
	// memory meanwhile, and twice as much in the state file.
	Millisecond int
	// Queued is how many bytes of events may be read and not yet committed.
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
