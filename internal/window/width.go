package window

import "time"

// width chooses how long the next window may be, so that it holds much, and yet not more than fits.
type width time.Duration

const (
	firstWidth = width(time.Hour)
	widest     = width(50 * 365 * 24 * time.Hour)
)

// read learns from a window that was read whole: the next one shall nearly fill a page, and stay
// well below what it may hold. A single millisecond says nothing about those beside it, but that a
// sparse one may have another with it: a width that has come down to one would stay there.
func (d width) read(w *Window) width {
	took := min(width(w.Length()), widest)
	share := w.share()
	if took <= width(Narrowest) {
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

// share is how much of a window was used of what it should hold.
func (w *Window) share() float64 {
	return max(w.Fullness()/0.6, float64(len(w.Records))/(0.85*float64(w.limits.Page)))
}

// full learns from a window of which only the newest part fitted. Where that is not a small one,
// the rest is taken to hold as much: a site that is busy all the time. Else it may be a burst, and
// the rest hold little.
func (d width) full(w *Window) width {
	d = max(min(d, width(w.Length())/2), width(Narrowest))
	if w.Oldest.IsZero() || len(w.Records) == 0 {
		return d
	}
	read := width(w.To.Sub(w.Oldest))
	if rest := width(w.Oldest.Sub(w.From)); rest > evenly*read {
		return d
	}
	return max(min(d, width(float64(read)*0.85*float64(w.limits.Page)/float64(len(w.Records)))), width(Narrowest))
}

// evenly is how many times as long as what was read of a window the rest may be, to be taken for
// like it.
const evenly = 8

// failed learns from a window that could not be read: the site may not be able to answer for so
// long a one.
func (d width) failed(r Range) width {
	return min(d, max(width(r.Length())/2, width(time.Minute)))
}

// whole is the width in whole milliseconds, as ranges are: between a window that ends within one
// and the next, a record would be lost.
func (d width) whole() time.Duration { return time.Duration(d).Truncate(Narrowest) }

// cut returns the start of r that is as long as the width. It ends just before a whole second where
// it can: some servers round times to seconds.
func (d width) cut(r Range) Range {
	if width(r.Length()) <= d {
		return r
	}
	to := r.From.Add(d.whole() - Narrowest)
	if second := to.Truncate(time.Second).Add(-Narrowest); d.spansSecond() && second.After(r.From) {
		to = second
	}
	return Range{r.From, Earlier(to, r.To)}
}

// cutEnd returns the end of r that is as long as the width, and begins with a whole second where it
// can.
func (d width) cutEnd(r Range) Range {
	if width(r.Length()) <= d {
		return r
	}
	from := r.To.Add(Narrowest - d.whole())
	if second := from.Truncate(time.Second).Add(time.Second); d.spansSecond() && !second.After(r.To) {
		from = second
	}
	return Range{from, r.To}
}

// spansSecond tells whether pieces of the width are long enough to lie between whole seconds.
// Shorter ones would only become twice as many.
func (d width) spansSecond() bool { return d >= width(time.Second) }
