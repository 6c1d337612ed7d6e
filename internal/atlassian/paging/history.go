package paging

import (
	"math"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// history remembers complete walks: the ranges that were read whole, and the times of their
// records. It is used for two things:
//
//   - A floor is the last record before a window. If the site is asked for records from the floor
//     on, the list ends with the floor, which proves that nothing before it was left out. Without a
//     floor one more request is needed to see that nothing follows the last record. While the
//     window before this one is still being read, its floor is not known. Then a time is guessed
//     behind which there may be a floor.
//   - An audit log only grows. So a range with as many records as before has the same records, see
//     [Log.Changed].
type history struct {
	mu     sync.Mutex
	ranges []knownRange // disjoint, oldest first
	reach  int64        // how far before the newest record records were counted, at most, in milliseconds
	uses   int          // counts the uses of ranges
}

// knownRange is a range that was read whole, with the times of all its records. Times are Unix
// milliseconds.
type knownRange struct {
	from, to int64   // both inclusive
	times    []int64 // of the records in it, oldest first
	before   int64   // time of the last record before the range; 0 if unknown
	used     int     // value of uses at its last use
}

const (
	// maxRanges is enough for polls, catch-up and rescan, which alternate.
	maxRanges = 16

	// leastKept is how much is kept for counting at least. Before all that will be counted was
	// read, reach is short.
	leastKept = int64(time.Hour / time.Millisecond)

	// maxFloors is how many times of a range are kept if it is never counted.
	maxFloors = 64

	// maxCounted is how many times of a range are kept at most: 800 kB, on a busy site only.
	maxCounted = 100_000

	// maxFloorRecords is how many records may share the time of a floor: the site sends all of them
	// again with the window.
	maxFloorRecords = 50
)

// below returns a floor for the window that begins at from.
func (h *history) below(from time.Time) (time.Time, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	start := from.UnixMilli()
	for i := range h.ranges {
		r := &h.ranges[i]
		if r.from > start || r.to < start-1 {
			continue // there may be records in between
		}
		h.use(r)
		floor := r.before
		if end := index(r.times, start); end > 0 {
			floor = r.times[end-1]
			if end-index(r.times, floor) > maxFloorRecords {
				return time.Time{}, false
			}
		}
		return time.UnixMilli(floor).UTC(), floor != 0
	}
	return time.Time{}, false
}

// floor returns the time to ask from so that a floor of r is listed, false if it is better to ask
// for r alone.
func (h *history) floor(r timerange.Range) (time.Time, bool) {
	if floor, known := h.below(r.From); known {
		return floor, true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	// The first walk asks for its window alone: perhaps nothing lies before that.
	if r.From.IsZero() || len(h.ranges) == 0 {
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

func (h *history) use(r *knownRange) {
	h.uses++
	r.used = h.uses
}

// learn notes a complete walk. It replaces what was known of the same time.
func (h *history) learn(w walked) {
	r, ok := w.known()
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.use(&r)
	apart := h.ranges[:0]
	older := 0 // number of older ranges that stay disjoint
	for _, other := range h.ranges {
		switch {
		case other.to < r.from-1:
			apart = append(apart, other)
			older = len(apart)
		case other.from > r.to+1:
			apart = append(apart, other)
		default:
			r = r.over(other)
		}
	}
	h.ranges = slices.Insert(apart, older, r)
	h.forget()
}

// over joins r with the range of an older walk that it overlaps or adjoins. Where both were walked,
// r counts.
func (r knownRange) over(other knownRange) knownRange {
	joined := knownRange{from: r.from, to: max(r.to, other.to), before: r.before, used: r.used}
	if other.from < r.from || other.from == r.from && r.before == 0 {
		joined.from, joined.before = other.from, other.before
	}
	// In place, because mostly only the end is new.
	joined.times = slices.Replace(other.times, index(other.times, r.from), index(other.times, r.to+1), r.times...)
	return joined
}

// forget bounds what is kept.
func (h *history) forget() {
	if len(h.ranges) > maxRanges {
		least := 0
		for i, r := range h.ranges {
			if r.used < h.ranges[least].used {
				least = i
			}
		}
		h.ranges = slices.Delete(h.ranges, least, least+1)
	}
	room := maxCounted
	// with room for the records that come until the next count
	counted := h.ranges[len(h.ranges)-1].to - max(2*h.reach, leastKept)
	for i := len(h.ranges) - 1; i >= 0; i-- {
		r := &h.ranges[i]
		r.keep(min(max(len(r.times)-index(r.times, counted), maxFloors), max(room, maxFloors)))
		room -= len(r.times)
	}
}

// keep forgets all but the newest n times, and moves the beginning of the range to match.
func (r *knownRange) keep(n int) {
	drop := len(r.times) - n
	if drop <= 0 {
		return
	}
	r.before = r.times[drop-1]
	r.from = r.before + 1
	r.times = slices.Delete(r.times, 0, index(r.times, r.from))
	if cap(r.times) > 4*len(r.times)+maxFloors {
		r.times = slices.Clone(r.times)
	}
}

// section is a part of a range of which one thing is known: either it was read whole, and has
// records at these times, or nothing. Times are Unix milliseconds.
type section struct {
	from, to int64 // both inclusive
	whole    bool
	times    []int64 // oldest first, a copy
}

// sections returns what is known of from..to, oldest first, to count its records. From then on so
// much of the newest range is kept. If a record lies within slack outside of a section, the site
// may list it or not: then the section reaches further, but not beyond settled.
func (h *history) sections(from, to, slack, settled int64) []section {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.ranges); n > 0 {
		// One look back counts several ranges, and the next one may count what lies between.
		h.reach = max(h.reach, h.ranges[n-1].to-from)
	}
	var sections []section
	for i := range h.ranges {
		r := &h.ranges[i]
		if r.to < from || r.from > to {
			continue
		}
		h.use(r)
		if r.from > from {
			sections = append(sections, section{from: from, to: r.from - 1})
			from = r.from
		}
		end := min(to, r.to)
		for i := index(r.times, from); i > 0 && r.times[i-1] >= from-slack; i-- {
			from = r.times[i-1]
		}
		for i := index(r.times, end+1); i < len(r.times) && r.times[i] <= min(end+slack, settled); i++ {
			end = r.times[i]
		}
		sections = append(sections, section{from, end, true, slices.Clone(r.times[index(r.times, from):index(r.times, end+1)])})
		from = end + 1
	}
	if from <= to {
		sections = append(sections, section{from: from, to: to})
	}
	return sections
}

// walked is what one walk has listed.
type walked struct {
	timerange.Range
	asked  time.Time // beginning of the window, or its floor
	times  []int64   // of the records in the window, newest first
	before int64     // time of the newest record before the window
	// a record is not listed at its time, so the number of records at a time is unknown
	misplaced bool
}

// see notes a listed record. It is called in the order of the list.
func (w *walked) see(r atlassian.Record) {
	switch t := r.Time.UnixMilli(); {
	case r.Time.IsZero(), r.Time.After(w.To.Add(rounding)), r.Time.Before(w.asked.Add(-rounding)):
		w.misplaced = true
	case r.Time.After(w.To):
	case r.Time.Before(w.From):
		w.before = max(w.before, t)
	case len(w.times) <= maxCounted:
		w.times = append(w.times, t)
	default:
		w.misplaced = w.misplaced || t > w.times[maxCounted] // only the oldest may be left out
	}
}

// known returns what a complete walk has shown, false if its records cannot be counted.
func (w *walked) known() (knownRange, bool) {
	if w.misplaced || w.To.IsZero() {
		return knownRange{}, false
	}
	r := knownRange{from: math.MinInt64 / 2, to: w.To.UnixMilli(), times: w.times, before: w.before}
	if !w.From.IsZero() {
		r.from = w.From.UnixMilli()
	}
	slices.Sort(r.times)
	r.keep(maxCounted)
	return r, true
}
