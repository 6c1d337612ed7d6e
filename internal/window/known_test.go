package window

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/timerange"
)

// every returns n times so far apart, newest first, of which the oldest is given.
func every(n int, apart time.Duration, oldest time.Time) (times []time.Time) {
	for i := range n {
		times = append(times, oldest.Add(time.Duration(n-1-i)*apart))
	}
	return times
}

// The part that was read of a window that was too full is cut into pieces of just less than a page,
// of 10 records here. A whole second ends a piece if that leaves a second of it.
func TestLearn(t *testing.T) {
	t.Parallel()
	r := between(0, 102)
	const ms = time.Millisecond
	large := tooFull(r, 1000, every(20, 10*ms, seconds(101))...)
	large.texts.bytes = 2 * large.limits.Bytes // the last record was that large
	for name, tt := range map[string]struct {
		w    *Window
		want known
	}{
		"whole seconds, and a small rest": {tooFull(r, 10, every(40, 300*ms, seconds(90.1))...), known{
			between(90.101, 92.999), between(93, 94.999), between(95, 96.999), between(97, 98.999),
			between(99, 100.999),
		}},
		"just a second": {tooFull(r, 10, append(every(17, 100*ms, seconds(90.5)), seconds(89.999))...), known{
			between(90, 90.999), between(91, 91.899),
		}},
		"a full millisecond": {tooFull(r, 10, append(every(9, 100*ms, seconds(101)), every(9, 0, seconds(100))...)...), known{
			between(100, 100), between(100.001, 102),
		}},
		"one that is not full": {tooFull(r, 10, append(every(10, 100*ms, seconds(101)), every(8, 0, seconds(100))...)...), known{
			between(100.001, 101.899),
		}},
		"by bytes": {large, known{
			between(101.001, 101.069), between(101.07, 101.129), between(101.13, 101.189),
		}},
		"no times": {tooFull(r, 10, time.Time{}, time.Time{}), nil},
	} {
		if diff := cmp.Diff(tt.want, known(nil).learn(tt.w)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is newly learnt replaces what was known of the same time, and the rest stays, oldest first,
// up to a bound.
func TestLearnMore(t *testing.T) {
	t.Parallel()
	before, after := between(1, 2), between(30, 40)
	inside := known{between(15, 20), between(20, 25)}
	w := tooFull(between(10, 20), 10, every(2, time.Second, seconds(15))...)
	got := append(known{before}, append(inside, after)...).learn(w)
	if diff := cmp.Diff(known{before, between(15, 15), between(15.001, 20), after}, got); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	many := tooFull(between(0, 1000), 1, every(100, 2*time.Second, seconds(500))...)
	if got := known(nil).learn(many); len(got) != maxKnown || got[0].From != seconds(500) {
		t.Errorf("%d ranges are known from %v on, want the oldest %d", len(got), got[0], maxKnown)
	}
}

// A known range is read as a whole, from either end. Before it pieces become shorter, but not
// shorter than it is.
func TestCutOfKnown(t *testing.T) {
	t.Parallel()
	k := known{between(50, 59.999), between(80, 80)}
	for name, tt := range map[string]struct {
		r          timerange.Range
		start, end timerange.Range
	}{
		"within one":          {between(52, 55), between(52, 55), between(52, 55)},
		"from its beginning":  {between(50, 70), between(50, 59.999), between(60, 70)},
		"from its end":        {between(59.999, 70), between(59.999, 59.999), between(60, 70)},
		"to its beginning":    {between(48, 50), between(48, 49.999), between(50, 50)},
		"to its end":          {between(48, 59.999), between(48, 49.999), between(50, 59.999)},
		"before it":           {between(0, 49.999), between(0, 49.999), between(0, 49.999)},
		"from long before it": {between(0, 55), between(0, 42.999), between(50, 55)},
		"from near":           {between(39, 55), between(39, 47.999), between(50, 55)},
		"behind it":           {between(60, 79), between(60, 79), between(60, 79)},
		"to a millisecond":    {between(60, 80), between(60, 79.999), between(80, 80)},
		"behind all":          {between(90, 99), between(90, 99), between(90, 99)},
	} {
		if diff := cmp.Diff(tt.start, k.cut(tt.r, firstWidth)); diff != "" {
			t.Errorf("%s: from the start (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(tt.end, k.cutEnd(tt.r, firstWidth)); diff != "" {
			t.Errorf("%s: from the end (-want +got):\n%s", name, diff)
		}
	}
	if got := k.forget(seconds(59.999)); len(got) != 2 {
		t.Errorf("a range that is not read to its end is forgotten: %v", got)
	}
	if got := k.forget(seconds(60)); len(got) != 1 {
		t.Errorf("a range that was read is still known: %v", got)
	}
}
