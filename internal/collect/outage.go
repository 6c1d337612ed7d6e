package collect

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"fluent-bit-confluence/confluence"
)

// outage is a run of failures with one cause: it says when to try again, and keeps the log readable meanwhile.
type outage struct {
	since   time.Time
	tries   int
	cause   confluence.Cause
	nextSay time.Time
	sayGap  time.Duration
	noted   bool // there is a health record of it
}

const (
	firstRetry  = 2 * time.Second
	lastRetry   = time.Minute
	firstCalm   = time.Minute // access was refused: nothing changes until somebody acts
	lastCalm    = 5 * time.Minute
	longestWait = time.Hour // whatever a server asks for
)

// failed notes err and returns how long to wait before the next try. It logs the first failure, a new cause, and then ever more seldom.
func (o *outage) failed(c *Collector, now time.Time, err error) time.Duration {
	var cause confluence.Cause
	temporary, asked := true, time.Duration(0)
	if refusal, ok := errors.AsType[*confluence.Error](err); ok {
		cause, temporary, asked = refusal.Cause, refusal.Temporary(), refusal.RetryAfter
	}
	if o.tries == 0 {
		o.since = now
	}
	if o.tries == 0 || cause != o.cause {
		o.cause, o.nextSay, o.sayGap = cause, now, 5*time.Minute
	}
	o.tries++
	wait := backOff(temporary, o.tries)
	wait = min(max(wait, asked), longestWait)
	if now.Before(o.nextSay) {
		c.Log.WithError(err).Debugf("read audit log: try %d failed", o.tries)
		return wait
	}
	o.nextSay = now.Add(o.sayGap)
	o.sayGap = min(o.sayGap*3, 24*time.Hour)
	// What passes with the next try is not worth a record in the stream.
	if !temporary || o.tries > 1 {
		o.noted = true
		kind := AccessLost
		if cause == confluence.CauseRateLimited {
			kind = RateLimited
		}
		c.Note(kind, err.Error())
	}
	entry := c.Log.WithField("cause", cause)
	switch {
	case o.tries == 1 && temporary:
		entry.Warnf("%v (nothing is lost: the place is kept, next try in %s)", err, wait.Round(time.Second))
	case o.tries == 1:
		entry.Errorf("%v (nothing is lost as long as the site keeps the records: the place is kept, next try in %s)", err, wait.Round(time.Second))
	default:
		entry.Errorf("%v (for %s, %d tries; the place is kept, next try in %s)", err, now.Sub(o.since).Round(time.Second), o.tries, wait.Round(time.Second))
	}
	return wait
}

// over notes a success.
func (o *outage) over(c *Collector, now time.Time) {
	if o.tries > 0 {
		message := fmt.Sprintf("the audit log can be read again, after %s and %d tries", now.Sub(o.since).Round(time.Second), o.tries)
		c.Log.Info(message)
		if o.noted {
			c.Note(AccessRegained, message)
		}
	}
	*o = outage{}
}

// backOff grows exponentially, with the jitter of 0.7 to 1.3 that Atlassian advises.
func backOff(temporary bool, tries int) time.Duration {
	first, last := firstRetry, lastRetry
	if !temporary {
		first, last = firstCalm, lastCalm
	}
	wait := last
	if tries < 10 {
		wait = min(first<<(tries-1), last)
	}
	return time.Duration(float64(wait) * (0.7 + 0.6*rand.Float64()))
}
