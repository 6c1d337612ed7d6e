package atlassian

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2023, 11, 14, 22, 13, 20, 123e6, time.UTC)
	whole := want.Truncate(time.Second)
	for value, want := range map[string]time.Time{
		`1700000000123`:                               want,
		`"1700000000123"`:                             want,
		`1700000000`:                                  whole,
		`"1700000000"`:                                whole,
		`1700000000.123`:                              want,
		`1.700000000123e12`:                           want,
		`"2023-11-14T22:13:20.123Z"`:                  want,
		`"2023-11-14T22:13:20Z"`:                      whole,
		`"2023-11-14T22:13:20.123999Z"`:               want,
		`"2023-11-14T23:13:20.123+01:00"`:             want,
		`"2023-11-14T22:13:20.123+0000"`:              want,
		`"\u0032023-11-14T22:13:20.123Z"`:             want,
		`{"epochSecond":1700000000,"nano":123456789}`: want,
		`{"nano":0,"epochSecond":1700000000}`:         whole,

		`"2023-11-14T22:13:20.123"`: {}, // no zone
		`"2023-11-14"`:              {},
		`"yesterday"`:               {},
		`""`:                        {},
		`null`:                      {},
		`true`:                      {},
		`[]`:                        {},
		`{}`:                        {},
		`0`:                         {},
		`-5`:                        {},
		`1e300`:                     {},
		`99999999999999999999`:      {},
		`999999999999999999`:        {},
		`{"epochSecond":1700000000,"nano":9999999999}`: {},
	} {
		if got := ParseTime([]byte(value)); !got.Equal(want) {
			t.Errorf("ParseTime(%s) = %v, want %v", value, got, want)
		}
	}
}
