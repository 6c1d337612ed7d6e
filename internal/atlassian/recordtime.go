package atlassian

import (
	"math"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Numbers below maxSeconds are seconds, others milliseconds: as seconds it lies in the year 5138,
// as milliseconds in 1973, before there were wikis.
const maxSeconds = 100_000_000_000

// maxMillis is the end of the year 9999.
const maxMillis = 253_402_300_799_999

// maxTimeText is how long the text of a time may be, in bytes.
const maxTimeText = 1000

// ParseTime reads the time of a record from its JSON value: epoch milliseconds (Cloud), ISO 8601
// with a zone (Data Center, organization), and other forms that were seen: seconds, a number as a
// string, {"epochSecond":…,"nano":…}. It returns the zero time if it cannot read the value. It does
// not guess a missing zone, because a wrong time would put the record into the wrong window.
func ParseTime(value jsontext.Value) time.Time {
	if len(value) > maxTimeText {
		return time.Time{}
	}
	switch value.Kind() {
	case '0':
		return parseEpoch(string(value))
	case '"':
		var scratch [64]byte // on the stack, and large enough for usual times
		text, err := jsontext.AppendUnquote(scratch[:0], value)
		if err != nil {
			return time.Time{}
		}
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
			if t, err := time.Parse(layout, string(text)); err == nil {
				return t.UTC().Truncate(time.Millisecond)
			}
		}
		return parseEpoch(string(text)) // last, because an error of strconv allocates
	case '{':
		return parseInstant(value)
	}
	return time.Time{}
}

func parseEpoch(text string) time.Time {
	n, ok := ParseDigits(text)
	switch {
	case !ok:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !(f > 0 && f <= maxMillis) {
			return time.Time{}
		}
		if f < maxSeconds {
			f *= 1000
		}
		n = int64(math.Floor(f))
	case n <= 0 || n > maxMillis:
		return time.Time{}
	case n < maxSeconds:
		n *= 1000
	}
	return time.UnixMilli(n).UTC()
}

// parseInstant reads the form of Data Center's log files.
func parseInstant(value jsontext.Value) time.Time {
	var seconds, nano int64
	err := EachMember(value, func(name string, member jsontext.Value) {
		n, _ := ParseDigits(string(member))
		switch name {
		case "epochSecond":
			seconds = n
		case "nano":
			nano = n
		}
	})
	if err != nil || seconds <= 0 || seconds > maxMillis/1000 || nano >= 1e9 {
		return time.Time{}
	}
	return time.Unix(seconds, nano).UTC().Truncate(time.Millisecond)
}
