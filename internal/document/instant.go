package document

import (
	"time"

	"fluent-bit-confluence/internal/scan"
)

// instant reads a time such as 2021-12-10T11:53:37.982+0000 as milliseconds since 1970. The
// fraction may be missing or longer, the zone may be Z or +01:00 too. It makes no garbage, as
// time.Parse does for a zone.
func instant(text []byte) (ms int64, ok bool) {
	t := timeText{text, true}
	year, month, day := t.digits(4, '-'), t.digits(2, '-'), t.digits(2, 'T')
	hour, minute, second := t.digits(2, ':'), t.digits(2, ':'), t.digits(2, 0)
	if t.next('.') {
		for i, unit := 0, int64(100); t.ok && i < 9; i, unit = i+1, unit/10 {
			if i > 0 && scan.Digits(t.rest, 0) == 0 {
				break
			}
			ms += unit * int64(t.digits(1, 0))
		}
	}
	offset := 0 // in minutes
	if !t.next('Z') {
		sign := 1
		if t.next('-') {
			sign = -1
		} else if !t.next('+') {
			return 0, false
		}
		offset = t.digits(2, 0) * 60
		t.next(':')
		offset = sign * (offset + t.digits(2, 0))
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if !t.ok || len(t.rest) > 0 || at.Month() != time.Month(month) || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return at.UnixMilli() + ms - int64(offset)*60_000, true
}

// timeText is what is left of the text of a time.
type timeText struct {
	rest []byte
	ok   bool // whether it was a time so far
}

// digits takes a number of n digits and, unless that is 0, the character behind it.
func (t *timeText) digits(n int, behind byte) (number int) {
	if len(t.rest) < n || scan.Digits(t.rest[:n], 0) < n {
		t.ok = false
		return 0
	}
	for _, c := range t.rest[:n] {
		number = 10*number + int(c-'0')
	}
	t.rest = t.rest[n:]
	if behind != 0 && !t.next(behind) {
		t.ok = false
	}
	return number
}

// next takes a character if it is the next one.
func (t *timeText) next(c byte) bool {
	if len(t.rest) == 0 || t.rest[0] != c {
		return false
	}
	t.rest = t.rest[1:]
	return true
}
