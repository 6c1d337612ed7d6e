package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// rescan is the deep look back: a range further back than overlap that is read again, piece by piece,
// while nothing else is due.
type rescan struct {
	left timerange.Range // of the one under way; zero if none is
	done time.Time       // when this run completed the last one, by our own clock
}

// underWay reports whether a rescan has begun and is not complete.
func (r *rescan) underWay() bool { return r.left != timerange.Range{} }

func (c *Collector) rescanDue() bool {
	since := c.now().Sub(c.position.Rescanned)
	// Both clocks count, because either may be wrong or may have been wrong.
	return c.rescan.underWay() || since >= c.RescanInterval || since < 0 || time.Since(c.rescan.done) >= c.RescanInterval
}

// rescanPart reads the next piece of the deep rescan, which looks for records that appeared late
// and further back than overlap.
func (c *Collector) rescanPart(ctx context.Context) error {
	now := c.now()
	if !c.rescan.underWay() {
		c.rescan.left = timerange.Range{From: now.Add(-c.RescanWindow), To: c.position.Head.Add(-c.Overlap)}
	}
	next := c.position
	// After a long delay the rescan must not read ranges whose fingerprints were forgotten since.
	c.rescan.left.From = timerange.Later(c.rescan.left.From, c.position.Begin())
	if !c.rescan.left.From.Before(c.rescan.left.To) {
		c.rescan, next.Rescanned = rescan{done: time.Now()}, now
		return c.deliver(ctx, &window.Window{}, next, time.Time{})
	}
	r, w, err := c.takePiece(ctx, c.rescan.left, c.rescan.left.To, func() { c.keepRescan(ctx, c.rescan.left) })
	if w == nil {
		return err
	}
	defer c.windows.Release(w)
	if left := (timerange.Range{From: r.To.Add(timerange.Resolution), To: c.rescan.left.To}); left.From.Before(left.To) {
		c.keepRescan(ctx, left)
	}
	late := c.stats.Late.Load()
	if err := c.deliver(ctx, w, next, w.To); err != nil {
		return err
	}
	c.rescan.left.From = w.To.Add(timerange.Resolution)
	if n := c.stats.Late.Load() - late; n > 0 {
		c.Log.Infof("deep rescan: %d records between %s and %s had appeared late; delivered", n, stamp(w.From), stamp(w.To))
	}
	return nil
}

// keepRescan reads the next pieces of the deep rescan ahead.
func (c *Collector) keepRescan(ctx context.Context, left timerange.Range) {
	c.ahead.Keep(ctx, &c.pieces, left, func(r timerange.Range) (timerange.Range, bool) {
		left.From = r.To.Add(timerange.Resolution)
		return left, left.From.Before(left.To) && c.outages[rescans].tries == 0
	})
}
