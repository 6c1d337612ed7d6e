package site_test

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

func bubbleClient(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	c, err := confluence.New(atlassian.Options{APIURL: "https://acme.atlassian.net", Deployment: atlassian.DeploymentCloud, Route: atlassian.RouteSite, CloudID: "x",
		UserIdentifier: testUser, APIToken: atlassian.NewSecret(testToken), Transport: simulate.InMemory(h)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// After a refusal with a long wait no request is sent before its end, and callers get an error at
// once with the time left. Data Center's Retry-After: 0 on good answers delays nothing.
func TestHold(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		synctest.Test(t, func(t *testing.T) {
			requests := 0
			c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
				requests++
				if requests == 2 {
					reply(status, "", "Retry-After", "45")(w, r)
					return
				}
				reply(200, emptyPage, "Retry-After", "0")(w, r)
			})
			if _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			var refusal *atlassian.Error
			if err := read(t.Context(), c); !errors.As(err, &refusal) || refusal.RetryAfter != 45*time.Second {
				t.Fatalf("error %v, want one with 45s to wait", err)
			}
			time.Sleep(10 * time.Second)
			if err := read(t.Context(), c); !errors.As(err, &refusal) || refusal.RetryAfter != 35*time.Second || !refusal.Temporary() {
				t.Errorf("error %v, want one with 35s to wait", err)
			}
			if requests != 2 {
				t.Errorf("%d requests, want none during the wait", requests)
			}
			time.Sleep(35 * time.Second)
			if err := read(t.Context(), c); err != nil {
				t.Errorf("after the wait: %v", err)
			}
		})
	}
}

// If little of the budget is left, requests are slower for a while.
func TestNearLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		warn := true
		c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
			if warn {
				w.Header().Set("X-RateLimit-NearLimit", "true")
			}
			reply(200, emptyPage)(w, r)
		})
		elapsed := func() time.Duration {
			start := time.Now()
			for range 10 {
				if err := read(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(start)
		}
		if _, err := c.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := elapsed(); got < 8*time.Second {
			t.Errorf("ten requests near the limit took %v", got)
		}
		warn = false
		time.Sleep(time.Minute + time.Second)
		_ = read(t.Context(), c)
		if got := elapsed(); got > time.Second {
			t.Errorf("ten requests far from the limit took %v", got)
		}
	})
}

func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		skew := time.Hour + 300*time.Millisecond
		c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
			reply(200, emptyPage)(w, r)
		})
		if got := c.Now(); !got.Equal(time.Now()) {
			t.Errorf("before any answer %v", got)
		}
		var last time.Time
		for range 20 {
			time.Sleep(170 * time.Millisecond)
			if err := read(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			truth := time.Now().Add(skew)
			if behind := truth.Sub(c.Now()); behind < 0 || behind > time.Second {
				t.Errorf("%v behind the site's clock", behind)
			}
			if c.Now().Before(last) {
				t.Errorf("went back from %v to %v", last, c.Now())
			}
			last = c.Now()
		}
		skew = -time.Hour // the site's clock is corrected, and seen to run
		for range 3 {
			if err := read(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
		}
		if behind := time.Now().Add(skew).Sub(c.Now()); behind < 0 || behind > time.Second {
			t.Errorf("after a step %v behind", behind)
		}
	})
}

// A Date that stands still is not followed, from the beginning or later, right, behind or ahead.
// The time still advances.
func TestClockStandsStill(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, -24 * time.Hour, 24 * time.Hour, -time.Minute} {
		for _, ran := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				still := time.Now().Add(skew)
				run := ran
				c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
					date := still
					if run {
						date = time.Now().Add(skew)
					}
					w.Header().Set("Date", date.UTC().Format(http.TimeFormat))
					reply(200, emptyPage)(w, r)
				})
				for i := range 100 {
					if err := read(t.Context(), c); err != nil {
						t.Fatal(err)
					}
					time.Sleep(5 * time.Second)
					if i == 20 {
						still, run = time.Now().Add(skew), false
					}
					want := time.Now()
					if ran {
						want = want.Add(skew) // the skew from when it ran
					}
					if off := c.Now().Sub(want); i > 0 && off.Abs() > 6*time.Second {
						t.Fatalf("skew %v, ran %v: after %d answers the time is %v off", skew, ran, i+1, off)
					}
				}
			})
		}
	}
}

// A cache answers with an old Date.
func TestClockIgnoresCaches(t *testing.T) {
	t.Parallel()
	c := cloudClient(t, reply(200, emptyPage, "Age", "300", "Date", "Tue, 14 Nov 2023 22:13:20 GMT"), atlassian.Options{})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if skew := time.Since(c.Now()).Abs(); skew > time.Minute {
		t.Errorf("skew %v", skew)
	}
}
