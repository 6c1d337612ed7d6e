package window

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// source lists records of one byte at these times, newest first, and then ends with err. It uses
// its memory again, as the real ones do.
type source struct {
	times []time.Time
	err   error
	asked timerange.Range
}

func (s *source) Read(_ context.Context, from, to time.Time, yield func(atlassian.Record) error) error {
	s.asked = timerange.Range{From: from, To: to}
	raw := make([]byte, 1)
	for n, at := range s.times {
		raw[0] = 'a' + byte(n)
		if err := yield(atlassian.Record{Time: at, Raw: raw}); err != nil {
			return err
		}
	}
	raw[0] = '!'
	return s.err
}

// texts of a window, in its order.
func (w *Window) text() string {
	var all []byte
	for _, r := range w.Records {
		all = append(all, r.Raw...)
	}
	return string(all)
}

// between returns the range between two times, in seconds as of seconds.
func between(from, to float64) timerange.Range {
	return timerange.Range{From: seconds(from), To: seconds(to)}
}

var tenSeconds = between(0, 10)

// A window is full when it reaches one of its limits, and too full with one record more.
func TestFill(t *testing.T) {
	t.Parallel()
	four := []time.Time{seconds(9), {}, seconds(7), seconds(8)} // a to d; b has no time
	for name, tt := range map[string]struct {
		limits Limits
		err    error
		want   string
		oldest time.Time
	}{
		"all":              {Limits{}, nil, "cbda", seconds(7)},
		"just all":         {Limits{Records: 4, Bytes: 4}, nil, "cbda", seconds(7)},
		"too many records": {Limits{Records: 3}, ErrFull, "abc", seconds(7)},
		"too many bytes":   {Limits{Bytes: 2}, ErrFull, "ab", seconds(9)},
	} {
		src := &source{times: four}
		r := NewReader(src, tt.limits)
		w, err := r.Fill(t.Context(), r.New(tenSeconds), nil)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w.text() != tt.want || w.Bytes() != len(tt.want) || w.Total() != len(tt.want) || src.asked != tenSeconds {
			t.Errorf("%s: %q of %v with %d bytes, want %q", name, w.text(), src.asked, w.Bytes(), tt.want)
		}
		if !w.Newest.Equal(seconds(9)) || !w.Oldest.Equal(tt.oldest) {
			t.Errorf("%s: from %s to %s", name, w.Oldest, w.Newest)
		}
		if whole := w.Fullness() < 1; whole && tt.limits.Records > 0 || !whole && tt.limits == (Limits{}) {
			t.Errorf("%s: fullness is %v", name, w.Fullness())
		}
	}
}

// A range larger than a window goes out in sorted parts, each of a full window.
func TestSpill(t *testing.T) {
	t.Parallel()
	src := &source{times: []time.Time{seconds(9), seconds(8), seconds(7), seconds(7), seconds(6)}}
	r := NewReader(src, Limits{Records: 2})
	var parts []string
	w, err := r.Fill(t.Context(), r.New(tenSeconds), func(w *Window) error {
		parts = append(parts, fmt.Sprint(w.text(), " after ", w.Spilled))
		return nil
	})
	if err != nil || w.text() != "e" || w.Total() != 5 || w.Spilled != 4 {
		t.Fatalf("%q is left of %d: %v", w.text(), w.Total(), err)
	}
	if diff := cmp.Diff([]string{"ba after 0", "dc after 2"}, parts); diff != "" {
		t.Errorf("spilled (-want +got):\n%s", diff)
	}
	if !w.Newest.Equal(seconds(9)) || !w.Oldest.Equal(seconds(6)) {
		t.Errorf("from %s to %s, want the times of all parts", w.Oldest, w.Newest)
	}
	if next := r.New(tenSeconds); next.Total() != 0 || !next.Newest.IsZero() || !next.Oldest.IsZero() {
		t.Errorf("the next window is not new: %+v", next)
	}
}

// An error of the source or of what takes the parts leaves no window.
func TestFillFails(t *testing.T) {
	t.Parallel()
	errSource, errTaker := errors.New("source"), errors.New("taker")
	for want, src := range map[error]*source{
		errSource: {times: []time.Time{seconds(1)}, err: errSource},
		errTaker:  {times: []time.Time{seconds(2), seconds(1)}},
	} {
		r := NewReader(src, Limits{Records: 1})
		w, err := r.Fill(t.Context(), r.New(tenSeconds), func(*Window) error { return errTaker })
		if !errors.Is(err, want) || w != nil {
			t.Errorf("%v: got %v and %v", want, w, err)
		}
	}
}

