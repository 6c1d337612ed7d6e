package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// hush makes the site list none of its records, or list them again.
func (s *site) hush(silent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve = nil
	if silent {
		s.serve = func(context.Context, timerange.Range, func(atlassian.Record) error) error { return nil }
	}
}

// A range that a catch-up found empty on a silent site stays pending: it is read when the site
// lists its records again, also after a kill before the silence was found. All records are older
// than a deep rescan would reach.
func TestSilenceDuringACatchUp(t *testing.T) {
	t.Parallel()
	for name, until := range map[string]time.Duration{"found": 10 * time.Minute, "killed before it is found": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, st := long(1000, time.Hour), &store{}
			src.latency = time.Second
			o := Options{Start: epoch.Add(-1001 * time.Hour), Limits: few}
			var got []string
			bubble(t, src, st, o, func(t *testing.T, r *run) {
				r.pass(5 * time.Second)
				src.hush(true)
				r.pass(until)
				if n := len(r.lines); n == 0 || n > 500 {
					t.Fatalf("%d records before the silence, want some and not most", n)
				}
				if found := r.count("but lists none") > 0; found != (until > time.Minute) {
					t.Errorf("the silence was found: %v", found)
				}
				if n := len(r.position.Pending); until < time.Minute && n > 0 {
					t.Errorf("the catch-up has not come to its end: %v", r.position.Pending)
				}
				src.hush(false)
				if until > time.Minute {
					r.pass(10 * time.Minute)
				}
				got = r.texts()
			})
			bubble(t, src, st, o, func(t *testing.T, r *run) {
				r.pass(10 * time.Minute)
				got = append(got, r.texts()...)
			})
			var want []string
			for _, rec := range src.records {
				want = append(want, string(rec.Raw))
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%d records, want %d (-want +got):\n%s", len(got), len(want), diff)
			}
		})
	}
}

// The outage of a silent site ends only when a probe shows that the site lists its records. Records
// written meanwhile are not late: no poll could have found them.
func TestSilenceEnds(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch, "first")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(2*time.Minute + 30*time.Second)
		src.hush(true)
		for n := range 8 {
			src.add(time.Now(), fmt.Sprint("meanwhile-", n))
			r.pass(4 * time.Minute)
			if !r.stats.Failing() {
				t.Fatalf("after %s all is well, it says", time.Since(epoch))
			}
		}
		src.hush(false)
		r.pass(10 * time.Minute)
		if n := r.count("can be read again"); n != 1 || r.stats.Failing() {
			t.Errorf("that it can be read again is logged %d times:\n%s", n, strings.Join(r.log.lines(), "\n"))
		}
		if len(r.lines) != 9 {
			t.Errorf("%d records, want 9: %v", len(r.lines), r.texts())
		}
		for _, a := range r.lines {
			if a.late > 0 {
				t.Errorf("%s is marked as late by %s", a.text, a.late)
			}
		}
	})
}

// A deep rescan of a silent site does not count: a record that appeared late meanwhile is delivered
// soon after the site lists its records again.
func TestSilenceDuringARescan(t *testing.T) {
	t.Parallel()
	src := long(800, 3*time.Minute)
	src.latency = time.Second
	bubble(t, src, &store{}, Options{Start: epoch.Add(-48 * time.Hour), Limits: few}, func(t *testing.T, r *run) {
		r.pass(5 * time.Hour)
		if n := len(r.lines); n != 800 {
			t.Fatalf("%d records before the rescan, want 800", n)
		}
		last := func() timerange.Range { return src.asked()[len(src.asked())-1] }
		for !last().From.Before(epoch.Add(-40 * time.Hour)) {
			r.pass(time.Second)
		}
		src.hush(true)
		src.add(last().To.Add(time.Hour), "dated-back")
		for r.count("but lists none") == 0 {
			r.pass(time.Second)
		}
		src.hush(false)
		r.pass(20 * time.Minute)
		if texts := r.texts(); texts[len(texts)-1] != "dated-back" {
			t.Errorf("the record that was dated back has not come; the log:\n%s", strings.Join(r.log.lines(), "\n"))
		}
	})
}
