// Package backoff waits before something that failed is tried again.
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Delay returns how long to wait after so many tries have failed, at least one: first, twice as long
// with each further try, and at most last. Then it has the jitter of 0.7 to 1.3 that Atlassian
// advises, so the result may be longer than last.
func Delay(tries int, first, last time.Duration) time.Duration {
	wait := first
	for n := 1; n < tries && wait < last; n++ {
		wait *= 2
	}
	return time.Duration(float64(min(wait, last)) * (0.7 + 0.6*rand.Float64()))
}

// Sleep waits for d, or until ctx is done: then it returns the cause.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
