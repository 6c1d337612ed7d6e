package collect

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

var (
	internalError = &atlassian.Error{Cause: atlassian.CauseServer, Message: "an internal error", Status: 500}
	few           = Limits{Window: window.Limits{Records: 100}}
)

// olderThan refuses reads of records before then, except the first poll, which reads everything.
func olderThan(then time.Time, err error) func(timerange.Range) error {
	return func(r timerange.Range) error {
		if r.From.Before(then) && r.To.Before(epoch) {
			return err
		}
		return nil
	}
}

// long is a site with n old records, one every gap before the epoch: so many that they are read in
// pieces.
func long(n int, gap time.Duration) *site {
	src := &site{}
	for i := range n {
		src.add(epoch.Add(-time.Duration(n-i)*gap), fmt.Sprintf("old-%05d", i))
	}
	return src
}

// count returns how many lines of the log hold text.
func (r *run) count(text string) (n int) {
	for _, line := range r.log.lines() {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// live adds a record and returns how long its delivery took.
func (r *run) live(src *site, name string) time.Duration {
	born := time.Now()
	src.add(born, name)
	for time.Since(born) < time.Hour {
		r.pass(time.Second)
		for _, a := range r.lines {
			if a.text == name {
				return a.at.Sub(born)
			}
		}
	}
	return time.Hour
}

func TestOnlyAnOldRangeFails(t *testing.T) {
	t.Parallel()
	src := long(1000, time.Hour)
	src.refuse(olderThan(epoch.Add(-500*time.Hour), internalError))
	bubble(t, src, &store{}, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		asked := len(src.asked())
		for n := range 60 {
			if took := r.live(src, fmt.Sprint("live-", n)); took > time.Minute+2*time.Second {
				t.Errorf("%d: a new record came after %s", n, took)
			}
			r.pass(4 * time.Minute)
			if !r.stats.Failing() {
				t.Fatalf("%d: all is well, it says", n)
			}
		}
		hours := time.Since(epoch).Hours()
		if n := len(src.asked()) - asked; float64(n) > hours*60*4 {
			t.Errorf("asked %d times in %.1f hours", n, hours)
		}
		if n := r.count("an internal error (HTTP 500) (cannot read records from 1999-11-"); n != 4 && n != 5 || n != r.count("an internal error") {
			t.Errorf("logged %d times:\n%s", n, strings.Join(r.log.lines(), "\n"))
		}
		if n := r.count("again"); n != 0 {
			t.Errorf("that it can be read again is logged %d times", n)
		}
		src.refuse(nil)
		r.pass(10 * time.Minute)
		if len(r.lines) != 1060 || r.stats.Failing() {
			t.Errorf("%d records in the end, want 1060; failing: %v", len(r.lines), r.stats.Failing())
		}
		if r.count("records from 1999-11-20T07:00:00.000Z to 1999-12-11T04:0") < 4 || r.count("can be read again, after 5h") != 1 {
			t.Errorf("the end is not logged once:\n%s", strings.Join(r.log.lines(), "\n"))
		}
	})
}

// All records that the site lists are delivered, up to the range that fails.
func TestRecordsAfterARangeThatFails(t *testing.T) {
	t.Parallel()
	src := long(1000, time.Hour)
	src.refuse(olderThan(epoch.Add(-500*time.Hour-10*time.Minute), internalError))
	bubble(t, src, &store{}, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		r.pass(3 * time.Hour)
		if n := len(r.lines); n != 500 {
			t.Errorf("%d records, want the 500 that the site gives", n)
		}
	})
}

// If a site is so busy that no poll is complete, new records come with the catch-up. They must not
// wait for old ranges that fail.
func TestBusySiteWithAnOldRangeThatFails(t *testing.T) {
	t.Parallel()
	src := long(1000, time.Hour)
	src.refuse(olderThan(epoch.Add(-500*time.Hour), internalError))
	bubble(t, src, &store{}, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		for n := range 3600 {
			src.add(time.Now(), fmt.Sprint("live-", n))
			r.pass(time.Second)
		}
		worst, came := time.Duration(0), 0
		for _, a := range r.lines {
			var n int
			if _, err := fmt.Sscanf(a.text, "live-%d", &n); err == nil {
				worst, came = max(worst, a.at.Sub(epoch.Add(time.Duration(n+1)*time.Second))), came+1
			}
		}
		if worst > 5*time.Minute || came < 3600-300 {
			t.Errorf("%d of 3600 new records came, the slowest after %s", came, worst)
		}
	})
}

