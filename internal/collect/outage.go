package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/backoff"
	"fluent-bit-confluence/internal/timerange"
)

// A part of the collector can fail while the others work: a site may refuse old records and list
// new ones.
type part int

const (
	polls    part = iota // read the newest records
	catchUps             // read the pending ranges
	rescans              // look for records that appeared late
	// commit what was acknowledged: the only part that does not run in the reading goroutine
	saves
	parts
)

// outage is a run of failures of one part. It decides when to try again and what to log.
//
// An outage of the whole site is logged once, by the polls: no older range is read until a poll
// works again. So when an older range fails, or fails for a new cause, a poll follows at once. The
// failure is logged only if that poll works and the older range fails again.
type outage struct {
	since   time.Time
	next    time.Time // this part is not tried before
	tries   int
	what    string            // the range that cannot be read, as last logged
	logged  []atlassian.Cause // causes that were logged
	doubt   bool              // the last failure was not logged: the whole site may be down
	nextLog time.Time
	logGap  time.Duration
	noted   bool // a health record reports it
}

const (
	// The back-off after a failure that can pass by itself.
	firstTemporary = 2 * time.Second
	lastTemporary  = time.Minute
	// The back-off after a refusal: somebody has to act before it works.
	firstRefused = time.Minute
	lastRefused  = 5 * time.Minute
	// Between two lines of the log about the same failure.
	firstLogGap = 5 * time.Minute
	lastLogGap  = 24 * time.Hour
)

// try runs do for part p and notes the result.
func (c *core) try(ctx context.Context, p part, do func(context.Context) error) {
	err := func() (err error) {
		defer c.recovered(&err)
		return do(ctx)
	}()
	switch {
	case ctx.Err() != nil: // the end, not an outage
	case errors.Is(err, errPollDue):
	case err == nil:
		c.worked(p)
	default:
		c.stats.failed(p, err)
		c.failed(p, err)
	}
}

// failed notes that p failed and when to try again. It logs the first failure and each new cause,
// and repeats them at growing intervals.
func (c *core) failed(p part, err error) {
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
	wait := max(delay(temporary(err), o.tries), asked)
	o.next = now.Add(wait)
	// A rate limit holds for all parts.
	limited := asked > 0 || cause == atlassian.CauseRateLimited
	if limited {
		c.holdUntil = timerange.Later(c.holdUntil, o.next)
	}
	news := !slices.Contains(o.logged, cause)
	switch doubt := p != polls && news && !o.doubt; {
	case doubt && limited:
		o.doubt = true
		c.failed(polls, err)
	case doubt:
		o.doubt = true
		c.nextPoll = now
	default:
		o.doubt = false
		c.logFailure(p, cause, err)
	}
	if p == polls {
		c.nextPoll = o.next
	}
}

// logFailure logs a failure, unless the same cause was logged a short time ago.
func (c *core) logFailure(p part, cause atlassian.Cause, err error) {
	now, o := time.Now(), &c.outages[p]
	if !slices.Contains(o.logged, cause) {
		o.logged, o.nextLog, o.logGap = append(o.logged, cause), now, firstLogGap
	}
	if now.Before(o.nextLog) {
		c.Log.WithError(err).Debugf("read %s: try %d failed", c.missing(p), o.tries)
		return
	}
	o.what, o.nextLog, o.logGap = c.missing(p), now.Add(o.logGap), min(3*o.logGap, lastLogGap)
	// A temporary failure gets no health record at its first try: the next may work.
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
		entry.Warn(atlassian.Remark(err, "cannot read %s; nothing is lost: the checkpoint is kept, next try in %s", o.what, wait))
	case o.tries == 1:
		entry.Error(atlassian.Remark(err, "cannot read %s; nothing is lost as long as the site keeps the records: the checkpoint is kept, next try in %s", o.what, wait))
	default:
		entry.Error(atlassian.Remark(err, "cannot read %s for %s, %d tries; the checkpoint is kept, next try in %s", o.what, now.Sub(o.since).Round(time.Second), o.tries, wait))
	}
}

// worked notes a success of p.
func (c *core) worked(p part) {
	c.stats.failing[p].Store(nil)
	o := &c.outages[p]
	if len(o.logged) > 0 {
		what := o.what
		if p == polls {
			what = "the audit log"
		}
		message := fmt.Sprintf("%s can be read again, after %s and %d tries", what, time.Since(o.since).Round(time.Second), o.tries)
		c.Log.Info(message)
		if o.noted {
			c.Note(AccessRegained, message)
		}
		c.regained(p)
	}
	*o = outage{}
}

// waiting names the records that wait while p fails.
func (c *Collector) waiting(p part) string {
	switch {
	case p == catchUps && len(c.position.Pending) > 0:
		r := c.nextPending(c.position)
		return fmt.Sprintf("records from %s to %s", stamp(r.From), stamp(r.To))
	case p == rescans:
		return fmt.Sprintf("late records from %s to %s", stamp(c.rescan.left.From), stamp(c.rescan.left.To))
	default:
		return "records since " + stamp(c.position.Head)
	}
}

// noteRegained notes that p works again.
func (c *Collector) noteRegained(p part) {
	if p == catchUps {
		c.progress.again(c.position.Pending)
	}
}

// temporary reports whether a failure can pass by itself. A failure that does not come from the
// site counts as temporary.
func temporary(err error) bool {
	if errors.Is(err, errSilent) {
		return false
	}
	refusal, ok := errors.AsType[*atlassian.Error](err)
	return !ok || refusal.Temporary()
}

// delay returns how long to wait after so many tries of a part have failed.
func delay(temporary bool, tries int) time.Duration {
	if temporary {
		return backoff.Delay(tries, firstTemporary, lastTemporary)
	}
	return backoff.Delay(tries, firstRefused, lastRefused)
}
