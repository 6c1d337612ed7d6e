package window

import (
	"math"
	"time"
)

// A Range is a span of time, both ends included, in whole milliseconds UTC.
type Range struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Length returns how long the range is, at most the longest duration.
func (r Range) Length() time.Duration {
	return min(r.To.Sub(r.From), math.MaxInt64-time.Millisecond) + time.Millisecond
}

// Without appends the parts of r before and after o.
func (r Range) Without(dst []Range, o Range) []Range {
	if before := (Range{r.From, Earlier(r.To, o.From.Add(-time.Millisecond))}); !before.To.Before(before.From) {
		dst = append(dst, before)
	}
	if after := (Range{Later(r.From, o.To.Add(time.Millisecond)), r.To}); !after.To.Before(after.From) {
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
