package collect

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/window"
)

// A part of the collector can fail while the others work: a site may refuse what is old and give
// what is new.
type part int

const (
	polls    part = iota // read the newest records
	catchUps             // read what is pending
	rescans              // look back for what was inserted late
	// make durable what was delivered; the only one that is not of the reading goroutine
	saves
	parts
)

// outage is a run of failures of one part: it says when to try again, and keeps the log readable
// meanwhile.
//
// That the site as a whole fails is said once, by the polls: nothing older is asked for until a
// poll works again. An older stretch that fails, or fails in a new way, is therefore not spoken of
// before a poll, made at once, has shown that the rest of the log can be read.
type outage struct {
	since   time.Time
	next    time.Time // nothing of this part is tried before
	tries   int
	what    string            // cannot be read, as was said last
	said    []atlassian.Cause // that the log names already
	doubt   bool              // the last failure was not spoken of: it may be of the whole site
	nextSay time.Time
	sayGap  time.Duration
	noted   bool // there is a health record of it
}

const (
	firstRetry = 2 * time.Second
	lastRetry  = time.Minute
	firstCalm  = time.Minute // access was refused: nothing changes until somebody acts
	lastCalm   = 5 * time.Minute
	firstGap   = 5 * time.Minute
	lastGap    = 24 * time.Hour
)

// try does something for part p and notes how it went.
func (c *Collector) try(ctx context.Context, p part, do func(context.Context) error) {
	err := func() (err error) {
		defer c.recovered(&err)
		return do(ctx)
	}()
	switch {
	case ctx.Err() != nil: // the end, not an outage
	case err == nil:
		c.worked(p)
	default:
		c.stats.failed(p, err)
		c.failed(p, err)
	}
}

// failed notes that p failed, and when to try again. It logs the first failure, a new cause, and
// then ever more seldom.
func (c *Collector) failed(p part, err error) {
	var cause atlassian.Cause
	var asked time.Duration
	if refusal, ok := errors.AsType[*atlassian.Error](err); ok {
		cause, asked = refusal.Cause, refusal.RetryAfter
	}
	c.stats.failing[p].Store(new(causeOf(p, err)))
	now, o := time.Now(), &c.outages[p]
	if o.tries == 0 {
		o.since = now
	}
	o.tries++
	wait := max(backOff(temporary(err), o.tries), asked)
	o.next = now.Add(wait)
	// What the site asks for, it asks of all.
	limited := asked > 0 || cause == atlassian.CauseRateLimited
	if limited {
		c.hold = window.Later(c.hold, o.next)
	}
	news := !slices.Contains(o.said, cause)
	switch doubt := p != polls && news && !o.doubt; {
	case doubt && limited:
		o.doubt = true
		c.failed(polls, err)
	case doubt:
		o.doubt = true
		c.nextPoll = now
	default:
		o.doubt = false
		c.say(p, cause, err)
	}
	if p == polls {
		c.nextPoll = o.next
	}
}

// say logs a failure, unless the same was said not long ago.
func (c *Collector) say(p part, cause atlassian.Cause, err error) {
	now, o := time.Now(), &c.outages[p]
	if !slices.Contains(o.said, cause) {
		o.said, o.nextSay, o.sayGap = append(o.said, cause), now, firstGap
	}
	if now.Before(o.nextSay) {
		c.Log.WithError(err).Debugf("read %s: try %d failed", c.stretch(p), o.tries)
		return
	}
	o.what, o.nextSay, o.sayGap = c.stretch(p), now.Add(o.sayGap), min(3*o.sayGap, lastGap)
	// What passes with the next try is not worth a record in the stream.
	if !temporary(err) || o.tries > 1 {
		o.noted = true
		kind := AccessLost
		if cause == atlassian.CauseRateLimited {
			kind = RateLimited
		}
		c.Note(kind, atlassian.Remark(err, "cannot read %s", o.what))
	}
	entry, wait := c.Log.WithField("cause", cause), o.next.Sub(now).Round(time.Second)
	switch {
	case o.tries == 1 && temporary(err):
		entry.Warn(atlassian.Remark(err, "cannot read %s; nothing is lost: the place is kept, next try in %s", o.what, wait))
	case o.tries == 1:
		entry.Error(atlassian.Remark(err, "cannot read %s; nothing is lost as long as the site keeps the records: the place is kept, next try in %s", o.what, wait))
	default:
		entry.Error(atlassian.Remark(err, "cannot read %s for %s, %d tries; the place is kept, next try in %s", o.what, now.Sub(o.since).Round(time.Second), o.tries, wait))
	}
}

// worked notes a success of p.
func (c *Collector) worked(p part) {
	c.stats.failing[p].Store(nil)
	o := &c.outages[p]
	if len(o.said) > 0 {
		what := o.what
		if p == polls {
			what = "the audit log"
		}
		message := fmt.Sprintf("%s can be read again, after %s and %d tries", what, time.Since(o.since).Round(time.Second), o.tries)
		c.Log.Info(message)
		if o.noted {
			c.Note(AccessRegained, message)
		}
		if p == catchUps {
			c.progress.again(c.plan.Pending)
		}
	}
	*o = outage{}
}

// stretch names what waits while p fails.
func (c *Collector) stretch(p part) string {
	switch {
	case p == catchUps && len(c.plan.Pending) > 0:
		r := c.nextPending(c.plan)
		return fmt.Sprintf("records from %s to %s", stamp(r.From), stamp(r.To))
	case p == rescans:
		return fmt.Sprintf("late records from %s to %s", stamp(c.rescan.From), stamp(c.rescan.To))
	default:
		return "records since " + stamp(c.plan.Head)
	}
}

// temporary tells whether a fault passes by itself, as those do that are not the site's.
func temporary(err error) bool {
	if errors.Is(err, errSilent) {
		return false
	}
	refusal, ok := errors.AsType[*atlassian.Error](err)
	return !ok || refusal.Temporary()
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
