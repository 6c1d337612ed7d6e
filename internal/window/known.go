package window

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// known are ranges still to be read whose content is known: about a page each, or a single
// millisecond that holds more. They come from windows that were too full, of which the newest part
// was read. Without them the width would have to be found by trial, at the cost of a window for
// each try. They are in order of time, and only a hint.
type known []timerange.Range

// maxKnown is how many ranges are kept.
const maxKnown = 64

// learn notes the records that were read of a window that was too full.
func (k known) learn(w *Window) known {
	if w.Oldest.IsZero() {
		return k
	}
	var times []time.Time // oldest first
	for _, r := range slices.Backward(w.Records) {
		if !r.Time.IsZero() {
			times = append(times, r.Time)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	enough := max(1, int(min(0.95*float64(w.limits.Page), 0.6*float64(len(w.Records))/w.Fullness())))
	k = slices.DeleteFunc(k, func(r timerange.Range) bool { return !r.To.Before(w.Oldest) && !r.From.After(w.To) })
	// The oldest millisecond may hold more than was read.
	first := 0
	for first < len(times) && times[first].Equal(w.Oldest) {
		first++
	}
	if first >= enough {
		k = append(k, timerange.Range{From: w.Oldest, To: w.Oldest})
	}
	from := w.Oldest.Add(timerange.Resolution)
	for n := first; n < len(times); n++ {
		if n-first < enough || times[n].Equal(times[n-1]) {
			continue
		}
		to := times[n].Add(-timerange.Resolution)
		if second := times[n].Truncate(time.Second); second.Sub(from) >= time.Second {
			to = second.Add(-timerange.Resolution)
		}
		k = append(k, timerange.Range{From: from, To: to})
		from = to.Add(timerange.Resolution)
		for n > 0 && !times[n-1].Before(from) {
			n--
		}
		first = n
	}
	// A small rest is better read with the next range.
	if 3*(len(times)-first) > enough {
		k = append(k, timerange.Range{From: from, To: w.To})
	}
	slices.SortFunc(k, func(a, b timerange.Range) int { return a.From.Compare(b.From) })
	return k[:min(len(k), maxKnown)]
}

// forget drops the ranges before then, which were read.
func (k known) forget(then time.Time) known {
	return slices.DeleteFunc(k, func(r timerange.Range) bool { return r.To.Before(then) })
}

// cut returns the start of r to read next. It is as long as d unless a known range says better.
func (k known) cut(r timerange.Range, d width) timerange.Range {
	next := slices.IndexFunc(k, func(s timerange.Range) bool { return !s.To.Before(r.From) })
	if next < 0 || k[next].From.After(r.To) {
		return d.cut(r)
	}
	s := k[next]
	if !s.From.After(r.From) {
		return timerange.Range{From: r.From, To: timerange.Earlier(s.To, r.To)}
	}
	// Before a known dense range most records lie near its beginning: so the pieces become shorter
	// towards it, but not shorter than the known range.
	r.To = s.From.Add(-timerange.Resolution)
	if s.Length() > timerange.Resolution {
		d = min(d, max(width(r.Length())*7/8, width(s.Length())))
	}
	return d.cut(r)
}

// cutEnd returns the end of r to read next.
func (k known) cutEnd(r timerange.Range, d width) timerange.Range {
	for _, s := range slices.Backward(k) {
		if s.From.After(r.To) {
			continue
		}
		if !s.To.Before(r.To) {
			return timerange.Range{From: timerange.Later(s.From, r.From), To: r.To}
		}
		r.From = timerange.Later(r.From, s.To.Add(timerange.Resolution))
		break
	}
	return d.cutEnd(r)
}
