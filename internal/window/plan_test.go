package window

import (
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"

	"github.com/google/go-cmp/cmp"
)

var epoch = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func seconds(s float64) time.Time {
	return epoch.Add(time.Duration(s * float64(time.Second)).Round(time.Millisecond))
}

// A piece of a second or more lies between whole seconds, from whichever end it is cut, because
// some servers round times. Shorter pieces are left as they are.
func TestCut(t *testing.T) {
	t.Parallel()
	r := between(0.5, 9.7)
	for _, tt := range []struct {
		width      time.Duration
		start, end timerange.Range
	}{
		{time.Minute, r, r},
		{3 * time.Second, between(0.5, 2.999), between(7, 9.7)},
		{time.Second, between(0.5, 0.999), between(9, 9.7)},
		{800 * time.Millisecond, between(0.5, 1.299), between(8.901, 9.7)},
		{time.Millisecond, between(0.5, 0.5), between(9.7, 9.7)},
	} {
		if diff := cmp.Diff(tt.start, width(tt.width).cut(r)); diff != "" {
			t.Errorf("%s from the start (-want +got):\n%s", tt.width, diff)
		}
		if diff := cmp.Diff(tt.end, width(tt.width).cutEnd(r)); diff != "" {
			t.Errorf("%s from the end (-want +got):\n%s", tt.width, diff)
		}
	}
}

// A width close to the longest duration does not overflow, which would make pieces shorter.
func TestWidthDoesNotOverflow(t *testing.T) {
	t.Parallel()
	r := timerange.Range{From: epoch, To: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)}
	w := &Window{Range: r, limits: Limits{}.orDefault()}
	for _, d := range []width{firstWidth, widest, 1<<63 - 1} {
		for range 20 {
			d = d.read(w)
		}
		if d != widest {
			t.Errorf("the width is %s", time.Duration(d))
		}
		if c := d.cut(r); c.To.Before(c.From) || c.Length() > time.Duration(widest) {
			t.Errorf("a piece from %s to %s", c.From, c.To)
		}
	}
}

// After a burst that lowers the width to a millisecond, the width grows again: otherwise each
// millisecond would cost a request.
func TestWidthRecovers(t *testing.T) {
	t.Parallel()
	d := firstWidth
	crowded := &Window{Range: timerange.Range{From: epoch, To: epoch}, limits: Limits{}.orDefault()}
	for d > width(timerange.Resolution) {
		d = d.full(&Window{Range: d.cut(timerange.Range{From: epoch, To: epoch.Add(time.Hour)})})
	}
	crowded.Records = make([]atlassian.Record, crowded.limits.Page)
	if got := d.read(crowded); got != d {
		t.Errorf("after a crowded millisecond the width is %s", time.Duration(got))
	}
	for range 15 {
		d = d.read(&Window{Range: d.cut(timerange.Range{From: epoch, To: epoch.Add(24 * time.Hour)}), limits: Limits{}.orDefault()})
	}
	if d < firstWidth {
		t.Errorf("after 15 empty windows the width is %s", time.Duration(d))
	}
}

// tooFull is a window that was too full: only the records at these times were read, newest first.
func tooFull(r timerange.Range, page int, times ...time.Time) *Window {
	w := &Window{Range: r, limits: Limits{Records: len(times), Bytes: 1 << 20, Page: page}}
	for _, at := range times {
		w.Records = append(w.Records, atlassian.Record{Time: at})
		w.Newest = timerange.Later(w.Newest, at)
		w.Oldest = at
	}
	return w
}

// The range of a window that was too full is cut into pages, as its newest part has shown them.
func TestKnown(t *testing.T) {
	t.Parallel()
	r := between(0, 100)
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
		w    *Window
		want []timerange.Range
	}{
		"one millisecond": {tooFull(r, 10, dense...), []timerange.Range{between(0, 89.999), between(90, 90), between(90.001, 100)}},
		"even": {tooFull(r, 10, even...), []timerange.Range{
			// Pieces become shorter towards a known dense range.
			between(0, 86.999), between(87, 97.999), between(98, 98.999), between(99, 99.533),
			between(99.534, 99.61),
			between(99.611, 99.709), between(99.71, 99.799), between(99.8, 99.889), between(99.89, 99.979),
			between(99.98, 100),
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
				rest.From = got.To.Add(timerange.Resolution)
				k = k.forget(rest.From)
			}
		})
	}
}

// Whatever a site lists, the pieces of a range leave no gap, from either end, and a piece is
// shorter than one that was too full.
func TestKnownPiecesMeet(t *testing.T) {
	t.Parallel()
	r := between(0, 100)
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
				if !at.IsZero() && at.Before(w.Oldest) || w.Oldest.IsZero() {
					w.Oldest = at
				}
			}
			k, d := known(nil).learn(w), firstWidth.full(w)
			for rest := r; !rest.To.Before(rest.From); {
				got := k.cut(rest, d)
				if !got.From.Equal(rest.From) || got.To.Before(got.From) || got.To.After(rest.To) || got == r {
					t.Fatalf("%v of %v: %v", got, rest, k)
				}
				rest.From = got.To.Add(timerange.Resolution)
			}
			for rest := r; !rest.To.Before(rest.From); {
				got := k.cutEnd(rest, d)
				if !got.To.Equal(rest.To) || got.To.Before(got.From) || got.From.Before(rest.From) || got == r {
					t.Fatalf("from the end %v of %v: %v", got, rest, k)
				}
				rest.To = got.From.Add(-timerange.Resolution)
			}
		}
	}
}

// A window that was cut short has all records since a millisecond only if it also has an older
// record: its oldest millisecond may hold more than was read.
func TestCutShortWithinAMillisecond(t *testing.T) {
	t.Parallel()
	r := between(0, 10)
	then := seconds(5)
	for name, tt := range map[string]struct {
		oldest time.Time
		whole  bool
	}{
		"ends before": {then.Add(-timerange.Resolution), true},
		"ends within": {then, false},
		"ends after":  {then.Add(timerange.Resolution), false},
	} {
		w := tooFull(r, 10, seconds(7), seconds(6), tt.oldest)
		if got := w.KeepSince(then); got != tt.whole {
			t.Errorf("%s: it is said to have all: %v", name, got)
		}
		if tt.whole && (len(w.Records) != 2 || !w.From.Equal(then)) {
			t.Errorf("%s: what is left begins at %s and has %d records, want 2", name, w.From, len(w.Records))
		}
	}
}
