package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
)

// epoch is when every bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestOldestFirstAndOnce(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch.Add(-time.Hour), "b", "b") // twins
	src.add(epoch.Add(-2*time.Hour), "a")
	src.add(epoch.Add(-25*time.Hour), "before start_from")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(5 * time.Second)
		src.add(time.Now(), "c")
		r.pass(3 * time.Minute)
		src.add(epoch.Add(-time.Hour), "b") // a third twin, late
		r.pass(7 * time.Hour)               // too far back for the overlap, not for the deep rescan
		if diff := cmp.Diff([]string{"a", "b", "b", "c", "b"}, r.texts()); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
		if late := r.lines[4].late; late < 6*time.Hour || late > 8*time.Hour {
			t.Errorf("the third twin is late by %s", late)
		}
		if r.lines[3].late != 0 {
			t.Errorf("c is late by %s, but was seen with the next poll", r.lines[3].late)
		}
	})
}

func TestLateWithinOverlap(t *testing.T) {
	t.Parallel()
	src := &site{}
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		src.add(time.Now(), "newest")
		r.pass(2 * time.Minute)
		src.add(epoch.Add(-9*time.Minute), "late")
		r.pass(time.Minute)
		if diff := cmp.Diff([]string{"newest", "late"}, r.texts()); diff != "" {
			t.Fatalf("delivered (-want +got):\n%s", diff)
		}
		if late := r.lines[1].late; late < 11*time.Minute || late > 13*time.Minute {
			t.Errorf("marked as late by %s", late)
		}
	})
}

// A backfill of a year is delivered in pieces, oldest first, while new records are delivered with
// each poll.
func TestBackfillBesideLive(t *testing.T) {
	t.Parallel()
	src := &site{latency: 2 * time.Second}
	const old = 60_000
	start := epoch.Add(-365 * 24 * time.Hour)
	for n := range old {
		src.add(start.Add(time.Duration(n)*(365*24*time.Hour/old)).Truncate(time.Millisecond), fmt.Sprintf("old-%06d", n))
	}
	st := &store{}
	born := make(map[string]time.Time)
	var first []arrival
	bubble(t, src, st, Options{Start: start}, func(t *testing.T, r *run) {
		for n := range 4 {
			name := fmt.Sprintf("live-%d", n)
			src.add(time.Now(), name)
			born[name] = time.Now()
			r.pass(time.Second)
		}
		for len(r.lines) < old/10 {
			r.pass(time.Second)
		}
		first = r.lines
	})
	if len(first) == 0 || len(first) > old/2 {
		t.Fatalf("%d records in the first life, want some and not most", len(first))
	}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(10 * time.Minute)
		all := append(first, r.lines...)
		var olds []string
		for _, a := range all {
			if strings.HasPrefix(a.text, "old") {
				olds = append(olds, a.text)
			}
		}
		// Polls look back by the overlap, so its few records come with the polls.
		inOrder := slices.DeleteFunc(slices.Clone(olds), func(text string) bool { return text > fmt.Sprintf("old-%06d", old-10) })
		if !slices.IsSorted(inOrder) || len(olds) != old {
			t.Errorf("%d old records, in order: %v; want %d", len(olds), slices.IsSorted(inOrder), old)
		}
		for _, r := range src.asked() {
			if n := r.Length(); n > 366*24*time.Hour+time.Hour {
				t.Errorf("a window of %s", n)
			}
		}
		if len(all) != old+len(born) {
			t.Errorf("%d records, want %d", len(all), old+len(born))
		}
	})
}

func TestLiveDuringBackfill(t *testing.T) {
	t.Parallel()
	src := &site{latency: 5 * time.Second}
	start := epoch.Add(-365 * 24 * time.Hour)
	for n := range 40_000 {
		src.add(start.Add(time.Duration(n)*12*time.Minute), fmt.Sprint("old-", n))
	}
	for n := range 60 { // records that polls find before the catch-up reaches them
		src.add(epoch.Add(-time.Duration(n)*10*time.Second), fmt.Sprint("young-", n))
	}
	bubble(t, src, &store{}, Options{Start: start}, func(t *testing.T, r *run) {
		born := make(map[string]time.Time)
		for n := range 20 {
			name := fmt.Sprint("live-", n)
			src.add(time.Now(), name)
			born[name] = time.Now()
			r.pass(11 * time.Second) // out of step with the polls
		}
		r.pass(2 * time.Minute)
		for _, a := range r.lines {
			if a.late != 0 {
				t.Fatalf("%s is marked as late by %s: it only had to wait for its piece", a.text, a.late)
			}
			if at, live := born[a.text]; live {
				if delay := a.at.Sub(at); delay > 2*time.Minute {
					t.Errorf("%s came after %s, more than two poll intervals", a.text, delay)
				}
				delete(born, a.text)
			}
		}
		if len(born) > 0 {
			t.Errorf("%d live records did not come", len(born))
		}
	})
}

