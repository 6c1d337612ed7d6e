package atlassian

import (
	"net/http"
	"sync"
	"time"
)

const (
	// dateResolution is how coarse the Date header is. Estimates of the site's clock that differ by
	// less are of the same clock.
	dateResolution = 2 * time.Second

	// clockProof is how long a clock must be seen to run before a jump of it is followed.
	clockProof = 3 * time.Second
)

// clock follows the site's clock by the Date headers of its answers. It believes them only if they
// advance: a proxy that repeats an old header must not stop the time.
type clock struct {
	mu     sync.Mutex
	known  bool
	offset time.Duration // site minus ours, never more than the true difference
	first  sight         // first sight of the clock that is followed
	runs   bool          // it has been seen to run
	jump   sight         // first sight of a different clock; zero if there is none
}

// sight is a Date header and when it came, by our monotonic clock.
type sight struct{ date, at time.Time }

// ran reports whether a clock advanced as ours did from one sight to another.
func (s sight) ran(until sight) bool {
	return (until.date.Sub(s.date) - until.at.Sub(s.at)).Abs() <= dateResolution
}

// observe learns from the headers of an answer that came directly from the site.
func (c *clock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || header.Get("Age") != "" { // Age: a cache answers with an old Date
		return
	}
	now := sight{date, time.Now()}
	offset := date.Sub(now.at.Round(0))
	c.mu.Lock()
	defer c.mu.Unlock()
	switch diff := offset - c.offset; {
	case c.first == (sight{}):
		c.follow(now, offset)
	case c.known && diff.Abs() <= dateResolution:
		// Date is cut to the second, so each estimate is up to a second too low, and the highest is
		// the best.
		c.offset = max(c.offset, offset)
		c.runs = c.runs || date.Sub(c.first.date) >= clockProof
		c.jump = sight{}
	case !c.runs && c.known && !c.first.ran(now):
		// The clock followed so far was only a header that stood still: ours is better.
		c.known, c.offset, c.jump = false, 0, now
	case c.jump == (sight{}):
		c.jump = now
	case now.at.Sub(c.jump.at) < clockProof:
	case c.jump.ran(now):
		c.follow(now, offset)
		c.runs = true
	default:
		c.jump = now
	}
}

func (c *clock) follow(s sight, offset time.Duration) {
	c.known, c.offset, c.first, c.runs, c.jump = true, offset, s, false, sight{}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Round(0).Add(c.offset)
}

// skew returns how far the site's clock is ahead of ours.
func (c *clock) skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

// Skewed returns the error for clocks that differ by skew.
func (c *Client) Skewed(skew time.Duration) *Error {
	if skew < 0 {
		return Fail(CauseClock, nil, "the clock of %s is %v behind ours", c.Host, -skew.Round(10*time.Second))
	}
	return Fail(CauseClock, nil, "the clock of %s is %v ahead of ours", c.Host, skew.Round(10*time.Second))
}

// MaxSkew is how far two clocks may differ without a warning.
const MaxSkew = 2 * time.Minute

// Skew returns how far the site's clock is ahead of ours.
func (c *Client) Skew() time.Duration { return c.clock.skew() }
