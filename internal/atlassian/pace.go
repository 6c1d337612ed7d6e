package atlassian

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
	// normalRate holds back only a loop gone wild, in requests per second. Page after page, a site
	// that takes 50 ms to answer is asked 20 times a second; the published burst limit of Jira
	// Cloud is 100, Confluence publishes none.
	normalRate = 250

	// slowRate is as far as refusals slow us down, in requests per second. Who refuses fewer than
	// that refuses for other reasons, and only its own word, which is heeded for each request,
	// makes us slower: down to slowestRate.
	slowRate    = 1
	slowestRate = 0.5

	// speedUp is how long it takes until a rate that was lowered is doubled.
	speedUp = 10 * time.Second

	// nearLimitRate is the pace for nearLimitTime after the server has said that less than a fifth
	// of its budget is left.
	nearLimitRate = 1
	nearLimitTime = time.Minute

	// MaxRetryAfter bounds how long a server can tell us to stay away.
	MaxRetryAfter = time.Hour

	// shortWait is waited out within a request. What is longer is its caller's to wait for, who may
	// have to say so.
	shortWait = 30 * time.Second
)

// pace is what all requests of a client share: one limiter, and the time before which the server
// does not want to hear from us.
type pace struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	slowUntil time.Time
	holdUntil time.Time
	lowered   rate.Limit // what refusals have left of the rate; 0 when there were none lately
	since     time.Time  // when it was lowered or raised last
	used      usage
}

func newPace() *pace { return &pace{limiter: rate.NewLimiter(normalRate, normalRate)} }

// wait blocks for the limiter, and for a short time that the server wants to be left alone. For a
// long one it fails at once instead: asking earlier prolongs the ban.
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
		if err := sleep(ctx, remaining); err != nil {
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

// hold is how long nothing may be asked. It sets the limiter for what is asked then.
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

// set tells the limiter how fast we may be.
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

// observe learns from the headers of every answer.
func (p *pace) observe(status int, header http.Header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	slow := rate.Limit(slowRate)
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		if after := retryAfter(header); after > 0 {
			p.holdUntil = now.Add(after)
			slow = min(slow, rate.Limit(1/after.Seconds()))
		}
	}
	if status == http.StatusTooManyRequests {
		// Half of what was too fast.
		p.lowered = max(slow, slowestRate, min(p.limiter.Limit(), p.used.rate(now))/2)
		p.since = now
	}
	if strings.EqualFold(header.Get("X-RateLimit-NearLimit"), "true") {
		p.slowUntil = now.Add(nearLimitTime)
	}
	p.set(now)
}

// usage counts the requests of the last seconds.
type usage struct {
	begin        time.Time     // of the current span
	last, before int           // requests of it, and of the span before
	counted      time.Duration // how much of the span before has been watched
}

// usageSpan is how long a span is.
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

// rate is how many requests there were lately, per second.
func (u *usage) rate(now time.Time) rate.Limit {
	u.move(now)
	fresh := now.Sub(u.begin)
	share := 1 - fresh.Seconds()/usageSpan.Seconds()
	watched := max(fresh.Seconds()+share*u.counted.Seconds(), 1)
	return rate.Limit((float64(u.last) + float64(u.before)*share) / watched)
}

// retryAfter reads how long a refused caller shall wait: Retry-After in seconds or as a date, else
// X-RateLimit-Reset, which is ISO 8601 with or without seconds. 0 means that the server did not
// say. Dates count from the server's own Date, so that our clock does not matter.
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
