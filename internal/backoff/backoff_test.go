package backoff

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// A delay doubles up to a bound, with a jitter of 0.7 to 1.3.
func TestDelay(t *testing.T) {
	t.Parallel()
	for tries, want := range map[int]time.Duration{1: 2, 2: 4, 5: 32, 6: 60, 7: 60, math.MaxInt: 60} {
		shortest, longest := time.Duration(math.MaxInt64), time.Duration(0)
		for range 1000 {
			got := Delay(tries, 2*time.Second, time.Minute)
			shortest, longest = min(shortest, got), max(longest, got)
		}
		usual := want * time.Second
		if shortest < usual*7/10 || shortest > usual*8/10 || longest > usual*13/10 || longest < usual*12/10 {
			t.Errorf("after %d tries %s to %s, want about %s", tries, shortest, longest, usual)
		}
	}
}

// Sleep lasts as long as it is told, and ends with its context.
func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if err := Sleep(t.Context(), time.Second); err != nil || time.Since(begun) != time.Second {
			t.Errorf("slept for %s: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("the host ends"))
		defer cancel()
		begun = time.Now()
		if err := Sleep(ctx, time.Hour); !errors.Is(err, context.Cause(ctx)) || err == nil || time.Since(begun) != time.Minute {
			t.Errorf("slept for %s: %v", time.Since(begun), err)
		}
	})
}
