package paging

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// listed is what complete walks have listed: the times of the records, by the stretches of time
// that were read whole. Two things follow from it:
//
//   - A floor is a record from before a window, with none between it and the
//     window's beginning. A list that is asked for from there on ends with that
//     record, which shows that nothing was left out before it. Without a floor,
//     only asking for what follows the last record tells, which is one request
//     more for every window.
//   - An audit log only grows, so that a stretch that still has as many records as
//     were listed has the same ones; see [Client.Changed].
type listed struct {
	mu    sync.Mutex
	spans []span // apart from each other, oldest first
	reach int64  // how much of the newest was counted last, in milliseconds
	turn  int    // of uses
}

// span is a piece of time that was read whole, in Unix milliseconds.
type span struct {
	from, to int64   // both inclusive
	times    []int64 // of the records in it, oldest first
	before   int64   // of a record from before, with none in between; 0 when none is known
	used     int     // turn of its last use
}

const (
	// maxSpans is enough for polls, catch-up and rescan, which take turns.
	maxSpans = 8

	// usualReach is what is kept to be counted before it is known how much will be.
	usualReach = int64(time.Hour / time.Millisecond)

	// maxFloors is how many times are kept of what nobody counts.
	maxFloors = 64

	// maxCounted is how many are kept at all: 800 kB, on a busy site only.
	maxCounted = 100_000

	// maxFloorRecords is how many records a floor may have of its own time: each is sent again with
	// the window.
	maxFloorRecords = 50
)

// below returns a floor of the window that begins at from.
func (l *listed) below(from time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	start := from.UnixMilli()
	for i := range l.spans {
		s := &l.spans[i]
		if s.from > start || s.to < start-1 {
			continue // something may have happened in between
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

// index is the place of the first time that is not before t.
func index(times []int64, t int64) int {
	i, _ := slices.BinarySearch(times, t)
	return i
}

func (l *listed) use(s *span) {
	l.turn++
	s.used = l.turn
}

// learn notes a walk. What it found replaces what was known of the same time.
func (l *listed) learn(w walked) {
	s, ok := w.span()
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.use(&s)
	apart := l.spans[:0]
	older := 0 // of those that stay apart
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

// over joins a stretch with an older reading that it overlaps or adjoins.
func (s span) over(other span) span {
	joined := span{from: s.from, to: max(s.to, other.to), before: s.before, used: s.used}
	if other.from < s.from || other.from == s.from && s.before == 0 {
		joined.from, joined.before = other.from, other.before
	}
	// In place: mostly it is the end that is new.
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
	// with room for what comes until it is counted again
	counted := l.spans[len(l.spans)-1].to - 2*cmp.Or(l.reach, usualReach)
	for i := len(l.spans) - 1; i >= 0; i-- {
		s := &l.spans[i]
		s.keep(min(max(len(s.times)-index(s.times, counted), maxFloors), max(room, maxFloors)))
		room -= len(s.times)
	}
}

// keep forgets all but the newest n times, and what began with them.
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

// piece is what is known of a stretch of time: either all of it was read whole, and has these
// times, or none of it.
type piece struct {
	from, to int64
	whole    bool
	times    []int64 // a copy
}

// counted returns what is known of from..to, in pieces, oldest first. From then on as much of the
// newest is kept for it. Where no record may be at the ends of what is known, so that it does not
// matter whether they belong to it, the pieces reach a little further.
func (l *listed) counted(from, to int64, bareEnds bool) []piece {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reach = to - from
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
		for bareEnds && from > s.from && s.has(from-1) {
			from--
		}
		for bareEnds && end < s.to && s.has(end+1) {
			end++
		}
		pieces = append(pieces, piece{from, end, true, slices.Clone(s.times[index(s.times, from):index(s.times, end+1)])})
		from = end + 1
	}
	if from <= to {
		pieces = append(pieces, piece{from: from, to: to})
	}
	return pieces
}

// has tells whether a record has been listed at t.
func (s *span) has(t int64) bool { return index(s.times, t) < index(s.times, t+1) }

// walked is what a walk lists.
type walked struct {
	window
	asked  time.Time // the window's beginning, or its floor
	times  []int64   // of the records in the window, newest first
	before int64     // of the newest record from before the window
	// a record is not where its time says: how many there are of a time is not known
	odd bool
}

// see notes a record that is listed, a page's records in their order.
func (w *walked) see(r atlassian.Record) {
	switch t := r.Time.UnixMilli(); {
	case r.Time.IsZero(), r.Time.After(w.to.Add(rounding)), r.Time.Before(w.asked.Add(-rounding)):
		w.odd = true
	case r.Time.After(w.to):
	case r.Time.Before(w.from):
		w.before = max(w.before, t)
	case len(w.times) <= maxCounted:
		w.times = append(w.times, t)
	default:
		w.odd = w.odd || t > w.times[maxCounted] // what is left out must be the oldest
	}
}

// span is what a complete walk has shown, if it can be counted.
func (w *walked) span() (span, bool) {
	if w.odd || w.to.IsZero() {
		return span{}, false
	}
	s := span{from: math.MinInt64 / 2, to: w.to.UnixMilli(), times: w.times, before: w.before}
	if !w.from.IsZero() {
		s.from = w.from.UnixMilli()
	}
	slices.Sort(s.times)
	s.keep(maxCounted)
	return s, true
}
