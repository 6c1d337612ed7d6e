package window

import (
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// held is a window of a length that holds so many records and bytes, of pages of 100 records. It
// is full with 200 records or 1000 bytes.
func held(length time.Duration, records, size int) *Window {
	return &Window{
		Range: timerange.Range{From: epoch, To: epoch.Add(length - timerange.Resolution)}, Records: make([]atlassian.Record, records),
		texts: texts{bytes: size}, limits: Limits{Bytes: 1000, Records: 200, Page: 100},
	}
}

// The next piece is to hold 85 records, which nearly fill a page, or 600 bytes, whichever is
// shorter.
func TestWidthAfterAWholeWindow(t *testing.T) {
	t.Parallel()
	const ms, s = time.Millisecond, time.Second
	for name, tt := range map[string]struct {
		before time.Duration
		w      *Window
		want   time.Duration
	}{
		"nothing":                          {10 * s, held(10*s, 0, 0), 40 * s},
		"nothing in a short rest":          {10 * s, held(2*s, 0, 0), 40 * s},
		"nothing in a longer one":          {2 * s, held(10*s, 0, 0), 40 * s},
		"a little":                         {10 * s, held(10*s, 8, 0), 40 * s},
		"a tenth":                          {10 * s, held(10*s, 0, 60), 20 * s},
		"some":                             {10 * s, held(10*s, 20, 100), 20 * s},
		"some in a short rest":             {10 * s, held(2*s, 20, 100), 10 * s},
		"some in ages":                     {10 * s, held(time.Duration(widest), 20, 100), time.Duration(widest)},
		"half":                             {10 * s, held(10*s, 0, 300), 20 * s},
		"half in a short rest":             {10 * s, held(2*s, 0, 300), 4 * s},
		"as it should be, in records":      {10 * s, held(10*s, 85, 0), 10 * s},
		"as it should be, in bytes":        {10 * s, held(10*s, 0, 600), 10 * s},
		"twice as many records":            {10 * s, held(10*s, 170, 0), 5 * s},
		"most bytes, in a short rest":      {10 * s, held(2*s, 0, 1200), s},
		"few in a millisecond":             {ms, held(ms, 8, 0), 2 * ms},
		"few in a millisecond, long width": {s, held(ms, 8, 0), s},
		"a tenth in a millisecond":         {ms, held(ms, 0, 60), ms},
		"two milliseconds as they should":  {10 * ms, held(2*ms, 85, 0), 2 * ms},
	} {
		if got := width(tt.before).read(tt.w); got != width(tt.want) {
			t.Errorf("%s: %s, want %s", name, time.Duration(got), tt.want)
		}
	}
}

// A window that was too full is halved. If what was read is no small part of it, the rest is taken
// to be as dense.
func TestWidthAfterAFullWindow(t *testing.T) {
	t.Parallel()
	const s = time.Second
	// full is a window of a length, of which the newest part was read with 170 records.
	full := func(length, read time.Duration) *Window {
		w := held(length, 170, 0)
		w.Newest, w.Oldest = w.To, w.To.Add(-read)
		return w
	}
	untimed, empty := held(8*s, 170, 0), full(9*s, 2*s)
	empty.Records = nil
	for name, tt := range map[string]struct {
		before time.Duration
		w      *Window
		want   time.Duration
	}{
		"half of it was read":   {20 * s, full(8*s, 4*s), 2 * s},
		"a ninth of it":         {20 * s, full(9*s+timerange.Resolution, s), s / 2},
		"less":                  {20 * s, full(9*s+2*timerange.Resolution, s), 4*s + 500*time.Millisecond + timerange.Resolution},
		"no time is known":      {20 * s, untimed, 4 * s},
		"nothing is known":      {20 * s, empty, 4*s + 500*time.Millisecond},
		"a short width":         {s, full(8*s, 4*s), s},
		"all of a millisecond":  {s, full(timerange.Resolution, 0), timerange.Resolution},
		"hardly a millisecond":  {20 * s, full(11*timerange.Resolution, timerange.Resolution), 11 * timerange.Resolution / 2},
		"and as dense the rest": {20 * s, full(9*timerange.Resolution, timerange.Resolution), timerange.Resolution},
	} {
		if got := width(tt.before).full(tt.w); got != width(tt.want) {
			t.Errorf("%s: %s, want %s", name, time.Duration(got), tt.want)
		}
	}
}

// A range that could not be read is halved down to a minute. A width that is shorter stays.
func TestWidthAfterAFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ before, length, want time.Duration }{
		{time.Hour, time.Hour, 30 * time.Minute},
		{time.Hour, 90 * time.Second, time.Minute},
		{time.Second, time.Hour, time.Second},
	} {
		if got := width(tt.before).failed(timerange.Range{From: epoch, To: epoch.Add(tt.length - timerange.Resolution)}); got != width(tt.want) {
			t.Errorf("%s after %s failed: %s, want %s", tt.before, tt.length, time.Duration(got), tt.want)
		}
	}
}

// A range that is just as long as the width is one piece, wherever its seconds lie.
func TestCutOfTheWholeRange(t *testing.T) {
	t.Parallel()
	r := between(0.5, 2.499)
	d := width(r.Length())
	if start, end := d.cut(r), d.cutEnd(r); start != r || end != r {
		t.Errorf("pieces %v and %v of %v", start, end, r)
	}
}

// A plan tells its width what was read, and its pieces show it.
func TestPlan(t *testing.T) {
	t.Parallel()
	day := timerange.Range{From: epoch, To: epoch.Add(24*time.Hour - timerange.Resolution)}
	is := func(p *Plan, want time.Duration) {
		t.Helper()
		next, last := p.Next(day), p.Last(day)
		// they end at a whole second
		if next.Length().Round(time.Minute) != want || last.Length().Round(time.Minute) != want || next.From != day.From || last.To != day.To {
			t.Errorf("pieces are %v and %v, want %s", next, last, want)
		}
	}
	p := NewPlan()
	is(&p, time.Hour)
	p.Failed(p.Next(day))
	is(&p, 30*time.Minute)
	p.Read(held(30*time.Minute, 0, 0))
	is(&p, 2*time.Hour)
	restore := p.Unbounded()
	is(&p, 24*time.Hour)
	restore()
	is(&p, 2*time.Hour)
	full := held(24*time.Hour, 100, 0)
	full.Oldest = full.To.Add(-time.Minute)
	for n := range full.Records {
		full.Records[n].Time = full.Oldest
	}
	p.Full(full)
	if got, want := p.Last(timerange.Range{From: epoch, To: full.Oldest}), (timerange.Range{From: full.Oldest, To: full.Oldest}); got != want {
		t.Errorf("the next piece is %v, want the crowded millisecond %v", got, want)
	}
	p.Forget(full.To)
	if got := p.Last(timerange.Range{From: epoch, To: full.Oldest}); got.Length() < time.Hour {
		t.Errorf("after the millisecond was read, a piece is %v", got)
	}
}
