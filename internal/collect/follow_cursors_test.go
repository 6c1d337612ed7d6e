package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// A server that ends with the cursor that has led there is asked three times a poll, and nothing is
// read again.
func TestSameCursorAtTheEnd(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 700, Rate: 0.1}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultEndSame})
		w.run(time.Hour, false)
		w.want(1)
		if n := len(w.sim.Requests()); n > 190 {
			t.Errorf("%d requests in 60 polls", n)
		}
		if w.logged("again") > 0 {
			t.Errorf("the log says %s", w.log.lines())
		}
	})
}

// So it is when the events do not say when they were processed, and the last one is of long ago.
func TestSameCursorAtTheEndUnprocessed(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Seed: 5, Records: 100, Rate: 0.1, Backdated: 0.3, BackdatedBy: 5 * time.Hour}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultEndSame}, simulate.Fault{Kind: simulate.FaultNoProcessed}, simulate.Fault{Kind: simulate.FaultFilterTime})
		w.run(time.Hour, false)
		w.want(1)
		if n := len(w.sim.Requests()); n > 200 || w.logged("again") > 0 {
			t.Errorf("%d requests in 60 polls; the log:\n%s", n, strings.Join(w.log.lines(), "\n"))
		}
	})
}

// An event may come between the page that seems to be the end and the question for the last event.
func TestSameCursorAtTheEndThatMoves(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		s := &script{last: scripted("first", time.Now().Add(-time.Minute), 0)}
		all := []atlassian.Event{s.last}
		s.page = func(string, time.Time) atlassian.Page {
			page := listed("end", slices.Clone(all)...)
			if time.Since(s.last.Processed) > 3*time.Minute {
				s.last = scripted(fmt.Sprint(len(all)), time.Now(), 0)
				all = append(all, s.last)
			}
			return page
		}
		w.feed = s
		w.run(time.Hour+30*time.Second, false)
		if missing := len(all) - len(w.got); missing > 1 || len(all) < 10 || s.asked > 200 || w.logged("again")+w.logged("cannot") > 0 {
			t.Errorf("%d of %d events have not come after %d requests; the log:\n%s", missing, len(all), s.asked, strings.Join(w.log.lines(), "\n"))
		}
	})
}

// A log that does not answer what it is asked, but always the same, is an outage: in the first run
// and later. Then events come again that are older than the fingerprints kept, but not each time.
func TestQueryIsIgnored(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 700, Rate: 0.1}, func(w *following) {
		for range 2 {
			w.faults(simulate.Fault{Kind: simulate.FaultRepeatPage})
			w.run(30*time.Minute, false)
			w.wantLogged("the same page again and again, without progress")
			if !w.f.Stats().Failing() {
				t.Error("nothing fails")
			}
			if n := w.logged("can be read again"); n > 0 {
				t.Errorf("the log says %d times that it can be read", n)
			}
			w.faults()
			w.run(30*time.Minute, false)
			w.want(2)
			if w.f.Stats().Failing() {
				t.Error("something still fails")
			}
			w.log.buf.Reset()
		}
	})
}

