package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/window"
)

// No clock is trusted alone. The site's decides, as its Date header shows it, because the times of
// records are the site's. But a header can stand still or be a day off: where it, our own clock and
// the newest record do not go together, the records decide.

const (
	// disagreement is how far apart clocks may be.
	disagreement = 2 * time.Minute
	// farthest is how far ahead of both clocks a record may be and still say what time it is.
	farthest = 48 * time.Hour
	// sayClocks is how often it is said that clocks disagree.
	sayClocks = 24 * time.Hour
)

// clocks returns the site's clock and ours, and whether they disagree, with one another or with the
// newest record delivered.
func (c *Collector) clocks() (site, ours time.Time, disagree bool) {
	site, ours = c.source.Now().Truncate(time.Millisecond), time.Now().Truncate(time.Millisecond)
	return site, ours, site.Sub(ours).Abs() > disagreement || c.plan.Head.Sub(window.Later(site, ours)) > disagreement
}

// now is the time at the site, as well as can be told.
func (c *Collector) now() time.Time {
	site, ours, _ := c.clocks()
	if head := c.plan.Head; head.Sub(site) > disagreement && !head.After(ours) {
		return ours // there are records from after what the site says is now
	}
	return site
}

// end is the time up to which a poll must ask so that no clock hides a record. It is no later than
// it must be: a window to which records are added while it is read may have to be read again.
func (c *Collector) end(ctx context.Context) (time.Time, error) {
	site, ours, disagree := c.clocks()
	if !disagree {
		return window.Later(site, c.plan.Head), nil
	}
	newest, found, err := c.source.Newest(ctx)
	if err != nil {
		return site, err
	}
	c.sayClocks(site, ours, newest.Time)
	end := window.Later(site, ours)
	if found && newest.Time.Before(end.Add(farthest)) {
		end = window.Later(window.Earlier(site, ours), newest.Time)
	}
	return window.Later(end, c.plan.Head), nil
}

// sayClocks says that the clocks disagree, once in a while. That of a record alone is not worth a
// word.
func (c *Collector) sayClocks(site, ours, newest time.Time) {
	now := time.Now()
	if site.Sub(ours).Abs() <= disagreement || !c.clocksSaid.IsZero() && now.Sub(c.clocksSaid) < sayClocks {
		return
	}
	c.clocksSaid = now
	c.Log.Warnf("the clocks disagree: the site says that it is %s, this machine %s, and the newest record is of %s; reads up to that record: "+
		"set this machine's clock (NTP) or, if it is right, the site's, or mend what changes its Date header", stamp(site), stamp(ours), stamp(newest))
}
