// Package words puts counts, durations, sizes and lists into words for people.
package words

import (
	"fmt"
	"strings"
	"time"
)

// Count returns a number of things: 1 record, 2 records.
func Count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Ago returns how long ago something was, in the largest unit that fits.
func Ago(d time.Duration) string {
	if d < 0 {
		return "in the future"
	}
	return About(d) + " ago"
}

// About returns a duration in the largest unit that fits, such as 3 hours.
func About(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		return Count(int(d/day), "day")
	case d >= 2*time.Hour:
		return Count(int(d/time.Hour), "hour")
	case d >= 2*time.Minute:
		return Count(int(d/time.Minute), "minute")
	}
	return Count(int(d/time.Second), "second")
}

// Short returns a duration in a few letters.
func Short(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "ahead"
	case d >= 2*day:
		return fmt.Sprintf("%d d", d/day)
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// Size returns a number of bytes in a few letters.
func Size(n float64) string {
	switch {
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", n/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.0f kB", n/1e3)
	}
	return fmt.Sprintf("%.0f B", n)
}

// maxNamed is how many of many names are shown.
const maxNamed = 10

// Some returns the first of many names.
func Some(names []string) string {
	named := names[:min(len(names), maxNamed)]
	text := strings.Join(named, ", ")
	if more := len(names) - len(named); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