// If the host takes nothing, reading stops and memory stays bounded.
func TestDeafHost(t *testing.T) {
	t.Parallel()
	src := &site{}
	const n = 25_000
	for i := range n {
		src.add(epoch.Add(-time.Duration(i)*time.Second), fmt.Sprintf("%0500d", i))
	}
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.deaf = true
		r.pass(time.Hour)
		reads, size := len(src.asked()), r.outbox.Bytes()
		if size > maxQueued {
			t.Errorf("%d bytes wait for a host that takes nothing, more than %d", size, maxQueued)
		}
		r.pass(time.Hour)
		if len(src.asked()) != reads {
			t.Errorf("read %d times more while the host took nothing", len(src.asked())-reads)
		}
		r.deaf = false
		r.pass(10 * time.Minute)
		if len(r.lines) != n {
			t.Errorf("%d records came in the end, want %d", len(r.lines), n)
		}
	})
}

func TestManyInOneMillisecond(t *testing.T) {
	t.Parallel()
	src := &site{}
	const n = 3_500 // a window holds 3,000
	at := epoch.Add(-time.Hour)
	for i := range n {
		src.add(at, fmt.Sprint("same-", i))
	}
	src.add(at.Add(-time.Millisecond), "before")
	src.add(at.Add(time.Millisecond), "after")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(30 * time.Second)
		if got := r.texts(); len(got) != n+2 || got[0] != "before" || got[len(got)-1] != "after" {
			t.Errorf("%d records, want %d", len(got), n+2)
		}
	})
}

// The lines of the log about failures, in order.
func TestLog(t *testing.T) {
	t.Parallel()
	refusal := &atlassian.Error{Cause: atlassian.CauseNotAdmin, Message: "the account is no Confluence administrator", Remedy: "make it one"}
	for name, tt := range map[string]struct {
		src   func(*site)
		saved outbox.Checkpoint
		o     Options
		play  func(*site, *run)
		want  []string
	}{
		"an empty log": {
			play: func(_ *site, r *run) { r.pass(time.Hour) },
			want: []string{"first run: begins with", "the audit log can be read but is empty"},
		},
		"a quiet site": {
			src:  func(s *site) { s.add(epoch.Add(-48*time.Hour), "old") },
			play: func(_ *site, r *run) { r.pass(49 * time.Hour) },
			want: []string{"first run", "access works; the newest record of the site is of 1999-12-30T00:00:00.000Z", "no new record for 24h0m0s, but access works", "no new record for 24h"},
		},
		"access lost and regained": {
			src: func(s *site) { s.add(epoch, "x") },
			play: func(s *site, r *run) {
				r.pass(time.Minute)
				s.fail(refusal)
				r.pass(19 * time.Minute) // the third line is due after 20 at the earliest
				s.fail(nil)
				r.pass(7 * time.Minute)
			},
			want: []string{
				"first run",
				"the account is no Confluence administrator: make it one (cannot read records since 2000-01-01T00:00:00.000Z; nothing is lost",
				"the account is no Confluence administrator: make it one (cannot read records since 2000-01-01T00:00:00.000Z for ",
				"the audit log can be read again, after ",
			},
		},
		"down for longer than the site keeps records": {
			src:   func(s *site) { s.add(epoch.Add(-30*24*time.Hour), "a", "b") },
			saved: outbox.Checkpoint{Origin: epoch.Add(-500 * 24 * time.Hour), Head: epoch.Add(-400 * 24 * time.Hour), Polled: epoch.Add(-400 * 24 * time.Hour), Rescanned: epoch},
			play:  func(_ *site, r *run) { r.pass(time.Minute) },
			want:  []string{"goes on with records after 1998-11-27", "gap from 1998-11-27T00:00:00.000Z to 1999-12-02T00:00:00.000Z: the site no longer has the newest record delivered"},
		},
		"down for long, but the site has it all": {
			src:   func(s *site) { s.add(epoch.Add(-30*24*time.Hour), "a"); s.add(epoch, "b") },
			saved: outbox.Checkpoint{Origin: epoch.Add(-500 * 24 * time.Hour), Head: epoch.Add(-30 * 24 * time.Hour), Polled: epoch.Add(-30 * 24 * time.Hour), Rescanned: epoch},
			play:  func(_ *site, r *run) { r.pass(time.Minute) },
			want:  []string{"goes on with records after 1999-12-02"},
		},
		"start_from beyond the retention": {
			src:  func(s *site) { s.keeps = 365 * 24 * time.Hour; s.add(epoch, "x") },
			o:    Options{Start: epoch.Add(-500 * 24 * time.Hour)},
			play: func(_ *site, r *run) { r.pass(time.Minute) },
			want: []string{"first run", "gap: start_from asks for records since 1998-08-19T00:00:00.000Z, but the site keeps them for 365 days: those before 1999-01-01T00:00:00.000Z cannot be had"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &site{}
			if tt.src != nil {
				tt.src(src)
			}
			bubble(t, src, &store{checkpoint: tt.saved}, tt.o, func(t *testing.T, r *run) {
				tt.play(src, r)
				lines := r.log.lines()
				ok := len(lines) == len(tt.want)
				for i := 0; ok && i < len(lines); i++ {
					ok = strings.Contains(lines[i], tt.want[i])
				}
				if !ok {
					t.Errorf("the log is\n%s\nwant lines with\n%s", strings.Join(lines, "\n"), strings.Join(tt.want, "\n"))
				}
			})
		})
	}
}

