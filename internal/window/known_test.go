package window

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
	r := Range{seconds(0), seconds(102)}
	const ms = time.Millisecond
	large := tooFull(r, 1000, every(20, 10*ms, seconds(101))...)
	large.texts.bytes = 2 * large.limits.Bytes // the last record was that large
	for name, tt := range map[string]struct {
		w    *Window
		want known
	}{
		"whole seconds, and a small rest": {tooFull(r, 10, every(40, 300*ms, seconds(90.1))...), known{
			{seconds(90.101), seconds(92.999)}, {seconds(93), seconds(94.999)}, {seconds(95), seconds(96.999)}, {seconds(97), seconds(98.999)},
			{seconds(99), seconds(100.999)},
		}},
		"just a second": {tooFull(r, 10, append(every(17, 100*ms, seconds(90.5)), seconds(89.999))...), known{
			{seconds(90), seconds(90.999)}, {seconds(91), seconds(91.899)},
		}},
		"a full millisecond": {tooFull(r, 10, append(every(9, 100*ms, seconds(101)), every(9, 0, seconds(100))...)...), known{
			{seconds(100), seconds(100)}, {seconds(100.001), seconds(102)},
		}},
		"one that is not full": {tooFull(r, 10, append(every(10, 100*ms, seconds(101)), every(8, 0, seconds(100))...)...), known{
			{seconds(100.001), seconds(101.899)},
		}},
		"by bytes": {large, known{
			{seconds(101.001), seconds(101.069)}, {seconds(101.07), seconds(101.129)}, {seconds(101.13), seconds(101.189)},
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
	before, after := Range{seconds(1), seconds(2)}, Range{seconds(30), seconds(40)}
	inside := known{{seconds(15), seconds(20)}, {seconds(20), seconds(25)}}
	w := tooFull(Range{seconds(10), seconds(20)}, 10, every(2, time.Second, seconds(15))...)
	got := append(known{before}, append(inside, after)...).learn(w)
	if diff := cmp.Diff(known{before, {seconds(15), seconds(15)}, {seconds(15.001), seconds(20)}, after}, got); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	many := tooFull(Range{seconds(0), seconds(1000)}, 1, every(100, 2*time.Second, seconds(500))...)
	if got := known(nil).learn(many); len(got) != maxKnown || got[0].From != seconds(500) {
		t.Errorf("%d ranges are known from %v on, want the oldest %d", len(got), got[0], maxKnown)
	}
}

// A known range is read as a whole, from either end. Before it pieces become shorter, but not
// shorter than it is.
func TestCutOfKnown(t *testing.T) {
	t.Parallel()
	k := known{{seconds(50), seconds(59.999)}, {seconds(80), seconds(80)}}
	for name, tt := range map[string]struct {
		r          Range
		start, end Range
	}{
		"within one":          {Range{seconds(52), seconds(55)}, Range{seconds(52), seconds(55)}, Range{seconds(52), seconds(55)}},
		"from its beginning":  {Range{seconds(50), seconds(70)}, Range{seconds(50), seconds(59.999)}, Range{seconds(60), seconds(70)}},
		"from its end":        {Range{seconds(59.999), seconds(70)}, Range{seconds(59.999), seconds(59.999)}, Range{seconds(60), seconds(70)}},
		"to its beginning":    {Range{seconds(48), seconds(50)}, Range{seconds(48), seconds(49.999)}, Range{seconds(50), seconds(50)}},
		"to its end":          {Range{seconds(48), seconds(59.999)}, Range{seconds(48), seconds(49.999)}, Range{seconds(50), seconds(59.999)}},
		"before it":           {Range{seconds(0), seconds(49.999)}, Range{seconds(0), seconds(49.999)}, Range{seconds(0), seconds(49.999)}},
		"from long before it": {Range{seconds(0), seconds(55)}, Range{seconds(0), seconds(42.999)}, Range{seconds(50), seconds(55)}},
		"from near":           {Range{seconds(39), seconds(55)}, Range{seconds(39), seconds(47.999)}, Range{seconds(50), seconds(55)}},
		"behind it":           {Range{seconds(60), seconds(79)}, Range{seconds(60), seconds(79)}, Range{seconds(60), seconds(79)}},
		"to a millisecond":    {Range{seconds(60), seconds(80)}, Range{seconds(60), seconds(79.999)}, Range{seconds(80), seconds(80)}},
		"behind all":          {Range{seconds(90), seconds(99)}, Range{seconds(90), seconds(99)}, Range{seconds(90), seconds(99)}},
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
