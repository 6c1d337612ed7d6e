package confluence

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// normalRate holds back only a loop gone wild, in requests per second. Page
	// after page, a site that takes 50 ms to answer is asked 20 times a second;
	// the published burst limit of Jira Cloud is 100, Confluence publishes none.
	normalRate = 250

	// nearLimitRate is the pace for nearLimitTime after the server has said
	// that less than a fifth of its budget is left.
	nearLimitRate = 1
	nearLimitTime = time.Minute

	// maxRetryAfter bounds how long a server can tell us to stay away.
	maxRetryAfter = 24 * time.Hour
)

// pace is what all requests of a client share: one limiter, and the time before
// which the server does not want to hear from us.
type pace struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	slowUntil time.Time
	holdUntil time.Time
}

func newPace() *pace { return &pace{limiter: rate.NewLimiter(normalRate, normalRate)} }

// wait blocks for the limiter. While the server wants to be left alone it fails
// at once instead: asking earlier prolongs the ban, and waiting is the caller's.
func (p *pace) wait(ctx context.Context, host string) error {
	p.mu.Lock()
	remaining := time.Until(p.holdUntil)
	if !p.slowUntil.IsZero() && time.Now().After(p.slowUntil) {
		p.slowUntil = time.Time{}
		p.limiter.SetLimit(normalRate)
		p.limiter.SetBurst(normalRate)
	}
	p.mu.Unlock()
	if remaining > 0 {
		err := fail(CauseRateLimited, nil, "%s asks for fewer requests", host)
		err.RetryAfter = remaining
		return err
	}
	if err := p.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("wait for %s: %w", host, err)
	}
	return nil
}

// observe learns from the headers of every answer.
func (p *pace) observe(status int, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		if after := retryAfter(header); after > 0 {
			p.holdUntil = time.Now().Add(after)
		}
	}
	if strings.EqualFold(header.Get("X-RateLimit-NearLimit"), "true") {
		p.slowUntil = time.Now().Add(nearLimitTime)
		p.limiter.SetLimit(nearLimitRate)
		p.limiter.SetBurst(1)
	}
}

// retryAfter reads how long a refused caller shall wait: Retry-After in seconds
// or as a date, else X-RateLimit-Reset, which is ISO 8601 with or without
// seconds. 0 means that the server did not say. Dates count from the server's
// own Date, so that our clock does not matter.
func retryAfter(header http.Header) time.Duration {
	now := time.Now()
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	var wait time.Duration
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, ok := parseDigits(value); ok {
		wait = time.Duration(min(seconds, int64(maxRetryAfter/time.Second))) * time.Second
	} else if date, err := http.ParseTime(value); err == nil {
		wait = date.Sub(now)
	}
	if wait <= 0 {
		reset := strings.TrimSpace(header.Get("X-RateLimit-Reset"))
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
			if date, err := time.Parse(layout, reset); err == nil {
				wait = date.Sub(now)
				break
			}
		}
	}
	return min(max(wait, 0), maxRetryAfter)
}
