// Package timerange has the ranges of time in which a log is asked for, read and kept in mind.
package timerange

import (
	"math"
	"time"
)

// Resolution is that of the times of records: the shortest range is so long, and a range begins so
// much after the end of the one before it.
const Resolution = time.Millisecond

// A Range is a range of time in UTC. Both ends are inclusive, in whole milliseconds.
type Range struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Length returns how long the range is, at most the longest duration.
func (r Range) Length() time.Duration {
	return min(r.To.Sub(r.From), math.MaxInt64-Resolution) + Resolution
}

// Contains reports whether t lies in the range.
func (r Range) Contains(t time.Time) bool { return !t.Before(r.From) && !t.After(r.To) }

// Without appends the parts of r before and after o.
func (r Range) Without(dst []Range, o Range) []Range {
	if before := (Range{r.From, Earlier(r.To, o.From.Add(-Resolution))}); !before.To.Before(before.From) {
		dst = append(dst, before)
	}
	if after := (Range{Later(r.From, o.To.Add(Resolution)), r.To}); !after.To.Before(after.From) {
		dst = append(dst, after)
	}
	return dst
}

// Earlier returns the earlier of two times.
func Earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Later returns the later of two times.
func Later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
