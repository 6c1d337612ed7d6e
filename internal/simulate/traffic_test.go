package simulate_test

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/simulate"
)

func TestSameSeedSameRecords(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Seed: 3, Records: 400, Twins: 0.1, Start: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	first, second := lines(simulate.New(o).Records()), lines(simulate.New(o).Records())
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	o.Seed = 4
	if other := lines(simulate.New(o).Records()); slices.Equal(first, other) {
		t.Error("another seed made the same records")
	}
}

// lines makes records cheap to compare.
func lines(records iter.Seq[simulate.Record]) (lines []string) {
	for r := range records {
		lines = append(lines, fmt.Sprintf("%s %v %v %d %s", r.Serial, r.Time, r.Visible, r.Copies, r.JSON))
	}
	return lines
}

func TestHistoryLiesBeforeStart(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	o := simulate.Options{Records: 10001, History: 2 * time.Hour, Start: begin.Add(2 * time.Hour), Twins: 0.3}
	copies, twins, sameMS := 0, 0, 0
	serials := map[string]bool{}
	last := begin
	for r := range simulate.New(o).Records() {
		if r.Time.Before(begin) || !r.Time.Before(o.Start) || r.Visible != r.Time || serials[r.Serial] {
			t.Fatalf("%s at %v, visible %v", r.Serial, r.Time, r.Visible)
		}
		serials[r.Serial] = true
		copies += r.Copies
		if r.Copies > 1 {
			twins += r.Copies
		}
		if r.Time.Equal(last) {
			sameMS++
		}
		last = r.Time
	}
	if share := float64(twins) / float64(copies); copies != o.Records || math.Abs(share-o.Twins) > 0.02 || sameMS < 100 {
		t.Errorf("%d copies, share of twins %.3f, %d records share their millisecond with another", copies, share, sameMS)
	}
}

// live gives what exists when a running simulation has run for a while.
func live(t *testing.T, o simulate.Options, run time.Duration) (records []simulate.Record, start time.Time) {
	synctest.Test(t, func(*testing.T) {
		start = time.Now()
		s := simulate.New(o)
		time.Sleep(run)
		records = slices.Collect(s.Records())
	})
	return records, start
}

func TestLiveTrafficFollowsTheClock(t *testing.T) {
	t.Parallel()
	records, begin := live(t, simulate.Options{Rate: 10, Late: 0.2, Backdated: 0.1}, time.Hour)
	late, backdated, copies := 0, 0, 0
	for _, r := range records {
		copies += r.Copies
		switch lag := r.Visible.Sub(r.Time); {
		case lag < 0, lag > 24*time.Hour, r.Visible.Before(begin):
			t.Fatalf("%s of %v is visible at %v", r.Serial, r.Time, r.Visible)
		case lag > 5*time.Minute:
			backdated++
		case lag > 0:
			late++
		}
	}
	if copies < 35996 || copies > 36000 {
		t.Errorf("%d records in an hour at 10 a second", copies)
	}
	if l, b := float64(late)/36000, float64(backdated)/36000; math.Abs(l-0.2) > 0.01 || math.Abs(b-0.1) > 0.01 {
		t.Errorf("share late %.3f, backdated %.3f", l, b)
	}
}

func TestTrafficDoesNotDependOnWhenItIsAsked(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Records: 50, Rate: 3, Late: 0.2, Backdated: 0.1, Twins: 0.2}
	once, _ := live(t, o, 10*time.Minute)
	var often []string
	synctest.Test(t, func(*testing.T) {
		s := simulate.New(o)
		for range 600 {
			time.Sleep(time.Second)
			s.Summary()
		}
		often = lines(s.Records())
	})
	if diff := cmp.Diff(lines(slices.Values(once)), often); diff != "" {
		t.Error(diff)
	}
}
