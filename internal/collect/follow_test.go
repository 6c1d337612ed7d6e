package collect

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/simulate"
)

// Each event comes once, whatever the two ends of data are, while events appear late and others
// are shown again; and none again after a restart. A poll costs few requests.
func TestFollow(t *testing.T) {
	t.Parallel()
	asks := map[string]int{"no cursors": 50, "no cursors, repeats": 50, "no cursor is known": 65, "small pages": 40, "the same at the end": 40}
	says := map[string]int{"no cursor is known": 3} // after a restart, which is one line
	for name, faults := range map[string][]simulate.Fault{
		"a cursor at the end":   nil,
		"no cursor at the end":  {{Kind: simulate.FaultEndNull}},
		"events again":          {{Kind: simulate.FaultRepeat}},
		"from is of the event":  {{Kind: simulate.FaultFilterTime}},
		"all of it":             {{Kind: simulate.FaultEndNull}, {Kind: simulate.FaultRepeat, Value: "120"}, {Kind: simulate.FaultFilterTime}},
		"small pages":           {{Kind: simulate.FaultPageCap, Value: "3"}},
		"a cursor in a link":    {{Kind: simulate.FaultNextAbsolute}},
		"no cursors":            {{Kind: simulate.FaultNextNone}},
		"no cursors, repeats":   {{Kind: simulate.FaultNextNone}, {Kind: simulate.FaultRepeat}},
		"no cursor is known":    {{Kind: simulate.FaultCursorExpired}},
		"the same at the end":   {{Kind: simulate.FaultEndSame}},
		"no time of processing": {{Kind: simulate.FaultNoProcessed}, {Kind: simulate.FaultFilterTime}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			follow(t, simulate.Options{Seed: 5, Records: 700, Rate: 0.1, Late: 0.2, LateBy: time.Hour, Backdated: 0.1, Twins: 0.1}, func(w *following) {
				w.faults(faults...)
				w.run(30*time.Minute, false)
				w.want(1)
				for range 3 {
					asked, lines := len(w.sim.Requests()), len(w.log.lines())
					w.run(10*time.Minute, false)
					if n, most := len(w.sim.Requests())-asked, cmp.Or(asks[name], 25); n > most {
						t.Errorf("%d requests in 10 polls, want %d at most", n, most)
					}
					if n := len(w.log.lines()) - lines; n != cmp.Or(says[name], 1) {
						t.Errorf("the log has %d more lines", n)
					}
				}
				w.want(1)
				if w.logged("cannot read") > 0 {
					t.Errorf("the log tells of an outage:\n%s", strings.Join(w.log.lines(), "\n"))
				}
				if backward := !slices.IsSortedFunc(w.order, time.Time.Compare); !backward {
					t.Error("no time goes back")
				}
			})
		})
	}
}

// A kill repeats what was not committed, and loses nothing.
func TestFollowKill(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 700, Rate: 1}, func(w *following) {
		w.run(30*time.Second, true)
		w.run(5*time.Minute, false)
		w.run(30*time.Second, true)
		w.run(5*time.Minute, false)
		w.want(3)
	})
}

// A refusal is an outage, with its cause and remedy. After it, nothing is missing.
func TestFollowOutage(t *testing.T) {
	t.Parallel()
	for kind, says := range map[simulate.FaultKind]string{
		simulate.FaultEntitlement: "Atlassian Guard", simulate.FaultServerError: "begins again", simulate.FaultUnauthorized: "refuses the API key, which it accepted before",
		simulate.FaultRateLimit: "limits the rate", simulate.FaultCut: "broke",
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			follow(t, simulate.Options{Records: 500, Rate: 0.1}, func(w *following) {
				w.faults(simulate.Fault{Kind: kind, After: 4, Count: 40})
				w.run(4*time.Hour, false)
				w.want(1)
				w.wantLogged(says)
				w.wantLogged("can be read again")
				if kind != simulate.FaultServerError && w.logged("begins again") > 0 {
					t.Error("the cursor is given up")
				}
				if w.f.Stats().Failing() {
					t.Error("something still fails")
				}
			})
		})
	}
}

