package collect

import (
	"context"
	"time"
)

// No clock is trusted alone. The site's decides, as its Date header shows it, because the times of records are the site's. But a header can stand
// still or be a day off, and then the newest record and our own clock tell.

const (
	// disagreement is how far apart two clocks may be.
	disagreement = 2 * time.Minute
	// farthest is how far ahead of all clocks the time of a record may lie that says how late it is.
	farthest = 48 * time.Hour
	// sayClocks is how often it is said that clocks disagree.
	sayClocks = 24 * time.Hour
)

// now is the time at the site, as well as can be told.
func (c *Collector) now() time.Time {
	site, ours := c.source.Now().Truncate(time.Millisecond), time.Now().Truncate(time.Millisecond)
	if head := c.plan.Head; head.Sub(site) > disagreement && !head.After(ours) {
		return ours // there are records from after what the site says is now
	}
	return site
}

// end is the time up to which a poll must ask so that no clock hides a record.
func (c *Collector) end(ctx context.Context) (time.Time, error) {
	site, ours := c.source.Now().Truncate(time.Millisecond), time.Now().Truncate(time.Millisecond)
	end := later(later(site, ours), c.plan.Head)
	if site.Sub(ours).Abs() <= disagreement {
		return end, nil
	}
	newest, found, err := c.source.Newest(ctx)
	if err != nil {
		return end, err
	}
	if found && newest.Time.Before(end.Add(farthest)) {
		end = later(end, newest.Time)
	}
	if now := time.Now(); c.clocksSaid.IsZero() || now.Sub(c.clocksSaid) >= sayClocks {
		c.clocksSaid = now
		c.Log.Warnf("the clocks disagree: the site says that it is %s, this machine %s, and the newest record is of %s; reads up to the latest of them: "+
			"set this machine's clock (NTP), or, if it is right, have the site's set or what changes its Date header", stamp(site), stamp(ours), stamp(newest.Time))
	}
	return end, nil
}
