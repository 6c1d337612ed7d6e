package atlassian

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fluent-bit-confluence/internal/backoff"
)

// Quota is a limit that Atlassian publishes for an API, in requests a minute. 0 is no limit.
type Quota struct{ All, Path int }

// quotaSpan is a minute, and a little for requests that overtake each other on the way.
const quotaSpan = time.Minute + time.Second

// quotas keep the requests of a client within a [Quota], whatever the headers of answers say. A
// restart forgets what was sent before: then the server refuses, and says how long to wait.
type quotas struct {
	most Quota

	mu     sync.Mutex
	all    []time.Time // the requests of the last span, oldest first
	byPath map[string][]time.Time
}

// wait waits until a request for a path is within the limits, and counts it.
func (q *quotas) wait(ctx context.Context, host, path string) error {
	for {
		left := q.take(path, time.Now())
		if left <= 0 {
			return nil
		}
		if err := backoff.Sleep(ctx, left); err != nil {
			return fmt.Errorf("wait for %s: %w", host, err)
		}
	}
}

// take counts a request, or returns how long it has to wait.
func (q *quotas) take(path string, now time.Time) time.Duration {
	if q.most == (Quota{}) {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.byPath == nil {
		q.byPath = make(map[string][]time.Time)
	}
	all, of := recent(q.all, now), recent(q.byPath[path], now)
	left := max(untilRoom(all, q.most.All, now), untilRoom(of, q.most.Path, now))
	if left <= 0 {
		all, of = append(all, now), append(of, now)
	}
	q.all, q.byPath[path] = all, of
	return left
}

// recent returns the times of the last span.
func recent(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= quotaSpan {
		times = times[1:]
	}
	return times
}

// untilRoom returns how long it is until there are fewer than most times in the span.
func untilRoom(times []time.Time, most int, now time.Time) time.Duration {
	if most == 0 || len(times) < most {
		return 0
	}
	return times[len(times)-most].Add(quotaSpan).Sub(now)
}
