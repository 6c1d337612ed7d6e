package atlassian

import (
	"strings"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	t.Parallel()
	want := time.Date(2023, 11, 14, 22, 13, 20, 123e6, time.UTC)
	whole := want.Truncate(time.Second)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	longest := "1700000000." + strings.Repeat("0", maxTimeText-len("1700000000."))
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

		`1`:                   time.Unix(1, 0),
		`0.5`:                 time.UnixMilli(500),
		`99999999999`:         time.Unix(99999999999, 0),
		`100000000000`:        time.UnixMilli(100000000000),
		`99999999999.5`:       time.UnixMilli(99999999999500),
		`100000000000.0`:      time.UnixMilli(100000000000),
		`253402300799999`:     last,
		`2.53402300799999e14`: last,
		`{"epochSecond":253402300799,"nano":999999999}`: last,
		`{"epochSecond":1}`:                             time.Unix(1, 0),
		longest:                                         whole,

		`253402300800000`:                              {}, // in the year 10000
		`2.534023008e14`:                               {},
		`{"epochSecond":253402300800}`:                 {},
		`{"epochSecond":1700000000,"nano":1000000000}`: {},
		`{"epochSecond":0}`:                            {},
		`{"epochSecond":-1}`:                           {},
		`0.0`:                                          {},
		`-0.5`:                                         {},
		longest + "0":                                  {},

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
