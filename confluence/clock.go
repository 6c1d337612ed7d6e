package confluence

import (
	"net/http"
	"sync"
	"time"
)

// dateResolution is how coarse the Date header is, and how much estimates of
// the site's clock may differ without its having been set.
const dateResolution = 2 * time.Second

// clock follows the site's clock through the Date headers of its answers.
type clock struct {
	mu     sync.Mutex
	known  bool
	offset time.Duration // site minus ours, never more than the truth
}

// observe takes an answer that came straight from the site.
func (c *clock) observe(header http.Header) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || header.Get("Age") != "" { // Age: a cache answers with an old Date
		return
	}
	offset := date.Sub(time.Now().Round(0))
	c.mu.Lock()
	defer c.mu.Unlock()
	// Date is cut to the second, so each estimate is up to a second too early,
	// and the highest of them is the best.
	if diff := offset - c.offset; !c.known || diff > 0 || diff < -dateResolution {
		c.offset = offset
	}
	c.known = true
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Round(0).Add(c.offset)
}

// skew is how far the site's clock is ahead of ours.
func (c *clock) skew() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}