// A server that fails now and then, or without a cursor, is no reason to give up a cursor.
func TestFollowKeepsTheCursor(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulate.Fault{{After: 6, Count: 12}, {After: 1, Count: 40}} {
		follow(t, simulate.Options{Records: 500, Rate: 0.1}, func(w *following) {
			fault.Kind = simulate.FaultServerError
			w.faults(fault)
			w.run(time.Hour, false)
			w.want(1)
			w.wantLogged("can be read again")
			if w.logged("begins again") > 0 {
				t.Errorf("the cursor is given up; the log:\n%s", strings.Join(w.log.lines(), "\n"))
			}
		})
	}
}

// The checkpoint never passes what the host has not taken, and fingerprints are kept for as long as
// a new beginning needs them, not longer.
func TestFollowCheckpoint(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 600, History: 40 * time.Hour}, func(w *following) {
		w.run(time.Minute, true)
		if c := w.store.checkpoint; c.Head.After(c.Origin) || c.Cursor != "" || c.API != outbox.FeedAPI {
			t.Errorf("the checkpoint has moved: %+v", c)
		}
		w.run(10*time.Minute, false)
		c := w.store.checkpoint
		if c.Cursor == "" || time.Since(c.Head) > time.Hour {
			t.Errorf("the checkpoint has not moved: %+v", c)
		}
		oldest := time.Now().UnixMilli()
		for at := range w.store.seen {
			oldest = min(oldest, at)
		}
		if kept := c.Head.Sub(time.UnixMilli(oldest)); kept < 5*time.Hour || kept > 7*time.Hour {
			t.Errorf("fingerprints are kept for %s", kept)
		}
		commits := len(w.store.horizons)
		w.run(50*time.Minute, false)
		if n := len(w.store.horizons) - commits; n > 1 {
			t.Errorf("an idle log costs %d commits in 50 minutes", n)
		}
		w.run(2*time.Hour, false)
		if quiet := time.Since(w.store.checkpoint.Polled); quiet > 2*time.Hour {
			t.Errorf("after polls of an idle log the checkpoint says that the last one was %s ago", quiet)
		}
	})
}

// A rewind delivers again what was processed since then, and nothing else.
func TestFollowRewound(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 600, History: 40 * time.Hour}, func(w *following) {
		w.run(10*time.Minute, false)
		then := time.Now().Add(-3 * time.Hour)
		w.store.checkpoint = w.store.checkpoint.Rewound(then)
		maps.DeleteFunc(w.store.seen, func(at int64, _ map[outbox.Key]uint32) bool { return at >= then.UnixMilli() })
		w.run(10*time.Minute, false)
		w.want(2)
		again := 0
		for _, n := range w.got {
			again += n - 1
		}
		if again < 30 || again > 60 {
			t.Errorf("%d events came again, want those of about 3 of 40 hours of 600", again)
		}
	})
}

