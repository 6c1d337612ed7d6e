package collect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// script is a feed whose pages the test writes.
type script struct {
	page  func(cursor string, from time.Time) atlassian.Page
	fails func(cursor string) error // fails in place of a page, if it is set
	last  atlassian.Event
	asks  func() error // is called when the last event is asked for, if it is set
	asked int
}

func (s *script) Page(_ context.Context, cursor string, from time.Time) (atlassian.Page, error) {
	if s.asked++; s.fails != nil {
		if err := s.fails(cursor); err != nil {
			return atlassian.Page{}, err
		}
	}
	return s.page(cursor, from), nil
}

func (s *script) Last(context.Context) (atlassian.Event, bool, error) {
	if s.asked++; s.asks != nil {
		if err := s.asks(); err != nil {
			return atlassian.Event{}, false, err
		}
	}
	return s.last, len(s.last.Raw) > 0, nil
}

func (s *script) Now() time.Time { return time.Now() }

// scripted returns an event that was processed at a time, and happened a while before.
func scripted(id string, at time.Time, before time.Duration) atlassian.Event {
	return atlassian.Event{Record: atlassian.Record{Time: at.Add(-before), Raw: fmt.Appendf(nil, `{"id":%q}`, id)}, Processed: at}
}

func listed(next string, events ...atlassian.Event) atlassian.Page {
	return atlassian.Page{Events: events, Listed: len(events), Processed: events[len(events)-1].Processed, Next: next}
}

// Cursors may lead in a circle: under new names, or under the same ones while all events are left
// out. It is found out after a few pages, and what is read again meanwhile is no catch-up.
func TestCursorCircle(t *testing.T) {
	t.Parallel()
	for name, leftOut := range map[string]bool{"new names": false, "left out": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			follow(t, simulate.Options{}, func(w *following) {
				var all []atlassian.Event
				for i := range 6 {
					all = append(all, scripted(fmt.Sprint(i), time.Now().Add(time.Duration(i-60)*time.Minute), 0))
				}
				s := &script{last: all[5]}
				s.page = func(cursor string, from time.Time) atlassian.Page {
					if cursor == "" && from.After(all[0].Processed) {
						since := slices.DeleteFunc(slices.Clone(all), func(e atlassian.Event) bool { return e.Processed.Before(from) })
						page := listed("", since...)
						if leftOut {
							page.Events = nil
						}
						return page
					}
					n := 0
					fmt.Sscan(cursor, &n)
					page := listed(fmt.Sprint(n+1), all[n%3*2:n%3*2+2]...)
					if leftOut {
						page.Events, page.Next = nil, fmt.Sprint((n+1)%3)
					}
					return page
				}
				w.feed = s
				w.run(10*time.Minute-10*time.Second, false)
				if want := len(all); !leftOut && len(w.got) != want {
					t.Errorf("%d events came, want %d", len(w.got), want)
				}
				w.wantLogged("the cursor leads to the same events")
				if n := w.logged("catching up"); n > 1 || s.asked > 220 || w.f.Stats().Failing() {
					t.Errorf("%d catch-ups, %d requests in 10 polls; the log:\n%s", n, s.asked, strings.Join(w.log.lines(), "\n"))
				}
			})
		})
	}
}

// Many pages whose events are left out, and are of one moment, are no circle. When it is quiet after
// them, the end is probed now and then.
func TestFollowAllLeftOut(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		at := time.Now().Add(-time.Hour)
		s := &script{last: scripted("last", at, 0)}
		s.page = func(cursor string, _ time.Time) atlassian.Page {
			n := 0
			if fmt.Sscan(cursor, &n); n < 20 {
				return atlassian.Page{Listed: 5, Processed: at, Next: fmt.Sprint(n + 1)}
			}
			return atlassian.Page{}
		}
		w.feed = s
		w.run(2*time.Hour-10*time.Second, false)
		if s.asked > 160 || w.logged("the cursor") > 0 {
			t.Errorf("%d requests; the log:\n%s", s.asked, strings.Join(w.log.lines(), "\n"))
		}
	})
}

// The last page may have events and no cursor: then that of the page before is asked for again.
func TestFollowEndsWithAPage(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		at := time.Now().Add(-time.Minute)
		s := &script{last: scripted("4", at, 0)}
		s.page = func(cursor string, _ time.Time) atlassian.Page {
			if cursor == "" {
				return listed("c", scripted("1", at, 0), scripted("2", at, 0))
			}
			return listed("", scripted("3", at, 0), s.last)
		}
		w.feed = s
		w.run(30*time.Minute-10*time.Second, false)
		if len(w.got) != 4 || s.asked > 40 || len(w.log.lines()) > 1 {
			t.Errorf("%d events came, %d requests in 30 polls; the log:\n%s", len(w.got), s.asked, strings.Join(w.log.lines(), "\n"))
		}
	})
}