func TestOnlyTheRescanFails(t *testing.T) {
	t.Parallel()
	src := long(200, 15*time.Minute)
	bubble(t, src, &store{}, Options{Start: epoch.Add(-51 * time.Hour)}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		src.refuse(olderThan(epoch.Add(-24*time.Hour), internalError))
		r.pass(9 * time.Hour)
		if n := r.count("an internal error (HTTP 500) (cannot read late records from 1999-12-30"); n < 3 || n > 5 || r.count("again") != 0 {
			t.Errorf("logged %d times:\n%s", n, strings.Join(r.log.lines(), "\n"))
		}
		src.add(epoch.Add(-5*time.Hour), "back-dated")
		src.refuse(nil)
		r.pass(2 * time.Minute)
		if len(r.lines) != 201 || r.stats.Failing() || r.count("late records from 1999-12-30T06:00:00.000Z to 1999-12-31T23:35:00.000Z can be read again") != 1 {
			t.Errorf("%d records in the end, want 201; failing: %v", len(r.lines), r.stats.Failing())
		}
	})
}

// An outage of the whole site is logged once, whichever part meets it first, and so is its end.
func TestWholeSiteDownDuringACatchUp(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]*atlassian.Error{
		"temporary": {Cause: atlassian.CauseNetwork, Message: "simulated"},
		"refused":   {Cause: atlassian.CauseExpired, Message: "simulated"},
		"limited":   {Cause: atlassian.CauseRateLimited, Message: "simulated", RetryAfter: 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := long(5000, time.Hour)
			src.latency = time.Second
			bubble(t, src, &store{}, Options{Start: epoch.Add(-5001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
				r.pass(20 * time.Second)
				if r.stats.Pending.Load() == 0 || r.stats.Polled.Load() == 0 {
					t.Fatal("no catch-up is under way")
				}
				src.fail(err)
				r.pass(4 * time.Minute)
				if n := r.count("simulated (cannot read"); n != 1 || r.count("simulated (cannot read records since") != 1 {
					t.Errorf("logged %d times:\n%s", n, strings.Join(r.log.lines(), "\n"))
				}
				asked := src.asked()
				if last := asked[len(asked)-1]; !last.To.After(epoch) {
					t.Errorf("asks for %v while polls fail", last)
				}
				src.fail(nil)
				r.pass(15 * time.Minute)
				if n := r.count("again"); n != 1 || r.count("the audit log can be read again") != 1 {
					t.Errorf("the end is logged %d times:\n%s", n, strings.Join(r.log.lines(), "\n"))
				}
				if len(r.lines) != 5000 || r.stats.Failing() {
					t.Errorf("%d records in the end, failing: %v", len(r.lines), r.stats.Failing())
				}
			})
		})
	}
}

// A wait that the site asks for holds for all parts.
func TestRateLimitHoldsForAll(t *testing.T) {
	t.Parallel()
	src := long(1000, time.Hour)
	src.refuse(olderThan(epoch.Add(-500*time.Hour), &atlassian.Error{Cause: atlassian.CauseRateLimited, Message: "limited", RetryAfter: 20 * time.Minute}))
	bubble(t, src, &store{}, Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		asked := len(src.asked())
		r.pass(19 * time.Minute)
		if n := len(src.asked()) - asked; n != 0 {
			t.Errorf("asked %d times within the 20 minutes that the site had asked for", n)
		}
		r.pass(4 * time.Hour)
		if n := len(src.asked()) - asked; n > 40 {
			t.Errorf("asked %d times in 12 times 20 minutes", n)
		}
		if r.count("(cannot read records since") != 1 || r.count("the audit log can be read again") != 1 || r.count("limited (cannot read records from") < 2 {
			t.Errorf("the log:\n%s", strings.Join(r.log.lines(), "\n"))
		}
	})
}

