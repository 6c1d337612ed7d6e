package collect

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// If the site's clock stands still or is a day off, no record waits longer than the two minutes
// that clocks may differ, and the deep rescan still runs.
func TestWrongClockOfTheSite(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(*site){
		"stands still": (*site).stop,
		"a day behind": func(s *site) { s.setClock(-24 * time.Hour) },
		"a day ahead":  func(s *site) { s.setClock(24 * time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src := &site{}
			src.add(epoch, "first")
			bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
				r.pass(5 * time.Minute)
				wrong(src)
				r.pass(5 * time.Minute)
				for n := range 30 {
					if took := r.live(src, fmt.Sprint("live-", n)); took > 2*time.Minute+2*time.Second {
						t.Errorf("record %d took %s", n, took)
					}
				}
				src.add(time.Now().Add(-9*time.Minute), "late")
				r.pass(2 * time.Minute)
				if n := len(r.lines); n != 32 {
					t.Errorf("%d records with the late one, want 32", n)
				}
				src.add(epoch.Add(-5*time.Hour), "back-dated")
				r.pass(7 * time.Hour)
				if n := len(r.lines); n != 33 {
					t.Errorf("%d records with the back-dated one, want 33", n)
				}
				if n := r.count("the clocks disagree"); n != 1 {
					t.Errorf("it is logged %d times that the clocks disagree", n)
				}
			})
		})
	}
}

// A record with a future time is delivered within about an hour, once, and holds up nothing.
func TestRecordOfYear9999(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "first")
	src.add(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), "year-9999")
	st := &store{}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		for n := range 5 {
			if took := r.live(src, fmt.Sprint("live-", n)); took > time.Minute+2*time.Second {
				t.Errorf("record %d took %s", n, took)
			}
		}
		r.pass(3 * time.Hour)
		if took := r.live(src, "last"); took > time.Minute+2*time.Second || len(r.lines) != 8 || r.count("have a future time") != 1 {
			t.Errorf("%v; the last after %s; the log:\n%s", r.texts(), took, strings.Join(r.log.lines(), "\n"))
		}
	})
	// Otherwise the next run would look for a gap, and every poll would ask for all the years until
	// then.
	if head := st.checkpoint.Head; head.Year() != epoch.Year() {
		t.Errorf("what is saved as the newest record delivered is of %s", head)
	}
}

// A site's clock that stands still holds up no deep rescan, even if no new record shows that it
// does.
func TestRescanOfAQuietSiteWhoseClockStandsStill(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "first")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(5 * time.Minute)
		src.stop()
		src.add(epoch.Add(-5*time.Hour), "back-dated")
		r.pass(7 * time.Hour)
		if n := len(r.lines); n != 2 {
			t.Errorf("%d records with the back-dated one, want 2", n)
		}
	})
}