func TestWaitsAsLongAsTheServerAsks(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.fail(&atlassian.Error{Cause: atlassian.CauseRateLimited, Message: "rate limited", RetryAfter: 20 * time.Minute})
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(19 * time.Minute)
		if len(src.asked()) != 1 {
			t.Errorf("asked %d times within the 20 minutes that the server had asked for", len(src.asked()))
		}
		r.pass(2 * time.Minute)
		if len(src.asked()) != 2 {
			t.Errorf("asked %d times after them, want 2", len(src.asked()))
		}
	})
}

func TestCalmPaceWhenRefused(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.fail(&atlassian.Error{Cause: atlassian.CauseFreePlan, Message: "Free plan"})
	bubble(t, src, &store{}, Options{PollInterval: time.Second}, func(t *testing.T, r *run) {
		r.pass(time.Hour)
		if n := len(src.asked()); n > 25 || n < 8 {
			t.Errorf("asked %d times in an hour", n)
		}
	})
}

func TestServerFaultRetriedSoon(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "x")
	src.fail(errors.New("connection reset"))
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(time.Second)
		src.fail(nil)
		r.pass(5 * time.Second)
		if len(r.lines) != 1 {
			t.Errorf("%d records within 6 seconds after a fault of a second", len(r.lines))
		}
	})
}

// Health records show the state of the collector in the stream.
func TestHealthRecords(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "x")
	bubble(t, src, &store{}, Options{HealthSite: "https://acme.atlassian.net"}, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		src.fail(errors.New("one fault that passes"))
		r.pass(time.Minute)
		src.fail(nil)
		r.pass(2 * time.Minute)
		src.fail(&atlassian.Error{Cause: atlassian.CauseExpired, Message: "the token expired"})
		r.pass(4 * time.Minute)
		src.fail(nil)
		r.pass(6 * time.Minute)
		var got []string
		beats := 0
		for _, a := range r.lines {
			var health struct {
				CreationDate         int64
				Summary, Description string
				Category             string
				AffectedObject       struct{ Name string }
				Collector            struct{ Records int }
			}
			text, _, _ := strings.Cut(a.line, "} ")
			if json.Unmarshal([]byte(text+"}"), &health) != nil {
				got = append(got, a.text)
				continue
			}
			if health.Category != "Collector" || health.AffectedObject.Name != "https://acme.atlassian.net" || health.CreationDate == 0 || health.Description == "" {
				t.Errorf("health record %s", a.line)
			}
			if health.Summary == string(Heartbeat) {
				beats++ // their place depends on the jitter of the tries
				continue
			}
			got = append(got, health.Summary)
		}
		want := []string{"x", "Collector started", "Collector access lost", "Collector access regained"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("stream (-want +got):\n%s", diff)
		}
		if beats != 2 {
			t.Errorf("%d heartbeats in 14 minutes", beats)
		}
	})
}
