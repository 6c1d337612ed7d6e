package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/window"

	"github.com/google/go-cmp/cmp"
)

// rename changes the texts of all records of the site, like a new version of the site does.
func (s *site) rename(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = slices.Clone(s.records)
	for i := range s.records {
		s.records[i].Raw = []byte(strings.ReplaceAll(string(s.records[i].Raw), from, to))
	}
}

// Changed content does not make records new, but their number in a millisecond does. Each case
// begins with three delivered records of one millisecond: a, a twin of it, and b.
func TestRecordsThatLookOtherwise(t *testing.T) {
	t.Parallel()
	at := epoch.Add(-time.Minute)
	for name, tt := range map[string]struct {
		change func(*site)
		want   []string
	}{
		"nothing":                         {func(*site) {}, nil},
		"a new one":                       {func(s *site) { s.add(at, "c-1") }, []string{"c-1"}},
		"a twin":                          {func(s *site) { s.add(at, "b-1") }, []string{"b-1"}},
		"a roll-out":                      {func(s *site) { s.rename("-1", "-2") }, nil},
		"a roll-out of one":               {func(s *site) { s.rename("b-1", "b-2") }, nil},
		"two roll-outs":                   {func(s *site) { s.rename("-1", "-2"); s.rename("-2", "-3") }, nil},
		"a roll-out and one in between":   {func(s *site) { s.rename("a-1", "a-2"); s.add(at, "c-1") }, []string{"a-2", "a-2", "c-1"}},
		"a roll-out and a new one":        {func(s *site) { s.rename("-1", "-2"); s.add(at, "c-2") }, []string{"a-2", "a-2", "b-2", "c-2"}},
		"one that has gone and a new one": {func(s *site) { s.records = s.records[1:]; s.records = s.records[1:]; s.add(at, "c-1") }, []string{"c-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, restart := range []bool{false, true} {
				src, st := &site{}, &store{}
				src.add(at, "a-1", "a-1", "b-1")
				src.add(epoch.Add(-2*time.Minute), "d")
				var first []string
				bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
					r.pass(2 * time.Minute)
					if first = r.texts(); len(first) != 4 {
						t.Fatalf("at first %v", first)
					}
					if restart {
						return
					}
					tt.change(src)
					r.changed(t, tt.want)
				})
				if !restart {
					continue
				}
				tt.change(src)
				bubble(t, src, st, Options{}, func(t *testing.T, r *run) { r.changed(t, tt.want) })
			}
		})
	}

}

// If a site lists fewer records for a moment, like a replica that lags, the missing ones still
// count as delivered, even if a new record of the same millisecond appears meanwhile.
func TestListsFewerForAMoment(t *testing.T) {
	t.Parallel()
	at := epoch.Add(-time.Minute)
	src := &site{}
	src.add(at, "a", "a", "b")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		src.mu.Lock()
		src.records = src.records[2:]
		src.mu.Unlock()
		src.add(at, "new")
		r.pass(2 * time.Minute)
		src.add(at, "a", "a")
		r.pass(2 * time.Minute)
		if diff := cmp.Diff([]string{"a", "a", "b", "new"}, slices.Sorted(slices.Values(r.texts()))); diff != "" {
			t.Errorf("delivered (-want +got):\n%s", diff)
		}
	})
}

// changed checks which records are delivered now, and that a new record of the same millisecond is
// delivered alone afterwards.
func (r *run) changed(t *testing.T, want []string) {
	t.Helper()
	src := r.source.(*site)
	before := len(r.lines)
	r.pass(5 * time.Minute)
	// the records of a millisecond have no order
	got := slices.Sorted(slices.Values(r.texts()[before:]))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	before = len(r.lines)
	src.add(epoch.Add(-time.Minute), "later")
	r.pass(5 * time.Minute)
	if diff := cmp.Diff([]string{"later"}, r.texts()[before:]); diff != "" {
		t.Errorf("and then (-want +got):\n%s", diff)
	}
}

