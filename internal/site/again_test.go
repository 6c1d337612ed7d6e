package site_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// After a short wait that the server asks for, the same request is sent again, whether or not
// anything was read before.
func TestShortWaitIsWaitedOut(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{"seconds": {"Retry-After", "7"}, "reset": {"X-RateLimit-Reset", "2000-01-01T00:00:07Z"}} {
		for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
			synctest.Test(t, func(t *testing.T) {
				var asked []time.Time
				c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
					asked = append(asked, time.Now())
					if len(asked) == 1 {
						reply(status, "", header...)(w, r)
						return
					}
					reply(200, emptyPage)(w, r)
				})
				if err := read(t.Context(), c); err != nil {
					t.Fatalf("%s, %d: %v", name, status, err)
				}
				if wait := asked[1].Sub(asked[0]); wait < 7*time.Second || wait > 10*time.Second {
					t.Errorf("%s, %d: asked again after %v", name, status, wait)
				}
			})
		}
	}
}

// Repeated short waits are bounded like one long wait, and every wait ends when the caller's
// context is done.
func TestShortWaitsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbleClient(t, reply(http.StatusTooManyRequests, "", "Retry-After", "4"))
		start := time.Now()
		if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseRateLimited {
			t.Errorf("error %v", err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("waited %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		if err := read(ctx, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("stopped after %v", took)
		}
	})
}

// After a passing fault a request is sent again while the site is working. If the site has not
// answered for long, the failure is returned at once.
func TestPassingFaults(t *testing.T) {
	t.Parallel()
	cut := func(w http.ResponseWriter, _ *http.Request) {
		reply(200, emptyPage[:5])(w, nil)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	for name, fault := range map[string]http.HandlerFunc{
		"500": reply(500, ""), "502": reply(502, "<html>"), "503": reply(503, ""), "cut": cut,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := &auditLog{Records: auditRecords(100)}
			requests, fails := 0, 0
			site := func(w http.ResponseWriter, r *http.Request) {
				if requests++; requests%3 == 0 || fails > 0 {
					fails--
					fault(w, r)
					return
				}
				log.ServeHTTP(w, r)
			}
			c := cloudClient(t, site, atlassian.Options{PageSize: 20})
			if got, err := readAll(c, Epoch.Add(-99*time.Millisecond), Epoch); err != nil || len(got) != 100 {
				t.Errorf("%d records, %v", len(got), err)
			}
			if log.Requests > 8 {
				t.Errorf("%d requests: the pages before a failure were read again", log.Requests)
			}
			// the site has never answered this client
			c = cloudClient(t, site, atlassian.Options{PageSize: 20})
			requests, fails = 0, 1
			if err := read(t.Context(), c); err == nil || requests != 1 {
				t.Errorf("%d requests to a site that gave no answer before, %v", requests, err)
			}
		})
	}
}

// After refusals the rate of requests is lower, and it rises again with time.
func TestRefusalsSlowDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tokens, filled := 1.0, time.Now() // one a second
		requests, refused, plenty := 0, 0, false
		c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
			tokens = min(1, tokens+time.Since(filled).Seconds())
			filled = time.Now()
			if requests++; tokens < 0.999 && !plenty {
				refused++
				reply(http.StatusTooManyRequests, "", "Retry-After", "1")(w, r)
				return
			}
			tokens--
			reply(200, emptyPage)(w, r)
		})
		start := time.Now()
		for range 200 {
			if err := read(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 400*time.Second {
			t.Errorf("200 requests took %v", took)
		}
		if refused > 40 {
			t.Errorf("%d of %d requests were refused", refused, requests)
		}
		plenty = true
		time.Sleep(10 * time.Minute)
		start = time.Now()
		for range 100 {
			_ = read(t.Context(), c)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("still slow after ten minutes: %v for 100 requests", took)
		}
	})
}

// A server that refuses every other request, even of few, only makes each of them wait.
func TestEveryOtherRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		requests := 0
		c := bubbleClient(t, func(w http.ResponseWriter, r *http.Request) {
			if requests++; requests%2 == 0 {
				reply(http.StatusTooManyRequests, "", "Retry-After", "1")(w, r)
				return
			}
			reply(200, emptyPage)(w, r)
		})
		start := time.Now()
		for range 50 {
			if err := read(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 110*time.Second {
			t.Errorf("50 requests took %v", took)
		}
	})
}

// A wait of years that the server asks for counts as an hour.
func TestLongestHold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbleClient(t, once(reply(429, "", "Retry-After", "999999999"), reply(200, emptyPage)))
		var refusal *atlassian.Error
		if err := read(t.Context(), c); !errors.As(err, &refusal) || refusal.RetryAfter != atlassian.MaxRetryAfter {
			t.Errorf("error %v, want one with %v to wait", err, atlassian.MaxRetryAfter)
		}
		time.Sleep(atlassian.MaxRetryAfter)
		if err := read(t.Context(), c); err != nil {
			t.Errorf("after %v: %v", atlassian.MaxRetryAfter, err)
		}
	})
}
