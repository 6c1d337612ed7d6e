package collect

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/confluence"
)

func seconds(s float64) time.Time {
	return epoch.Add(time.Duration(s * float64(time.Second)).Round(time.Millisecond))
}

// A piece of a second and more lies between whole seconds, whichever end it is cut from, for some servers round what they are asked for. Shorter
// ones cannot, and are not made shorter still.
func TestCut(t *testing.T) {
	t.Parallel()
	r := Range{seconds(0.5), seconds(9.7)}
	for _, tt := range []struct {
		width      time.Duration
		start, end Range
	}{
		{time.Minute, r, r},
		{3 * time.Second, Range{seconds(0.5), seconds(2.999)}, Range{seconds(7), seconds(9.7)}},
		{time.Second, Range{seconds(0.5), seconds(0.999)}, Range{seconds(9), seconds(9.7)}},
		{800 * time.Millisecond, Range{seconds(0.5), seconds(1.299)}, Range{seconds(8.901), seconds(9.7)}},
		{time.Millisecond, Range{seconds(0.5), seconds(0.5)}, Range{seconds(9.7), seconds(9.7)}},
	} {
		if diff := cmp.Diff(tt.start, width(tt.width).cut(r)); diff != "" {
			t.Errorf("%s from the start (-want +got):\n%s", tt.width, diff)
		}
		if diff := cmp.Diff(tt.end, width(tt.width).cutEnd(r)); diff != "" {
			t.Errorf("%s from the end (-want +got):\n%s", tt.width, diff)
		}
	}
}

// The widest pieces are no shorter for the width having come close to what a duration can hold.
func TestWidthDoesNotOverflow(t *testing.T) {
	t.Parallel()
	r := Range{epoch, endOfTime}
	w := &window{Range: r, limits: Limits{}.orDefault()}
	for _, d := range []width{firstWidth, widest, 1<<63 - 1} {
		for range 20 {
			d = d.read(w)
		}
		if d != widest {
			t.Errorf("the width is %s", time.Duration(d))
		}
		if c := d.cut(r); c.To.Before(c.From) || c.length() > time.Duration(widest) {
			t.Errorf("a piece from %s to %s", c.From, c.To)
		}
	}
}

// tooFull is a window of which only the records at these times were read, the newest first.
func tooFull(r Range, page int, times ...time.Time) *window {
	w := &window{Range: r, limits: Limits{WindowRecords: len(times), WindowBytes: 1 << 20, Page: page}}
	for _, at := range times {
		w.records = append(w.records, confluence.Record{Time: at})
		w.newest = later(w.newest, at)
		w.oldest = at
	}
	return w
}

// What is left of a window that was too full is cut where its newest part has shown that the pages end.
func TestKnown(t *testing.T) {
	t.Parallel()
	r := Range{seconds(0), seconds(100)}
	var dense, even []time.Time
	for n := range 40 {
		even = append(even, seconds(100-float64(n)/100)) // one every 10 ms, down to 99.61
		at := seconds(90)
		if n < 5 {
			at = seconds(95 - float64(n))
		}
		dense = append(dense, at)
	}
	for name, tt := range map[string]struct {
		w    *window
		want []Range
	}{
		"one millisecond": {tooFull(r, 10, dense...), []Range{{seconds(0), seconds(89.999)}, {seconds(90), seconds(90)}, {seconds(90.001), seconds(100)}}},
		"even": {tooFull(r, 10, even...), []Range{
			// The nearer to what is known to be dense, the shorter.
			{seconds(0), seconds(86.999)}, {seconds(87), seconds(97.999)}, {seconds(98), seconds(98.999)}, {seconds(99), seconds(99.533)},
			{seconds(99.534), seconds(99.61)},
			{seconds(99.611), seconds(99.709)}, {seconds(99.71), seconds(99.799)}, {seconds(99.8), seconds(99.889)}, {seconds(99.89), seconds(99.979)},
			{seconds(99.98), seconds(100)},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := known(nil).learn(tt.w)
			rest := r
			for i, want := range tt.want {
				got := k.cut(rest, firstWidth)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("piece %d (-want +got):\n%s%v", i, diff, k)
				}
				rest.From = got.To.Add(narrowest)
				k = k.forget(rest.From)
			}
		})
	}
}

// Whatever a site lists, the pieces of a range meet, from either end, and each is shorter than one that was too full.
func TestKnownPiecesMeet(t *testing.T) {
	t.Parallel()
	r := Range{seconds(0), seconds(100)}
	for _, times := range [][]time.Time{
		{seconds(100), seconds(100), seconds(100)},
		{seconds(100), seconds(0)},
		{seconds(50), {}, {}, {}},
		{{}, {}, {}},
		{seconds(99), seconds(98), seconds(98), seconds(98), seconds(97.5), seconds(97)},
		{seconds(97), seconds(99), seconds(98)}, // in no order
	} {
		for _, page := range []int{1, 2, 1000} {
			w := tooFull(r, page, times...)
			for _, at := range times {
				if !at.IsZero() && at.Before(w.oldest) || w.oldest.IsZero() {
					w.oldest = at
				}
			}
			k, d := known(nil).learn(w), firstWidth.full(w)
			for rest := r; !rest.To.Before(rest.From); {
				got := k.cut(rest, d)
				if !got.From.Equal(rest.From) || got.To.Before(got.From) || got.To.After(rest.To) || got == r {
					t.Fatalf("%v of %v: %v", got, rest, k)
				}
				rest.From = got.To.Add(narrowest)
			}
			for rest := r; !rest.To.Before(rest.From); {
				got := k.cutEnd(rest, d)
				if !got.To.Equal(rest.To) || got.To.Before(got.From) || got.From.Before(rest.From) || got == r {
					t.Fatalf("from the end %v of %v: %v", got, rest, k)
				}
				rest.To = got.From.Add(-narrowest)
			}
		}
	}
}

// After a restart, what is new is read before what earlier runs have delivered is looked through again, however much
// that is: a busy site is not left behind by restarts.
func TestNewRecordsBeforeOldOnesAfterARestart(t *testing.T) {
	t.Parallel()
	src, st := &site{}, &store{}
	for i := range 400 {
		src.add(seconds(float64(i-1000)), fmt.Sprint("old-", i))
	}
	o := Options{Limits: few, Start: epoch.Add(-time.Hour)}
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		r.pass(time.Minute)
		if len(r.lines) != 400 {
			t.Fatalf("%d records came, want 400", len(r.lines))
		}
	})
	for i := range 150 {
		src.add(seconds(float64(i)/10-590), fmt.Sprint("new-", i))
	}
	src.latency = time.Second
	before := len(src.asked())
	bubble(t, src, st, o, func(t *testing.T, r *run) {
		for len(r.lines) < 150 {
			r.pass(time.Second)
		}
		if n := r.stats.Repeats.Load(); n > 50 {
			t.Errorf("%d records were read again before the new ones: %v", n, src.asked()[before:])
		}
	})
}
