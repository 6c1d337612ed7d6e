package site

import (
	"math"
	"strings"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

const day = 24 * time.Hour

// retentionUnits are the units of the retention in Atlassian's answer. Months and years have their
// shortest length, so that a record that may be deleted does not count as kept. Twelve months are a
// year.
var retentionUnits = map[string]time.Duration{
	"SECONDS":   time.Second,
	"MINUTES":   time.Minute,
	"HOURS":     time.Hour,
	"HALF_DAYS": 12 * time.Hour,
	"DAYS":      day,
	"WEEKS":     7 * day,
	"MONTHS":    28 * day,
	"YEARS":     365 * day,
}

// parseRetention reads {"number":1,"units":"YEARS"}. With an unknown unit, decades or longer, it
// returns 0.
func parseRetention(body []byte) (time.Duration, error) {
	var number int64
	var units string
	err := atlassian.EachMember(body, func(name string, value jsontext.Value) {
		switch name {
		case "number":
			number, _ = atlassian.ParseDigits(string(value))
		case "units":
			units = strings.ToUpper(atlassian.Unquote(value))
		}
	})
	if units == "MONTHS" && number >= 12 {
		years := min(number, math.MaxInt64/int64(365*day)) / 12
		return time.Duration(years)*365*day + time.Duration(number%12)*28*day, err
	}
	unit := retentionUnits[units]
	if err != nil || unit == 0 {
		return 0, err
	}
	return unit * time.Duration(min(number, math.MaxInt64/int64(unit))), nil
}
