package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// No clock is trusted alone. The site's clock, as its Date header shows it, decides, because it
// also gives the records their times. But a header can stand still or be a day off. Where the
// header, our own clock and the newest record disagree, the records decide.

const (
	// disagreement is how far apart two clocks may be.
	disagreement = 2 * time.Minute
	// coarse is by how much the site's clock may seem to be behind: its Date header has no fractions
	// of a second, and takes a while to come.
	coarse = 3 * time.Second
	// farthest is how far ahead of both clocks a record may be and still be used as a clock.
	farthest = 48 * time.Hour
	// clocksLogGap is how often a disagreement of the clocks is logged.
	clocksLogGap = 24 * time.Hour
)

// clocks returns the site's clock and ours, and whether they disagree with each other or with the
// newest record delivered.
func (c *Collector) clocks() (site, ours time.Time, disagree bool) {
	site, ours = c.source.Now().Truncate(time.Millisecond), time.Now().Truncate(time.Millisecond)
	return site, ours, site.Sub(ours).Abs() > disagreement || c.position.Head.Sub(timerange.Later(site, ours)) > disagreement
}

// now returns the best estimate of the time at the site.
func (c *Collector) now() time.Time {
	site, ours, _ := c.clocks()
	if head := c.position.Head; head.Sub(site) > disagreement && !head.After(ours) {
		return ours // the site has records that are newer than its clock
	}
	return site
}

// end returns the time up to which a poll must read so that a wrong clock hides no record. It is as
// early as possible: when records arrive in a window while it is read, the window may have to be
// read again.
func (c *Collector) end(ctx context.Context) (time.Time, error) {
	site, ours, disagree := c.clocks()
	if !disagree {
		return timerange.Later(site, c.position.Head), nil
	}
	newest, found, err := c.source.Newest(ctx)
	if err != nil {
		return site, err
	}
	c.logClocks(site, ours, newest.Time)
	end := timerange.Later(site, ours)
	if found && newest.Time.Before(end.Add(farthest)) {
		end = timerange.Later(timerange.Earlier(site, ours), newest.Time)
	}
	return timerange.Later(end, c.position.Head), nil
}

// logClocks logs that the clocks disagree, at most once a day. A record that disagrees alone is not
// logged.
func (c *Collector) logClocks(site, ours, newest time.Time) {
	now := time.Now()
	if site.Sub(ours).Abs() <= disagreement || !c.clocksLogged.IsZero() && now.Sub(c.clocksLogged) < clocksLogGap {
		return
	}
	c.clocksLogged = now
	c.Log.Warnf("the clocks disagree: the site says that it is %s, this machine %s, and the newest record is of %s; reads up to that record: "+
		"set this machine's clock (NTP) or, if it is right, the site's, or mend what changes its Date header", stamp(site), stamp(ours), stamp(newest))
}
