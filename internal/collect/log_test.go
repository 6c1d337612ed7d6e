package collect

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
)

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
		"start_from of the same length as the retention": {
			src:  func(s *site) { s.keeps = 365 * 24 * time.Hour; s.add(epoch, "x") },
			o:    Options{Start: epoch.Add(-365*24*time.Hour - time.Second)},
			play: func(_ *site, r *run) { r.pass(time.Minute) },
			want: []string{"first run"},
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
