package window

import (
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// width is how long the next window may be, so that it holds many records but not too many.
type width time.Duration

const (
	firstWidth = width(time.Hour)
	widest     = width(50 * 365 * 24 * time.Hour)
)

// read learns from a window that was read whole. The next one should nearly fill a page and stay
// well below the limits of a window. A single millisecond says nothing about its neighbours. But if
// it holds few records, the width doubles: otherwise it would stay at one millisecond.
func (d width) read(w *Window) width {
	took := min(width(w.Length()), widest)
	share := w.share()
	if took <= width(timerange.Resolution) {
		if share < 0.1 {
			return max(d, 2*took)
		}
		return d
	}
	switch {
	case share < 0.1:
		return min(max(d, took), widest/4) * 4
	case share < 0.5:
		return max(min(d, widest), min(took, widest/2)*2)
	default:
		return min(width(float64(took)/share), widest)
	}
}

// share is how full a window was, as a share of what it should hold.
func (w *Window) share() float64 {
	return max(w.Fullness()/0.6, float64(len(w.Records))/(fill*float64(w.limits.Page)))
}

// fill is how much of a page a window should fill. The rest leaves room for a busier time.
const fill = 0.85

// full learns from a window that was too full. If the part that was read is not a small part of the
// range, the rest is taken to be as dense, as on a site that is always busy. Otherwise it may be a
// burst, and the rest may hold little.
func (d width) full(w *Window) width {
	d = max(min(d, width(w.Length())/2), width(timerange.Resolution))
	if w.Oldest.IsZero() || len(w.Records) == 0 {
		return d
	}
	read := width(w.To.Sub(w.Oldest))
	asDense := width(float64(read) * fill * float64(w.limits.Page) / float64(len(w.Records)))
	if rest := width(w.Oldest.Sub(w.From)); rest > evenly*read {
		return max(d, asDense)
	}
	return max(min(d, asDense), width(timerange.Resolution))
}

// evenly is how many times longer than the part read the rest may be, to be taken to be as dense.
const evenly = 8

// failed learns from a window that could not be read: perhaps the site cannot answer for so long a
// range.
func (d width) failed(r timerange.Range) width {
	return min(d, max(width(r.Length())/2, width(time.Minute)))
}

// whole returns the width in whole milliseconds, like ranges: if a window ended within a
// millisecond, a record between it and the next would be lost.
func (d width) whole() time.Duration { return time.Duration(d).Truncate(timerange.Resolution) }

// cut returns the start of r, as long as the width. It ends just before a whole second if possible,
// because some servers round times to seconds.
func (d width) cut(r timerange.Range) timerange.Range {
	if width(r.Length()) <= d {
		return r
	}
	to := r.From.Add(d.whole() - timerange.Resolution)
	if second := to.Truncate(time.Second).Add(-timerange.Resolution); d.spansSecond() && second.After(r.From) {
		to = second
	}
	return timerange.Range{From: r.From, To: timerange.Earlier(to, r.To)}
}

// cutEnd returns the end of r, as long as the width. It begins at a whole second if possible.
func (d width) cutEnd(r timerange.Range) timerange.Range {
	if width(r.Length()) <= d {
		return r
	}
	from := r.To.Add(timerange.Resolution - d.whole())
	if second := from.Truncate(time.Second).Add(time.Second); d.spansSecond() && !second.After(r.To) {
		from = second
	}
	return timerange.Range{From: from, To: r.To}
}

// spansSecond reports whether pieces are long enough to lie between whole seconds. Shorter pieces
// would only become twice as many.
func (d width) spansSecond() bool { return d >= width(time.Second) }