// A log that lists what is older than it was asked for, and names such an event as its last, is not
// a quiet one.
func TestFollowOldEventsOnly(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }
		all := []atlassian.Event{scripted("1", ago(40*time.Hour), 0), scripted("2", ago(39*time.Hour), 0), scripted("3", ago(time.Hour), 0)}
		s := &script{last: all[2]}
		s.page = func(cursor string, _ time.Time) atlassian.Page {
			if cursor == "" {
				return listed("end", all...)
			}
			return atlassian.Page{}
		}
		w.feed = s
		w.run(5*time.Minute, false)
		w.store.checkpoint.Cursor = ""
		s.last, s.page = all[1], func(string, time.Time) atlassian.Page { return listed("next", all[:2]...) }
		w.run(30*time.Minute, false)
		w.wantLogged("without progress")
		if !w.f.Stats().Failing() {
			t.Error("nothing fails")
		}
	})
}

// It is told how long after its time an event was processed, if it was processed later.
func TestFollowProcessed(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		at := time.Now().Add(-time.Hour)
		untimed := scripted("untimed", at, 0)
		untimed.Time = time.Time{}
		page := listed("end", scripted("later", at, 5*time.Second), scripted("at once", at, 0), untimed, scripted("before", at, -time.Second))
		w.feed = &script{last: page.Events[3], page: func(cursor string, _ time.Time) atlassian.Page {
			if cursor != "" {
				return atlassian.Page{}
			}
			return page
		}}
		w.run(time.Minute, false)
		if len(w.got) != 4 || !slices.Equal(w.took, []time.Duration{5 * time.Second}) {
			t.Errorf("of %d events it is told %v, want 5s of one", len(w.got), w.took)
		}
	})
}

// If the state cannot be read while the end is probed, that is an outage, and the event comes after
// it.
func TestFollowStateFails(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		old, late := scripted("old", time.Now().Add(-time.Hour), 0), scripted("late", time.Now().Add(-time.Minute), 0)
		fails, failed := 2, false
		s := &script{last: late, asks: func() error {
			if fails--; fails == 0 {
				w.store.fail(errors.New("the disk is broken"))
				failed = true
			}
			return nil
		}}
		s.page = func(string, time.Time) atlassian.Page {
			if !failed {
				return listed("", old)
			}
			return listed("", old, late)
		}
		w.feed = s
		w.run(30*time.Minute, false)
		if len(w.got) != 2 || w.logged("mistake in the plugin") > 0 || w.f.Stats().Failing() {
			t.Errorf("%d events came; the log:\n%s", len(w.got), strings.Join(w.log.lines(), "\n"))
		}
		w.wantLogged("the disk is broken")
	})
}

// Nothing is read before the clocks of the first run could be compared.
func TestFollowFirstAnswerFails(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		s, fails := &script{last: scripted("one", time.Now().Add(-time.Hour), 0)}, 2
		s.asks = func() error {
			if fails--; fails >= 0 {
				return errors.New("the connection broke")
			}
			return nil
		}
		s.page = func(string, time.Time) atlassian.Page {
			if fails >= 0 {
				t.Error("a page is read before")
			}
			return listed("", s.last)
		}
		w.feed = s
		w.run(10*time.Minute, false)
		if len(w.got) != 1 {
			t.Errorf("%d events came", len(w.got))
		}
	})
}

// Health records and counters tell that the log is followed.
func TestFollowHealth(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 2000, Rate: 0.1}, func(w *following) {
		w.site, w.page = "an organization", 20
		w.run(10*time.Second, true)
		if left, most := w.f.Stats().Pending.Load(), (24 * time.Hour).Milliseconds(); left == 0 || left > most {
			t.Errorf("during the catch-up %d ms are pending", left)
		}
		w.run(26*time.Minute, false)
		s := w.f.Stats()
		ago := func(ms int64) time.Duration { return time.Since(time.UnixMilli(ms)) }
		if s.Pending.Load() != 0 || ago(s.Head.Load()) > 2*time.Minute || ago(s.Polled.Load()) > 2*time.Minute {
			t.Errorf("%d ms are pending, the newest event is of %s ago, the last poll of %s", s.Pending.Load(), ago(s.Head.Load()), ago(s.Polled.Load()))
		}
		want := map[string]int{
			"Collector started: first run: begins with records of 1999-12-30T00:00:00.000Z": 1,
			"Collector started: goes on with records after 1999-12-30T00:00:00.000Z":        1, // after the kill
			"Collector heartbeat: the audit log can be read":                                5,
		}
		if !maps.Equal(w.notes, want) {
			t.Errorf("health records: %v", w.notes)
		}
	})
}
