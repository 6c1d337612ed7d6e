package atlassian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	// maxTries is how often one request is sent while the site is at work.
	maxTries   = 4
	firstAgain = 250 * time.Millisecond

	// atWork is how long a good answer shows that the site is at work. A request that fails then
	// has met a passing fault: sent again where it was, it saves all that was read before it. When
	// the site gives no answer at all, somebody has to hear of it soon.
	atWork = 30 * time.Second
)

// exchange sends a request and reads the whole answer, as send does. What fails in passing is sent
// again: after a short time that the server asks for in any case, after a back-off while the site
// is at work.
func (c *Client) exchange(req *http.Request, into *bytes.Buffer) (*Answer, error) {
	ctx := req.Context()
	var asked time.Duration // to wait, by the server
	tries := 1
	if time.Since(time.Unix(0, c.answered.Load())) < atWork {
		tries = maxTries
	}
	for try := 1; ; try++ {
		a, err := c.send(req, into)
		wait, passing := c.passing(a, err)
		switch {
		case !passing:
			if err == nil {
				c.answered.Store(time.Now().UnixNano())
			}
			return a, err
		case wait > 0:
			if asked += wait; asked > shortWait {
				return a, err // the caller waits, and says so
			}
			c.waited.Add(int64(wait))
		case try >= tries, c.lasts(a, err, try, into != nil):
			return a, err
		case sleep(ctx, backOff(try)) != nil:
			return nil, fmt.Errorf("ask %s: %w", req.URL.Host, context.Cause(ctx))
		}
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, fmt.Errorf("build request: %w", err)
			}
		}
	}
}

// Waited returns how long requests have waited because the site asked for it and the wait was
// short. A longer wait is an error with [Error.RetryAfter], and the caller's.
func (c *Client) Waited() time.Duration { return time.Duration(c.waited.Load()) }

// lasts tells whether a failed try took so long that the same is not worth another: of a page, the
// caller asks for a smaller one.
func (c *Client) lasts(a *Answer, err error, try int, page bool) bool {
	if a != nil {
		return page && a.Took >= c.Options.Timeout/QuickShare
	}
	return page && c.TookLong(err) || try > 1 && CauseOf(err) == CauseTimeout
}

// passing tells whether a request met a fault that passes by itself, and how long the server wants
// us to wait, when it says so.
func (c *Client) passing(a *Answer, err error) (wait time.Duration, passing bool) {
	refusal, _ := errors.AsType[*Error](err)
	switch {
	case refusal != nil: // without an answer, or a whole one
		return 0, refusal.Temporary() && refusal.RetryAfter == 0
	case err != nil:
		return 0, false
	case a.Status == http.StatusTooManyRequests, a.Status == http.StatusServiceUnavailable:
		return retryAfter(a.Header), true
	}
	return 0, a.Status >= 500
}

// backOff doubles with each try, with the jitter of 0.7 to 1.3 that Atlassian advises.
func backOff(try int) time.Duration {
	return time.Duration(float64(firstAgain<<(try-1)) * (0.7 + 0.6*rand.Float64()))
}

// sleep waits, or returns why the context ended before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// TookLong tells whether a request that failed may come in time for fewer records.
func (c *Client) TookLong(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Took >= c.Options.Timeout/QuickShare && e.Temporary() && e.RetryAfter == 0
}

// QuickShare is the part of the time for a request that is little.
const QuickShare = 4
