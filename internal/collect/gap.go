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

// gap is what is known of records that the site may have deleted before they were read.
type gap struct {
	since time.Time     // time of the newest record delivered, if the site no longer has it
	away  time.Duration // age of the last complete poll when the one under way began
}

// checkGap runs when nothing was read for long. It asks whether the site still has the newest
// record delivered. If not, the site has deleted records before they were read: by its retention,
// by the row limit of a Data Center, or because somebody cleared the log. The next record found
// shows where the gap ends.
func (c *Collector) checkGap(ctx context.Context, now time.Time) error {
	c.gap.away = now.Sub(c.position.Polled)
	if !c.position.Head.After(c.position.Origin) || c.gap.away <= time.Hour+2*c.PollInterval {
		return nil // nothing delivered yet, or not away for long
	}
	has, err := window.Lists(ctx, c.source, c.position.Head)
	if err == nil && !has {
		c.gap.since = c.position.Head
	}
	return err
}

// noteGap logs the gap that checkGap found, once w shows where it ends.
func (c *Collector) noteGap(w *window.Window, next outbox.Checkpoint) {
	if c.gap.since.IsZero() || !w.To.After(c.gap.since) {
		return
	}
	more := func(p timerange.Range) bool {
		return len(w.Records) == 0 || p.From.Before(w.From) && p.To.After(c.gap.since)
	}
	if slices.ContainsFunc(next.Pending, more) {
		return // the next piece of the catch-up shows it
	}
	to := w.To
	for _, r := range w.Records {
		if r.Time.After(c.gap.since) {
			to = r.Time
			break
		}
	}
	c.stats.Gaps.Add(1)
	message := fmt.Sprintf("gap from %s to %s: the site no longer has the newest record delivered, so what it recorded after it may be lost for good "+
		"(nothing could be read for %s; compare that with the retention of the site's audit log)", stamp(c.gap.since), stamp(to), c.gap.away.Round(time.Second))
	c.Log.WithField("cause", "gap").Error(message)
	c.Note(GapFound, message)
	c.gap.since = time.Time{}
}

// leastGap is how much more than the site keeps the first run must ask for to be told. With a
// start_from as long as the retention only moments are gone, and sites delete once a day or so.
const leastGap = 24 * time.Hour

// noteRetention logs when the first run asks for more than the site keeps.
func (c *Collector) noteRetention(ctx context.Context) {
	keeps, err := c.source.Retention(ctx)
	if err != nil || keeps == 0 || c.Start.IsZero() {
		return
	}
	if oldest := c.source.Now().Add(-keeps); c.position.Origin.Before(oldest.Add(-leastGap)) {
		c.stats.Gaps.Add(1)
		message := fmt.Sprintf("gap: start_from asks for records since %s, but the site keeps them for %d days: those before %s cannot be had",
			stamp(c.position.Origin), int(keeps.Hours()/24), stamp(oldest))
		c.Log.Warn(message)
		c.Note(GapFound, message)
	}
}
