package window

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// drawLog returns records as a log lists them, in nearly any order, some of them without a time.
func drawLog(t *rapid.T) []atlassian.Record {
	times := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 12).Draw(t, "times")
	if rapid.Bool().Draw(t, "newest first") {
		slices.SortFunc(times, func(a, b int) int { return b - a })
	}
	var records []atlassian.Record
	for n, s := range times {
		r := atlassian.Record{Raw: fmt.Append(nil, n)}
		if s > 0 { // the other has no time
			r.Time = seconds(float64(s))
		}
		records = append(records, r)
	}
	return records
}

// Records are sorted by time. Those of one millisecond, and those without a time behind the record
// before them, keep the order in which the log grew.
func TestSort(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		listed := drawLog(t)
		type place struct {
			at   time.Time // that of the older record before it, if it has none of its own
			text string
		}
		var want []place
		at := seconds(0)
		for _, r := range slices.Backward(listed) {
			if !r.Time.IsZero() {
				at = r.Time
			}
			// an insertion sort
			n := len(want)
			for n > 0 && want[n-1].at.After(at) {
				n--
			}
			want = slices.Insert(want, n, place{at, string(r.Raw)})
		}
		w := &Window{Range: tenSeconds, Records: slices.Clone(listed)}
		w.sort()
		for n := range want {
			if string(w.Records[n].Raw) != want[n].text {
				t.Fatalf("%v, want %v", w.Records, want)
			}
		}
	})
}

// Whatever a window that was cut short has read, it says that it is whole only from after its
// oldest record, and then has all records from there on. If no record has a time, nobody knows.
func TestKeepSince(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &Window{Range: tenSeconds, Records: drawLog(t)}
		var timed []string
		then := seconds(float64(rapid.IntRange(0, 11).Draw(t, "then")))
		for _, r := range w.Records {
			if r.Time.IsZero() {
				continue
			}
			if w.Oldest.IsZero() || r.Time.Before(w.Oldest) {
				w.Oldest = r.Time
			}
			if !r.Time.Before(then) {
				timed = append(timed, string(r.Raw))
			}
		}
		total := len(w.Records)
		whole := !w.Oldest.IsZero() && w.Oldest.Before(then)
		if !w.KeepSince(then) {
			if whole || len(w.Records) != total || w.From != tenSeconds.From {
				t.Fatalf("not since %s, with %d records since %s", then, len(w.Records), w.From)
			}
			return
		}
		if !whole || !w.From.Equal(timerange.Later(tenSeconds.From, then)) {
			t.Fatalf("since %s, although the oldest is of %s; it begins at %s", then, w.Oldest, w.From)
		}
		var got []string
		for n, r := range w.Records {
			switch {
			case !r.Time.IsZero() && r.Time.Before(then), n == 0 && r.Time.IsZero():
				t.Fatalf("since %s, and begins with %v", then, r)
			case !r.Time.IsZero():
				got = append(got, string(r.Raw))
			}
		}
		slices.Sort(got)
		slices.Sort(timed)
		if !slices.Equal(timed, got) {
			t.Fatalf("%v are left, want %v", got, timed)
		}
	})
}