// Memory of four windows is used again, until the reader rests.
func TestReaderUsesWindowsAgain(t *testing.T) {
	t.Parallel()
	r := NewReader(&source{times: []time.Time{seconds(1)}}, Limits{Page: 7})
	fill := func() *Window {
		w, err := r.Fill(t.Context(), r.New(tenSeconds), func(*Window) error { return nil })
		if err != nil || w.text() != "a" || w.Page() != 7 || r.Page() != 7 {
			t.Fatalf("%v %v", w, err)
		}
		return w
	}
	a, b, c, d, e := fill(), fill(), fill(), fill(), fill()
	c.Spill()
	for _, w := range []*Window{a, b, d, e, c} {
		if r.Release(w); len(w.Records) > 0 || w.Bytes() > 0 {
			t.Errorf("a released window holds %d records", len(w.Records))
		}
	}
	if r.New(tenSeconds) != e || r.New(tenSeconds) != d || r.New(tenSeconds) != b || r.New(tenSeconds) != a || r.New(tenSeconds) == c {
		t.Error("want the windows released first, then a new one")
	}
	r.Release(c)
	if again := fill(); again != c || again.Spilled != 0 {
		t.Errorf("%d were spilled of a window that is used again", again.Spilled)
	}
	r.Release(c)
	if r.Rest(); r.New(tenSeconds) == c {
		t.Error("a window was kept while the reader rests")
	}
}

// Without limits a window holds some pages, of small ones more, and of large ones no more than the
// memory allows.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ set, want Limits }{
		{Limits{}, Limits{Bytes: 2 << 20, Records: 3_000, Page: 1_000}},
		{Limits{Page: 50}, Limits{Bytes: 2 << 20, Records: 500, Page: 50}},
		{Limits{Page: 200}, Limits{Bytes: 2 << 20, Records: 1_000, Page: 200}},
		{Limits{Bytes: 1, Records: 2, Page: 3}, Limits{Bytes: 1, Records: 2, Page: 3}},
	} {
		if got := tt.set.orDefault(); got != tt.want {
			t.Errorf("%+v: got %+v, want %+v", tt.set, got, tt.want)
		}
	}
}

// Texts are copies that nothing changes, and the memory for them is bounded by what a window needs.
func TestTexts(t *testing.T) {
	t.Parallel()
	var x texts
	var kept [][]byte
	keep := func(size int) { kept = append(kept, x.keep(bytes.Repeat([]byte{byte(len(kept))}, size))) }
	blocks := func(want ...int) {
		t.Helper()
		var got []int
		for _, b := range x.blocks {
			got = append(got, cap(b))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("blocks after %d texts (-want +got):\n%s", len(kept), diff)
		}
	}
	keep(1)
	blocks(smallestBlock)
	keep(smallestBlock - 1) // just fits
	blocks(smallestBlock)
	keep(100) // a block as large as all before
	blocks(smallestBlock, smallestBlock)
	keep(300 << 10) // one of its own
	keep(100)       // no larger than the largest
	blocks(smallestBlock, smallestBlock, 300<<10, largestBlock)
	for n, text := range kept {
		kept[n] = append(text, 0xff) // must not reach into the next one
	}
	for n, text := range kept {
		if want := append(bytes.Repeat([]byte{byte(n)}, len(text)-1), 0xff); !bytes.Equal(text, want) {
			t.Errorf("text %d has changed", n)
		}
	}
	if want := smallestBlock + 100 + 300<<10 + 100; x.bytes != want {
		t.Errorf("%d bytes, want %d", x.bytes, want)
	}
	x.release()
	blocks(smallestBlock, smallestBlock, largestBlock) // without that of the very large record
	keep(smallestBlock + 1)                            // goes into the first block with room for it
	keep(1)
	blocks(smallestBlock, smallestBlock, largestBlock)
	x.release()
	blocks(smallestBlock, smallestBlock, largestBlock)
	keep(1)
	x.release()
	blocks(smallestBlock) // the others were not needed
	if x.bytes != 0 {
		t.Errorf("%d bytes of nothing", x.bytes)
	}
}