func TestFollowNotes(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{}, func(w *following) {
		w.start, w.keeps, w.site = time.Now().AddDate(0, 0, -200), 180*24*time.Hour, "an organization"
		w.run(25*time.Hour, false)
		told := strings.Join(slices.Collect(maps.Keys(w.notes)), "\n")
		for _, kind := range []Health{Started, LogEmpty, GapFound, SiteQuiet, Heartbeat} {
			if !strings.Contains(told, string(kind)) {
				t.Errorf("no health record says %q:\n%s", kind, told)
			}
		}
		w.wantLogged("can be read but is empty")
		w.wantLogged("the site keeps records for 180 days")
		w.wantLogged("no new record for 24h")
		if w.f.Stats().Gaps.Load() != 1 {
			t.Error("the gap is not counted")
		}
	})
	follow(t, simulate.Options{Skew: -5 * time.Minute, Rate: 1}, func(w *following) {
		w.start = time.Now()
		w.run(3*time.Minute, false)
		w.wantLogged("clock is 5m0s ahead")
		if len(w.got) < 50 {
			t.Errorf("%d events came", len(w.got))
		}
	})
	// If the site's clock is ahead, it begins no later.
	follow(t, simulate.Options{Skew: 10 * time.Minute, Records: 500, History: time.Hour}, func(w *following) {
		w.start = time.Now().Add(-30 * time.Minute)
		w.run(3*time.Minute, false)
		w.want(1)
	})
	// A Date header is coarse, and no reason to warn.
	follow(t, simulate.Options{Skew: -2 * time.Second, Rate: 1}, func(w *following) {
		w.start = time.Now()
		w.run(3*time.Minute, false)
		w.want(1)
		if w.logged("clock is") > 0 {
			t.Error("the log warns of the clock")
		}
	})
}

// A first run may begin with the oldest that the site keeps, or before: it begins with what there
// is. Only what is clearly older is a gap.
func TestFollowFromTheOldest(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for back, gaps := range map[time.Duration]int64{180 * day: 0, 365 * day: 1} {
		follow(t, simulate.Options{Records: 50, History: 170 * day}, func(w *following) {
			w.start, w.keeps = time.Now().Add(-back), 180*day
			time.Sleep(time.Second)
			w.run(time.Hour, false)
			w.want(1)
			if n := w.f.Stats().Gaps.Load(); n != gaps {
				t.Errorf("%d gaps, want %d", n, gaps)
			}
		})
	}
}

// A first run that begins with everything that the site has is no gap, whatever it keeps. One that
// goes on long after is.
func TestFollowAfterLong(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	follow(t, simulate.Options{}, func(w *following) {
		time.Sleep(3650 * day) // everything begins in 2004
		w.sim = simulate.New(simulate.Options{Product: simulate.Organization, Records: 50, History: 170 * day})
		w.start, w.keeps, w.site = time.Time{}, 180*day, "an organization"
		w.run(time.Hour, false)
		w.want(1)
		w.wantLogged("first run: begins with records of 2004-01-01")
		if n := w.f.Stats().Gaps.Load(); n != 0 {
			t.Errorf("%d gaps in the first run", n)
		}
		time.Sleep(200 * day)
		w.run(time.Hour, false)
		w.wantLogged("goes on with records after 2009-12-")
		if n := w.f.Stats().Gaps.Load(); n != 1 {
			t.Errorf("%d gaps after 200 days", n)
		}
		told := 0
		for note := range w.notes {
			told += strings.Count(note, string(GapFound))
		}
		if told != 1 {
			t.Errorf("health records: %v", w.notes)
		}
	})
}

// Events that are not as they should be come too. One that a page has twice comes once, and one from
// the future moves no place.
func TestFollowOddEvents(t *testing.T) {
	t.Parallel()
	follow(t, simulate.Options{Records: 10}, func(w *following) {
		w.faults(simulate.Fault{Kind: simulate.FaultMalformed, Count: 1})
		w.sim.Add(simulate.Record{Copies: 2, JSON: []byte(`{"id":"twice","attributes":{"time":"2000-01-01T00:00:00.000Z","processedAt":"2000-01-01T00:00:00.000Z"}}`)})
		w.sim.Add(simulate.Record{JSON: []byte(`{"id":"future","attributes":{"time":"2000-01-01T00:00:00.000Z","processedAt":"2099-01-01T00:00:00.000Z"}}`)})
		w.run(5*time.Minute, false)
		w.want(1)
		w.sim.Add(simulate.Record{})
		w.faults(simulate.Fault{Kind: simulate.FaultCursorExpired, Count: 1})
		w.run(5*time.Minute, false)
		w.want(1)
		w.run(5*time.Minute, false)
		w.want(1)
	})
}