// A busy moment may fill many pages. That is no loop, not even if they have to be read again.
func TestFollowBusyMoment(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 20}, func(w *following) {
		w.page = 5
		for n := range 300 {
			w.sim.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"id":"%d","attributes":{"time":"1999-12-31T23:00:00.000Z","processedAt":"1999-12-31T23:00:00.000Z"}}`, n)})
		}
		w.faults(simulate.Fault{Kind: simulate.FaultCursorExpired, After: 50, Count: 1})
		w.run(30*time.Minute, false)
		w.want(1)
		if len(w.got) != 320 || w.logged("begins again") != 1 || w.logged("looping")+w.logged("without progress") > 0 {
			t.Errorf("%d events came; the log:\n%s", len(w.got), strings.Join(w.log.lines(), "\n"))
		}
	})
}

// A cursor that is not known any more costs nothing: neither in the middle of a catch-up, nor at
// the end, nor after a restart; whether the site compares times of processing or those of events.
func TestCursorExpires(t *testing.T) {
	t.Parallel()
	for _, compares := range [][]simulate.Fault{nil, {{Kind: simulate.FaultFilterTime}}} {
		follow(t, simulate.Options{Records: 1500, Rate: 0.1, Late: 0.1, LateBy: time.Hour}, func(w *following) {
			expires := simulate.Fault{Kind: simulate.FaultCursorExpired, Count: 1}
			catchUp, again, end := expires, expires, expires
			catchUp.After, again.After, end.After = 7, 14, 40
			w.faults(append(compares, catchUp, again, end)...)
			w.run(time.Hour, false)
			w.faults(append(compares, expires)...)
			w.run(time.Hour, false)
			w.want(1)
			if n := w.logged("does not know the cursor"); n != 3 {
				t.Errorf("the log tells of %d cursors that expired, want 3: two of one moment count as one", n)
			}
			if w.logged("no cursor is known") > 0 {
				t.Error("the log says that no cursor is known, but each leads on for a while")
			}
		})
	}
}

// Cursors that lead nowhere do not stop what is new, and when they work again nothing is missing.
func TestCursorSticks(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 1000, Rate: 0.5}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultCursorStuck})
		w.run(time.Hour, false)
		w.want(1)
		w.wantLogged("the cursor leads to the same events")
		if n := len(w.log.lines()); n > 10 {
			t.Errorf("the log has %d lines", n)
		}
		w.faults()
		w.run(time.Hour, false)
		w.want(1)
	})
	// Meanwhile those that are processed late may not be seen: they come later.
	follow(t, simulate.Options{Records: 500, History: 4 * time.Hour, Rate: 0.2, Late: 0.3, LateBy: 30 * time.Minute}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultCursorStuck}, simulate.Fault{Kind: simulate.FaultFilterTime})
		w.run(time.Hour, false)
		w.faults(simulate.Fault{Kind: simulate.FaultFilterTime})
		w.run(time.Hour, false)
		w.want(1)
		w.faults(simulate.Fault{Kind: simulate.FaultCursorStuck, Count: 100}, simulate.Fault{Kind: simulate.FaultFilterTime})
		w.run(2*time.Hour, false)
		w.want(1)
	})
}

// A dead cursor says that there is nothing more. It is found out.
func TestCursorIsDead(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 300}, func(w *following) {
		w.run(5*time.Minute, false)
		w.store.checkpoint.Cursor = "eyJiIjozMDAsImYiOjAsInQiOjB9" // asks for what was processed until 1970
		w.sim.Add(simulate.Record{})
		w.run(time.Hour, false)
		w.want(1)
		w.wantLogged("the cursor does not lead to an event")
	})
}

// If no cursor leads on, the time of processing does, and not only a page at a time.
func TestAllCursorsAreDead(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 1500, Rate: 0.01}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultCursorDead})
		w.run(29*time.Minute, false) // a probe each ten minutes, and none just at the end
		if missing := 1400 - len(w.got); missing > 0 {
			t.Errorf("%d events have not come after half an hour", missing)
		}
		w.wantLogged("no cursor leads to what was processed since")
		if n := len(w.log.lines()); n > 12 || w.f.Stats().Failing() {
			t.Errorf("the log has %d lines:\n%s", n, strings.Join(w.log.lines(), "\n"))
		}
		w.faults()
		w.run(time.Hour, false)
		w.want(1)
	})
}

// An event that claims to be processed in the future is no reason to look for it, once it has come.
func TestFollowFromTheFuture(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 300}, func(w *following) {
		w.sim.Add(simulate.Record{JSON: []byte(`{"id":"future","attributes":{"time":"2000-01-01T00:00:00.000Z","processedAt":"2099-01-01T00:00:00.000Z"}}`)})
		w.run(2*time.Hour, false)
		w.want(1)
		if w.logged("does not lead") > 0 {
			t.Errorf("the log says:\n%s", strings.Join(w.log.lines(), "\n"))
		}
	})
}

// A dead cursor that ends a catch-up is found out at once, not when it has been quiet for a while.
func TestDeadCursorInACatchUp(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		var all []atlassian.Event
		for i := range 6 {
			all = append(all, scripted(fmt.Sprint(i), time.Now().Add(time.Duration(i-60)*time.Minute), 0))
		}
		w.feed = &script{last: all[5], page: func(cursor string, from time.Time) atlassian.Page {
			since := slices.DeleteFunc(slices.Clone(all), func(e atlassian.Event) bool { return e.Processed.Before(from) })
			if cursor != "" || len(since) == 0 {
				return atlassian.Page{}
			}
			return listed("dead", since[:min(2, len(since))]...)
		}}
		w.run(5*time.Minute, false)
		if len(w.got) != len(all) {
			t.Errorf("%d events came in 5 minutes, want %d; the log:\n%s", len(w.got), len(all), strings.Join(w.log.lines(), "\n"))
		}
	})
}

// A cursor that breaks the server is given up after some tries.
func TestCursorBreaksTheServer(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		one, two := scripted("1", time.Now().Add(-time.Hour), 0), scripted("2", time.Now().Add(-time.Minute), 0)
		w.feed = &script{last: two,
			page: func(_ string, from time.Time) atlassian.Page {
				if from.Equal(w.start) {
					return listed("breaks", one)
				}
				return listed("", one, two)
			},
			fails: func(cursor string) error {
				if cursor == "breaks" {
					return atlassian.Fail(atlassian.CauseServer, nil, "an internal error")
				}
				return nil
			},
		}
		w.run(time.Hour, false)
		if len(w.got) != 2 || w.f.Stats().Failing() {
			t.Errorf("%d events came; the log:\n%s", len(w.got), strings.Join(w.log.lines(), "\n"))
		}
	})
}
