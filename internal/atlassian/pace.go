package atlassian

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"fluent-bit-confluence/internal/backoff"
)

const (
	// normalRate, in requests per second, only stops a loop out of control. A site that answers in
	// 50 ms gets 20 requests a second. The published burst limit of Jira Cloud is 100, Confluence
	// publishes none.
	normalRate = 250

	// slowRate, in requests per second, is the lowest rate that refusals lead to: a server that
	// still refuses has other reasons. Only a longer Retry-After makes us slower, down to
	// slowestRate.
	slowRate    = 1
	slowestRate = 0.5

	// speedUp is how long it takes until a lowered rate has doubled.
	speedUp = 10 * time.Second

	// nearLimitRate is the rate for nearLimitTime after the server has said that less than a fifth
	// of the budget is left.
	nearLimitRate = 1
	nearLimitTime = time.Minute

	// MaxRetryAfter bounds how long a server can make us wait.
	MaxRetryAfter = time.Hour

	// shortWait is the longest wait within a request. A longer one is an error, so that the caller
	// can log it and wait.
	shortWait = 30 * time.Second
)

// pace is shared by all requests of a client: one limiter, and the time before which the server
// wants no request.
type pace struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	slowUntil time.Time
	holdUntil time.Time
	lowered   rate.Limit // rate after refusals; 0 if there were none lately
	since     time.Time  // when lowered last changed
	refused   time.Time  // when it was last lowered
	asked     int64      // how often the server has asked us to slow down
	used      usage
}

func newPace() *pace { return &pace{limiter: rate.NewLimiter(normalRate, normalRate)} }

// wait waits for the limiter and for a short wait that the server asked for. If that is longer than
// shortWait, it fails at once: a request before the end would prolong the limit.
func (p *pace) wait(ctx context.Context, host string) error {
	for {
		remaining := p.hold()
		if remaining > shortWait {
			err := Fail(CauseRateLimited, nil, "%s limits the rate of requests", host)
			err.RetryAfter = remaining
			return err
		}
		if remaining <= 0 {
			break
		}
		if err := backoff.Sleep(ctx, remaining); err != nil {
			return fmt.Errorf("wait for %s: %w", host, err)
		}
	}
	if err := p.limiter.Wait(ctx); err != nil {
		return fmt.Errorf("wait for %s: %w", host, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used.count(time.Now())
	return nil
}

// hold returns how long no request may be sent, and sets the limiter for the requests after that.
func (p *pace) hold() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for p.lowered > 0 && now.Sub(p.since) >= speedUp {
		p.lowered, p.since = 2*p.lowered, p.since.Add(speedUp)
		if p.lowered >= normalRate {
			p.lowered = 0
		}
	}
	p.set(now)
	return p.holdUntil.Sub(now)
}

// set sets the rate of the limiter.
func (p *pace) set(now time.Time) {
	limit, burst := rate.Limit(normalRate), normalRate
	if p.lowered > 0 {
		limit, burst = p.lowered, 1
	}
	if now.Before(p.slowUntil) {
		limit, burst = min(limit, nearLimitRate), 1
	}
	if limit != p.limiter.Limit() {
		p.limiter.SetLimit(limit)
		p.limiter.SetBurst(burst)
	}
}

// observe learns from the headers of the answer to a request sent at a time.
func (p *pace) observe(sent time.Time, status int, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	slow := rate.Limit(slowRate)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		if after := retryAfter(header); after > 0 {
			p.holdUntil = now.Add(after)
			p.asked++
			slow = min(slow, rate.Limit(1/after.Seconds()))
		}
	}
	// Requests that were under way when the server refused one tell nothing new.
	if status == http.StatusTooManyRequests && !sent.Before(p.refused) {
		// Half the rate that was too fast.
		p.refused = now
		p.asked++
		p.lowered = max(slow, slowestRate, min(p.limiter.Limit(), p.used.rate(now))/2)
		p.since = now
	}
	if strings.EqualFold(header.Get("X-RateLimit-NearLimit"), "true") {
		p.slowUntil = now.Add(nearLimitTime)
		p.asked++
	}
	p.set(now)
}

// slowed returns how often the server has asked us to slow down.
func (p *pace) slowed() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// usage counts the requests of the last seconds.
type usage struct {
	begin        time.Time     // begin of the current span
	last, before int           // requests of the current span and of the one before
	counted      time.Duration // how much of the span before was counted
}

// usageSpan is the length of a span.
const usageSpan = 4 * time.Second

func (u *usage) count(now time.Time) {
	u.move(now)
	u.last++
}

func (u *usage) move(now time.Time) {
	switch elapsed := now.Sub(u.begin); {
	case elapsed >= 2*usageSpan:
		*u = usage{begin: now}
	case elapsed >= usageSpan:
		*u = usage{begin: u.begin.Add(usageSpan), before: u.last, counted: usageSpan}
	}
}

// rate returns the recent requests per second.
func (u *usage) rate(now time.Time) rate.Limit {
	u.move(now)
	fresh := now.Sub(u.begin)
	share := 1 - fresh.Seconds()/usageSpan.Seconds()
	watched := max(fresh.Seconds()+share*u.counted.Seconds(), 1)
	return rate.Limit((float64(u.last) + float64(u.before)*share) / watched)
}

// retryAfter reads how long to wait after a refusal: Retry-After in seconds or as a date, else
// X-RateLimit-Reset, which is ISO 8601 with or without seconds. 0 means that the server did not
// say. Dates are compared with the server's own Date, so that our clock does not matter.
func retryAfter(header http.Header) time.Duration {
	now := time.Now()
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	var wait time.Duration
	value := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, ok := ParseDigits(value); ok {
		wait = time.Duration(min(seconds, int64(MaxRetryAfter/time.Second))) * time.Second
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
	return min(max(wait, 0), MaxRetryAfter)
}
