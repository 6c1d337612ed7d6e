package recipes

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
)

// unix returns a time of RFC 3339 as seconds with milliseconds, "" when it is none.
func unix(rfc3339 string) string {
	at, err := time.Parse(time.RFC3339Nano, rfc3339)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)
}

// seconds returns a number of seconds with milliseconds.
func seconds(n json.Number) string {
	f, err := n.Float64()
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(math.Round(f*1000)/1000, 'f', 3, 64)
}