// The site cannot list old records any more after the collector was away for long.
func TestAwayForLongAndTheOldEndFails(t *testing.T) {
	t.Parallel()
	src := long(240, time.Hour)
	src.refuse(func(r timerange.Range) error {
		if r.From.Before(epoch.Add(-120*time.Hour - 10*time.Minute)) {
			return internalError
		}
		return nil
	})
	saved := outbox.Checkpoint{Origin: epoch.Add(-500 * time.Hour), Head: epoch.Add(-240 * time.Hour), Polled: epoch.Add(-240 * time.Hour), Rescanned: epoch}
	bubble(t, src, &store{checkpoint: saved}, Options{}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if took := r.live(src, "live"); took > time.Minute+2*time.Second {
			t.Errorf("a new record came after %s", took)
		}
		r.pass(time.Hour)
		if len(r.lines) != 121 {
			t.Errorf("%d records, want 121", len(r.lines))
		}
		src.refuse(nil)
		r.pass(10 * time.Minute)
		if len(r.lines) != 241 {
			t.Errorf("%d records in the end, want 241", len(r.lines))
		}
	})
}

// Heartbeats continue while the collector waits because the site asked for it.
func TestHeartbeatWhileLimited(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.fail(&atlassian.Error{Cause: atlassian.CauseRateLimited, Message: "limited", RetryAfter: time.Hour})
	bubble(t, src, &store{}, Options{HealthSite: "https://acme.atlassian.net"}, func(t *testing.T, r *run) {
		r.pass(59 * time.Minute)
		beats := 0
		for _, a := range r.lines {
			if strings.Contains(a.line, string(Heartbeat)) {
				beats++
			}
		}
		if beats < 10 || len(src.asked()) != 1 {
			t.Errorf("%d heartbeats in an hour, asked %d times", beats, len(src.asked()))
		}
	})
}

// An outage of the oldest range is over when the range was read, even if it was read from its end.
func TestOldRangeReadFromItsEnd(t *testing.T) {
	t.Parallel()
	src, start := long(200, 150*time.Millisecond), epoch.Add(-30*time.Second)
	refused := false
	src.refuse(func(r timerange.Range) error {
		if refused || !r.From.Equal(start) || !r.To.Before(epoch) {
			return nil
		}
		refused = true
		return internalError
	})
	bubble(t, src, &store{}, Options{Start: start, Limits: few}, func(t *testing.T, r *run) {
		r.pass(time.Second)
		if !refused || len(r.lines) != 200 || r.stats.Failing() {
			t.Errorf("refused: %v; %d records, failing: %v", refused, len(r.lines), r.stats.Failing())
		}
	})
}

// The server's words are at the end of a message, in the log and in the stream.
func TestServersWordsAtTheEnd(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.fail(&atlassian.Error{Cause: atlassian.CauseForbidden, Message: "no", Remedy: "ask", Status: 403, Said: "closed"})
	bubble(t, src, &store{}, Options{HealthSite: "https://acme.atlassian.net"}, func(t *testing.T, r *run) {
		r.pass(20 * time.Minute)
		lines := 0
		for _, line := range r.log.lines() {
			if strings.Contains(line, "no: ask (HTTP 403) (cannot read records since") {
				lines++
				if !strings.HasSuffix(line, `); the server says "closed" cause=forbidden`) {
					t.Errorf("log: %s", line)
				}
			}
		}
		if lines < 2 {
			t.Errorf("%d lines tell of the refusal", lines)
		}
		for _, a := range r.lines {
			if strings.Contains(a.line, string(AccessLost)) && !strings.Contains(a.line, `(cannot read records since 1999-12-31T00:00:00.000Z); the server says \"closed\"","category"`) {
				t.Errorf("health record: %s", a.line)
			}
		}
	})
}
