package paging

import (
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// strays are records that a walk lists although their time lies outside its window. Servers that
// round or ignore the dates send such records, and then another window shows them. But a record may
// also be listed at a place that does not match its time, because of a node with a wrong clock or
// an import with the year 9999. No other window shows that record.
type strays struct {
	timerange.Range
	now    time.Time
	within bool // a record of the window was seen
	passed int  // records passed over
	last   time.Time
}

// rounding is how far the ends of a window may be off on servers that round.
const rounding = 2 * time.Second

// belongs reports whether a record is to be visited.
func (s *strays) belongs(r atlassian.Record) bool {
	switch {
	case holds(s.Range, r.Time):
		s.within = s.within || !r.Time.IsZero()
		return true
	case !s.To.IsZero() && r.Time.After(s.To.Add(rounding)):
		// A record with a future time has no other window. Nor has a record between records of the
		// window. If the list begins with newer records, the server ignores the dates.
		if s.within || r.Time.After(s.now.Add(rounding)) {
			return true
		}
	case !s.To.IsZero() && r.Time.After(s.To):
		return false // in the next window
	case !r.Time.Before(s.From.Add(-rounding)):
		return false // in the window before
	}
	s.passed++
	s.last = r.Time
	return false
}

// passedOver counts records that the site has listed and a walk has passed over.
type passedOver struct {
	mu     sync.Mutex
	count  int64
	logged time.Time
}

// PassedOver returns how many listed records no walk has yielded, because their time was outside
// the window.
func (c *Log) PassedOver() int64 {
	c.passed.mu.Lock()
	defer c.passed.mu.Unlock()
	return c.passed.count
}

// passOver counts the records that a walk passed over, and logs the number at most once a day.
func (c *Log) passOver(s strays) {
	if s.passed == 0 {
		return
	}
	c.passed.mu.Lock()
	defer c.passed.mu.Unlock()
	c.passed.count += int64(s.passed)
	if now := time.Now(); c.passed.logged.IsZero() || now.Sub(c.passed.logged) >= 24*time.Hour {
		c.passed.logged = now
		c.api.Warnf("%s lists records outside of the time asked for, such as one of %s between %s and %s; they are passed over, %d so far: "+
			"if a cache or proxy ignores the query, let the REST API through unchanged; otherwise read the time of the record with export",
			c.api.Host, s.last.Format(time.RFC3339), s.From.Format(time.RFC3339), s.To.Format(time.RFC3339), c.passed.count)
	}
}
