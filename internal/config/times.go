package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// StartFrom is the time from which a first run reads. The zero value means now.
type StartFrom struct {
	back time.Duration
	at   time.Time
	all  bool
}

// At returns the time for a run that starts now. It is the zero time when all that the site keeps
// is read.
func (f StartFrom) At(now time.Time) time.Time {
	switch {
	case f.all:
		return time.Time{}
	case !f.at.IsZero():
		return f.at
	}
	return now.Add(-f.back)
}

// ParseStartFrom reads a duration back with its unit, a date, an RFC 3339 time, now or all.
func ParseStartFrom(value string) (StartFrom, error) {
	switch strings.ToLower(value) {
	case "all":
		return StartFrom{all: true}, nil
	case "now":
		return StartFrom{}, nil
	}
	if number.MatchString(value) {
		// In other keys a bare number means seconds. Here 90 is meant as days: as seconds it would
		// leave out all but the last minute and a half.
		return StartFrom{}, fmt.Errorf("want a unit behind the number: %sd for days, %sh for hours", value, value)
	}
	if strings.Contains(value, "M") {
		return StartFrom{}, errors.New("there is no unit M: want m for minutes, d for days, w for weeks, or a date such as 2026-11-01")
	}
	if d, ok := ParseDuration(value); ok {
		return StartFrom{back: d}, nil
	}
	if t, ok := parseTime(value); ok {
		return StartFrom{at: t}, nil
	}
	return StartFrom{}, errors.New("want a duration back such as 24h or 30d, a date such as 2026-11-01, a time such as 2026-11-01T12:00:00Z, now, or all")
}

var number = regexp.MustCompile(`^[0-9]+$`)

// soon reports whether a duration back is so short that another unit may have been meant.
func (f StartFrom) soon() bool { return !f.all && f.at.IsZero() && f.back > 0 && f.back < time.Hour }

func startFrom(s *Settings, value string) (err error) {
	s.StartFrom, err = ParseStartFrom(value)
	return err
}

// parseTime reads a date, which means midnight UTC, or an RFC 3339 time.
func parseTime(value string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, strings.ToUpper(value)); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

var units = []struct {
	letter byte
	size   time.Duration
}{
	{'w', 7 * 24 * time.Hour},
	{'d', 24 * time.Hour},
	{'h', time.Hour},
	{'m', time.Minute},
	{'s', time.Second},
}

// ParseDuration reads 90 (seconds), 90s, 5m, 12h, 30d, 2w and sums such as 1h30m, the larger unit
// first.
func ParseDuration(value string) (time.Duration, bool) {
	if n, err := strconv.ParseUint(value, 10, 63); err == nil {
		return times(n, time.Second)
	}
	var sum time.Duration
	rest := strings.ToLower(value)
	for _, unit := range units {
		digits, after, found := strings.Cut(rest, string(unit.letter))
		if !found {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, false
		}
		part, ok := times(n, unit.size)
		if !ok || part > math.MaxInt64-sum {
			return 0, false
		}
		sum, rest = sum+part, after
	}
	if value == "" || rest != "" {
		return 0, false
	}
	return sum, true
}

func times(n uint64, unit time.Duration) (time.Duration, bool) {
	if n > uint64(math.MaxInt64/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// formatDuration writes a whole number of seconds in the largest unit that divides it, as an
// operator would.
func formatDuration(d time.Duration) string {
	for _, unit := range units[1:] {
		if d >= unit.size && d%unit.size == 0 {
			return strconv.FormatInt(int64(d/unit.size), 10) + string(unit.letter)
		}
	}
	return d.String()
}
