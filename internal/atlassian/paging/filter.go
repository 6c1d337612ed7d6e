package paging

import (
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// filter decides which of the records that a walk lists are visited, because some have a time
// outside its range. Servers that round or ignore the dates send such records, and then another
// window shows them. But a record may also be listed at a place that does not match its time,
// because of a node with a wrong clock or an import with the year 9999. No other window shows that
// record.
type filter struct {
	timerange.Range
	now time.Time
	// time of the last record before the range, if all before the range was read whole; else zero
	before time.Time
	within bool      // a record of the range was seen
	passed int       // records passed over
	last   time.Time // of the last of them
}

// rounding is how far the ends of a window may be off on servers that round.
const rounding = 2 * time.Second

// belongs reports whether a record is to be visited.
func (f *filter) belongs(r atlassian.Record) bool {
	switch {
	case holds(f.Range, r.Time):
		f.within = f.within || !r.Time.IsZero()
		return true
	case !f.before.IsZero() && r.Time.After(f.before) && r.Time.Before(f.From):
		// It was not listed when the range before this one was read: it has appeared since, or the
		// server has cut the end of that range to a second.
		return true
	case !f.To.IsZero() && r.Time.After(f.To.Add(rounding)):
		// A record with a future time has no other window. Nor has a record between records of the
		// window. If the list begins with newer records, the server ignores the dates.
		if f.within || r.Time.After(f.now.Add(rounding)) {
			return true
		}
	case !f.To.IsZero() && r.Time.After(f.To):
		return false // in the next window
	case !r.Time.Before(f.From.Add(-rounding)):
		return false // in the window before
	}
	f.passed++
	f.last = r.Time
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
func (l *Log) PassedOver() int64 {
	l.passed.mu.Lock()
	defer l.passed.mu.Unlock()
	return l.passed.count
}

// passOver counts the records that a walk passed over, and logs the number at most once a day.
func (l *Log) passOver(f filter) {
	if f.passed == 0 {
		return
	}
	l.passed.mu.Lock()
	defer l.passed.mu.Unlock()
	l.passed.count += int64(f.passed)
	if now := time.Now(); l.passed.logged.IsZero() || now.Sub(l.passed.logged) >= 24*time.Hour {
		l.passed.logged = now
		l.client.Warnf("%s lists records outside of the time asked for, such as one of %s between %s and %s; they are passed over, %d so far: "+
			"if a cache or proxy ignores the query, let the REST API through unchanged; otherwise read the time of the record with export",
			l.client.Host, f.last.Format(time.RFC3339), f.From.Format(time.RFC3339), f.To.Format(time.RFC3339), l.passed.count)
	}
}
