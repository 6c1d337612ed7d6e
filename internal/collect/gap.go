package collect

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// silence is how long no record at all may come before the site is asked whether it has any.
const silence = 24 * time.Hour

// checkGap asks, after the collector has stood still for long, whether the site still has the newest record delivered. If not, the site has
// thrown records away before they were read: by its retention, by the row limit of a Data Center, or because somebody cleared the log.
// How far the gap reaches shows with the next record that comes.
func (c *Collector) checkGap(ctx context.Context, now time.Time) error {
	c.away = now.Sub(c.plan.Polled)
	if !c.plan.Head.After(c.plan.Origin) || c.away <= time.Hour+2*c.PollInterval {
		return nil // nothing delivered yet, or never far from it
	}
	w, err := c.readWindow(ctx, Range{c.plan.Head, c.plan.Head})
	if err == nil && len(w.records) == 0 {
		c.gapSince = c.plan.Head
	}
	return err
}

// noteGap says how far the gap found by checkGap reaches, once w shows it.
func (c *Collector) noteGap(w *window, next Checkpoint) {
	if c.gapSince.IsZero() || !w.To.After(c.gapSince) {
		return
	}
	more := func(p Range) bool { return len(w.records) == 0 || p.From.Before(w.From) && p.To.After(c.gapSince) }
	if slices.ContainsFunc(next.Pending, more) {
		return // the next piece of the catch-up shows more
	}
	to := w.To
	for _, r := range w.records {
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

// noteRetention says so when the first run asks for more than the site keeps.
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

// probeSilence tells a quiet site from one that only seems so: after the first poll, and whenever nothing has come for long.
func (c *Collector) probeSilence(ctx context.Context, first bool) error {
	if first && c.isNew {
		c.noteRetention(ctx)
	}
	silent := time.Since(c.lastNew)
	nothing := first && c.stats.Records.Load()+c.stats.Repeats.Load() == 0 && len(c.plan.Pending) == 0
	if silent < silence && !nothing {
		return nil
	}
	newest, found, err := c.source.Newest(ctx)
	if err != nil {
		return err
	}
	c.lastNew = time.Now()
	switch {
	case !found:
		const message = "the audit log can be read but is empty: if people use the site, audit logging is off, or the account behind the credential " +
			"is no Confluence administrator; run confluence-audit check"
		c.Log.Warn(message)
		c.Note(LogEmpty, message)
	case newest.Time.After(c.plan.Head.Add(c.Overlap)) && newest.Time.Before(c.polledTo):
		return fmt.Errorf("probe the quiet site: it has a record of %s but did not list it when asked for that time: run confluence-audit check, "+
			"and report this with its output", stamp(newest.Time))
	case first:
		c.Log.Infof("access works; the newest record of the site is of %s, nothing newer to deliver", stamp(newest.Time))
	default:
		message := fmt.Sprintf("no new record for %s, but access works: the site is quiet, its newest record is of %s", silent.Round(time.Minute), stamp(newest.Time))
		c.Log.Info(message)
		c.Note(SiteQuiet, message)
	}
	return nil
}