// So it is if they are the oldest that a poll reads.
func TestOldestLookOtherwise(t *testing.T) {
	t.Parallel()
	src := &site{}
	src.add(epoch.Add(-time.Minute), "a-1", "b-1")
	bubble(t, src, &store{}, Options{}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		src.rename("-1", "-2")
		r.changed(t, nil)
	})
}

// A new record of a millisecond whose others look otherwise comes at once: a rescan reads it once.
func TestRescanOfWhatLooksOtherwise(t *testing.T) {
	t.Parallel()
	at := epoch.Add(-time.Hour)
	src := &site{}
	src.add(at, "a-1", "b-1")
	src.add(epoch.Add(-time.Minute), "newest")
	bubble(t, src, &store{}, Options{RescanInterval: 20 * time.Minute}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		src.rename("a-1", "a-2")
		src.add(at, "c-1")
		r.pass(23 * time.Minute)
		if diff := cmp.Diff([]string{"a-1", "a-2", "b-1", "c-1", "newest"}, slices.Sorted(slices.Values(r.texts()))); diff != "" {
			t.Errorf("after one rescan (-want +got):\n%s", diff)
		}
	})
}

// A kill between two records of such a millisecond loses none: what is corrected of those delivered
// before does not count those that are not delivered yet.
func TestKillWithinWhatLooksOtherwise(t *testing.T) {
	t.Parallel()
	at := epoch.Add(-time.Minute)
	src, st := &site{}, &store{}
	src.add(at, "a-1", "b-1")
	o := Options{BatchBytes: 1}
	bubble(t, src, st, o, func(_ *testing.T, r *run) { r.pass(2 * time.Minute) })
	src.rename("a-1", "a-2")
	src.add(at, "c-1")
	var texts []string
	bubble(t, src, st, o, func(_ *testing.T, r *run) {
		if b := r.Next(); b != nil {
			texts = append(texts, strings.Fields(string(b.Events))[0])
			r.Acknowledge(b)
		}
	})
	bubble(t, src, st, o, func(_ *testing.T, r *run) {
		r.pass(2 * time.Minute)
		texts = append(texts, r.texts()...)
	})
	if diff := cmp.Diff([]string{"a-2", "c-1"}, slices.Sorted(slices.Values(texts))); diff != "" {
		t.Errorf("around a kill (-want +got):\n%s", diff)
	}
}

// A record that was read and could not be delivered is read again, although Changed does not report
// it.
func TestReadButNotDelivered(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	for n := range 100 {
		src.add(epoch.Add(-time.Duration(n)*time.Second), fmt.Sprint("r", n))
	}
	bubble(t, src, st, Options{Limits: Limits{Window: window.Limits{Page: 20}}}, func(t *testing.T, r *run) {
		r.pass(2 * time.Minute)
		src.add(epoch.Add(-10*time.Second), "late")
		st.fail(fmt.Errorf("the disk is gone for a moment"))
		r.pass(5 * time.Minute)
		if n := len(r.lines); n != 101 || r.count("the disk is gone") != 1 {
			t.Errorf("%d records, want 101:\n%s", n, strings.Join(r.log.lines(), "\n"))
		}
	})
}

// A poll of an idle site reads no record again, however many lie within overlap, and writes
// nothing.
func TestIdlePollOfAFullOverlap(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	for n := range 2_000 {
		src.add(epoch.Add(-time.Duration(n)*100*time.Millisecond), fmt.Sprint("r", n))
	}
	bubble(t, src, st, Options{}, func(t *testing.T, r *run) {
		r.pass(3 * time.Minute)
		reads, looks, repeats, commits := len(src.asked()), src.looked(), r.stats.Repeats.Load(), len(st.horizons)
		r.pass(30 * time.Minute)
		if n, looked := len(src.asked())-reads, src.looked()-looks; n > 31 || looked > 31 {
			t.Errorf("%d reads and %d looks for changes in 30 polls", n, looked)
		}
		if n := r.stats.Repeats.Load() - repeats; n > 0 || len(st.horizons) > commits {
			t.Errorf("%d records were read again, %d commits", n, len(st.horizons)-commits)
		}
	})
}
