package collect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// checkGap runs when nothing was read for long. It asks whether the site still has the newest
// record delivered. If not, the site has deleted records before they were read: by its retention,
// by the row limit of a Data Center, or because somebody cleared the log. The next record found
// shows where the gap ends.
func (c *Collector) checkGap(ctx context.Context, now time.Time) error {
	c.away = now.Sub(c.plan.Polled)
	if !c.plan.Head.After(c.plan.Origin) || c.away <= time.Hour+2*c.PollInterval {
		return nil // nothing delivered yet, or not away for long
	}
	has, err := window.Lists(ctx, c.source, c.plan.Head)
	if err == nil && !has {
		c.gapSince = c.plan.Head
	}
	return err
}

// noteGap logs the gap that checkGap found, once w shows where it ends.
func (c *Collector) noteGap(w *window.Window, next outbox.Checkpoint) {
	if c.gapSince.IsZero() || !w.To.After(c.gapSince) {
		return
	}
	more := func(p timerange.Range) bool {
		return len(w.Records) == 0 || p.From.Before(w.From) && p.To.After(c.gapSince)
	}
	if slices.ContainsFunc(next.Pending, more) {
		return // the next piece of the catch-up shows it
	}
	to := w.To
	for _, r := range w.Records {
		if r.Time.After(c.gapSince) {
			to = r.Time
			break
		}
	}
	c.stats.Gaps.Add(1)
	message := fmt.Sprintf("gap from %s to %s: the site no longer has the newest record delivered, so what it recorded after it may be lost for good "+
		"(nothing could be read for %s; compare that with the retention of the site's audit log)", stamp(c.gapSince), stamp(to), c.away.Round(time.Second))
	c.Log.WithField("cause", "gap").Error(message)
	c.Note(GapFound, message)
	c.gapSince = time.Time{}
}

// noteRetention logs when the first run asks for more than the site keeps.
func (c *Collector) noteRetention(ctx context.Context) {
	keeps, err := c.source.Retention(ctx)
	if err != nil || keeps == 0 || c.Start.IsZero() {
		return
	}
	if oldest := c.source.Now().Add(-keeps); c.plan.Origin.Before(oldest) {
		c.stats.Gaps.Add(1)
		message := fmt.Sprintf("gap: start_from asks for records since %s, but the site keeps them for %d days: those before %s cannot be had",
			stamp(c.plan.Origin), int(keeps.Hours()/24), stamp(oldest))
		c.Log.Warn(message)
		c.Note(GapFound, message)
	}
}
