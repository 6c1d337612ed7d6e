package atlassian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"fluent-bit-confluence/internal/backoff"
)

const (
	// maxTries is how often one request is sent while the site is working, see atWork.
	maxTries   = 4
	firstAgain = 250 * time.Millisecond
	lastAgain  = time.Second

	// atWork is how long after a good answer the site counts as working. A request that fails in
	// that time is sent again, so that the pages read before it are not lost. If the site gives no
	// good answer for longer, the failure is returned soon, so that it is logged.
	atWork = 30 * time.Second
)

// exchange sends a request and reads the whole answer, as send does. After a transient fault it
// retries: after a short wait that the server asks for, or, while the site is working, after a
// back-off.
func (c *Client) exchange(req *http.Request, into *bytes.Buffer) (*Answer, error) {
	ctx := req.Context()
	var asked time.Duration // total wait that the server asked for
	tries := 1
	if time.Since(time.Unix(0, c.answered.Load())) < atWork {
		tries = maxTries
	}
	for try := 1; ; try++ {
		a, err := c.send(req, into)
		wait, transient := c.transient(a, err)
		switch {
		case !transient:
			if err == nil {
				c.answered.Store(time.Now().UnixNano())
			}
			return a, err
		case isAside(ctx):
			return a, err
		case wait > 0:
			if asked += wait; asked > shortWait {
				return a, err // the caller waits, and logs it
			}
			c.waited.Add(int64(wait))
		case try >= tries, c.lasts(a, err, try, into != nil):
			return a, err
		case backoff.Sleep(ctx, backoff.Delay(try, firstAgain, lastAgain)) != nil:
			return nil, fmt.Errorf("ask %s: %w", req.URL.Host, context.Cause(ctx))
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("build request: %w", err)
			}
		}
	}
}

// Waited returns the total of the short waits that the site asked for. A longer wait is an error
// with [Error.RetryAfter]: the caller has to wait.
func (c *Client) Waited() time.Duration { return time.Duration(c.waited.Load()) }

// Slowed returns how often the site has asked us to slow down: by a refusal, by a time to wait, or by
// a warning that its limit is near.
func (c *Client) Slowed() int64 { return c.pace.slowed() }

// lasts reports whether a failed try took so long that the same request is not sent again. For a
// page, the caller asks for a smaller one.
func (c *Client) lasts(a *Answer, err error, try int, page bool) bool {
	if a != nil {
		return page && a.Took >= c.Options.Timeout/QuickShare
	}
	return page && c.TookLong(err) || try > 1 && CauseOf(err) == CauseTimeout
}

// transient reports whether a request met a fault that passes by itself, and how long the server
// asks us to wait, 0 if it does not say.
func (c *Client) transient(a *Answer, err error) (wait time.Duration, transient bool) {
	refusal, _ := errors.AsType[*Error](err)
	switch {
	case refusal != nil: // no answer, or not a whole one
		return 0, refusal.Temporary() && refusal.RetryAfter == 0
	case err != nil:
		return 0, false
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return retryAfter(a.Header), true
	}
	return 0, a.Status >= 500
}

// TookLong reports whether a request failed because it took too long, so that one for fewer records
// may work.
func (c *Client) TookLong(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Took >= c.Options.Timeout/QuickShare && e.Temporary() && e.RetryAfter == 0
}

// QuickShare divides the timeout: a request that takes less than that part is quick.
const QuickShare = 4
