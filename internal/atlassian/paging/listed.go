package paging

import (
	"math"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// listed remembers complete walks: the spans of time that were read whole, and the times of their
// records. It is used for two things:
//
//   - A floor is the last record before a window. If the site is asked for records from the floor
//     on, the list ends with the floor, which proves that nothing before it was left out. Without a
//     floor one more request is needed to see that nothing follows the last record. While the
//     window before this one is still being read, its floor is not known. Then a time is guessed
//     behind which there may be a floor.
//   - An audit log only grows. So a span with as many records as before has the same records, see
//     [Log.Changed].
type listed struct {
	mu    sync.Mutex
	spans []span // disjoint, oldest first
	reach int64  // how far before the newest record records were counted, at most, in milliseconds
	uses  int    // counts the uses of spans
}

// span is a span of time that was read whole, in Unix milliseconds.
type span struct {
	from, to int64   // both inclusive
	times    []int64 // of the records in it, oldest first
	before   int64   // time of the last record before the span; 0 if unknown
	used     int     // value of uses at its last use
}

const (
	// maxSpans is enough for polls, catch-up and rescan, which alternate.
	maxSpans = 16

	// leastKept is how much is kept for counting at least. Before all that will be counted was
	// read, reach is short.
	leastKept = int64(time.Hour / time.Millisecond)

	// maxFloors is how many times of a span are kept if it is never counted.
	maxFloors = 64

	// maxCounted is how many times of a span are kept at most: 800 kB, on a busy site only.
	maxCounted = 100_000

	// maxFloorRecords is how many records may share the time of a floor: the site sends all of them
	// again with the window.
	maxFloorRecords = 50
)

// below returns a floor for the window that begins at from.
func (l *listed) below(from time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	start := from.UnixMilli()
	for i := range l.spans {
		s := &l.spans[i]
		if s.from > start || s.to < start-1 {
			continue // there may be records in between
		}
		l.use(s)
		floor := s.before
		if end := index(s.times, start); end > 0 {
			floor = s.times[end-1]
			if end-index(s.times, floor) > maxFloorRecords {
				return time.Time{}, false
			}
		}
		return time.UnixMilli(floor).UTC(), floor != 0
	}
	return time.Time{}, false
}

// floor returns the time to ask from so that a floor of r is listed, false if it is better to ask
// for r alone.
func (l *listed) floor(r timerange.Range) (time.Time, bool) {
	if floor, known := l.below(r.From); known {
		return floor, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// The first walk asks for its window alone: perhaps nothing lies before that.
	if r.From.IsZero() || len(l.spans) == 0 {
		return time.Time{}, false
	}
	return r.From.Add(-r.To.Sub(r.From) / guessed).Truncate(time.Millisecond), true
}

// guessed is which part of its length before a window is asked for when its floor is not known. It
// costs no page: most windows leave more of one unused.
const guessed = 16

// index returns the place of the first time that is not before t.
func index(times []int64, t int64) int {
	i, _ := slices.BinarySearch(times, t)
	return i
}

func (l *listed) use(s *span) {
	l.uses++
	s.used = l.uses
}

// learn notes a complete walk. It replaces what was known of the same time.
func (l *listed) learn(w walked) {
	s, ok := w.span()
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use(&s)
	apart := l.spans[:0]
	older := 0 // number of older spans that stay disjoint
	for _, other := range l.spans {
		switch {
		case other.to < s.from-1:
			apart = append(apart, other)
			older = len(apart)
		case other.from > s.to+1:
			apart = append(apart, other)
		default:
			s = s.over(other)
		}
	}
	l.spans = slices.Insert(apart, older, s)
	l.forget()
}

// over joins s with the span of an older walk that it overlaps or adjoins.
func (s span) over(other span) span {
	joined := span{from: s.from, to: max(s.to, other.to), before: s.before, used: s.used}
	if other.from < s.from || other.from == s.from && s.before == 0 {
		joined.from, joined.before = other.from, other.before
	}
	// In place, because mostly only the end is new.
	joined.times = slices.Replace(other.times, index(other.times, s.from), index(other.times, s.to+1), s.times...)
	return joined
}

// forget bounds what is kept.
func (l *listed) forget() {
	if len(l.spans) > maxSpans {
		least := 0
		for i, s := range l.spans {
			if s.used < l.spans[least].used {
				least = i
			}
		}
		l.spans = slices.Delete(l.spans, least, least+1)
	}
	room := maxCounted
	// with room for the records that come until the next count
	counted := l.spans[len(l.spans)-1].to - max(2*l.reach, leastKept)
	for i := len(l.spans) - 1; i >= 0; i-- {
		s := &l.spans[i]
		s.keep(min(max(len(s.times)-index(s.times, counted), maxFloors), max(room, maxFloors)))
		room -= len(s.times)
	}
}

// keep forgets all but the newest n times, and moves the beginning of the span to match.
func (s *span) keep(n int) {
	drop := len(s.times) - n
	if drop <= 0 {
		return
	}
	s.before = s.times[drop-1]
	s.from = s.before + 1
	s.times = slices.Delete(s.times, 0, index(s.times, s.from))
	if cap(s.times) > 4*len(s.times)+maxFloors {
		s.times = slices.Clone(s.times)
	}
}

// piece is what is known of a span of time: either all of it was read whole, and has records at
// these times, or none of it.
type piece struct {
	from, to int64
	whole    bool
	times    []int64 // a copy
}

// counted returns what is known of from..to, in pieces, oldest first. From then on so much of the
// newest span is kept. If a record lies within slack outside of a piece, the site may list it or
// not: then the piece reaches further, but not beyond settled.
func (l *listed) counted(from, to, slack, settled int64) []piece {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.spans); n > 0 {
		// One look back counts several ranges, and the next one may count what lies between.
		l.reach = max(l.reach, l.spans[n-1].to-from)
	}
	var pieces []piece
	for i := range l.spans {
		s := &l.spans[i]
		if s.to < from || s.from > to {
			continue
		}
		l.use(s)
		if s.from > from {
			pieces = append(pieces, piece{from: from, to: s.from - 1})
			from = s.from
		}
		end := min(to, s.to)
		for i := index(s.times, from); i > 0 && s.times[i-1] >= from-slack; i-- {
			from = s.times[i-1]
		}
		for i := index(s.times, end+1); i < len(s.times) && s.times[i] <= min(end+slack, settled); i++ {
			end = s.times[i]
		}
		pieces = append(pieces, piece{from, end, true, slices.Clone(s.times[index(s.times, from):index(s.times, end+1)])})
		from = end + 1
	}
	if from <= to {
		pieces = append(pieces, piece{from: from, to: to})
	}
	return pieces
}

// walked is what one walk has listed.
type walked struct {
	timerange.Range
	asked  time.Time // beginning of the window, or its floor
	times  []int64   // of the records in the window, newest first
	before int64     // time of the newest record before the window
	// a record is not listed at its time, so the number of records at a time is unknown
	odd bool
}

// see notes a listed record. It is called in the order of the list.
func (w *walked) see(r atlassian.Record) {
	switch t := r.Time.UnixMilli(); {
	case r.Time.IsZero(), r.Time.After(w.To.Add(rounding)), r.Time.Before(w.asked.Add(-rounding)):
		w.odd = true
	case r.Time.After(w.To):
	case r.Time.Before(w.From):
		w.before = max(w.before, t)
	case len(w.times) <= maxCounted:
		w.times = append(w.times, t)
	default:
		w.odd = w.odd || t > w.times[maxCounted] // only the oldest may be left out
	}
}

// isFloor reports whether a record lies before the window, where a floor was asked for. Elsewhere it
// is not listed at its time, and proves nothing.
func (w *walked) isFloor(r atlassian.Record, slack time.Duration) bool {
	return isBefore(r, w.From) && !isBefore(r, w.asked.Add(-slack))
}

// span returns the span that a complete walk has shown. It is not ok if the records cannot be
// counted.
func (w *walked) span() (span, bool) {
	if w.odd || w.To.IsZero() {
		return span{}, false
	}
	s := span{from: math.MinInt64 / 2, to: w.To.UnixMilli(), times: w.times, before: w.before}
	if !w.From.IsZero() {
		s.from = w.From.UnixMilli()
	}
	slices.Sort(s.times)
	s.keep(maxCounted)
	return s, true
}
