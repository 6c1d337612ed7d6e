package simulate

import (
	"fmt"
	"strings"
	"time"
)

var malformedKinds = []string{"no-date", "null-date", "string-date", "seconds-date", "iso-date", "epoch-object", "not-object", "null", "huge-field", "deep"}

// Malformed returns a malformed record, or nil when the kind is unknown. The first six have a wrong
// time (creationDate on Cloud, timestamp on Data Center, where iso-date is the right form):
// no-date, null-date, string-date (ms as a string), seconds-date, iso-date, epoch-object (as in
// Data Center's log files). The others: not-object, null, huge-field (1 MB), deep (5,000 levels).
func Malformed(deployment, kind string, at time.Time) []byte {
	ms := at.UnixMilli()
	iso := fmt.Sprintf("%q", isoTime(nil, ms))
	right := fmt.Sprint(ms)
	name, category, changed := "creationDate", `"summary":"malformed: `+kind+`","category":"Spaces"`, "[]"
	if deployment == DataCenter {
		right, name = iso, "timestamp"
		category = `"type":{"category":"Spaces","action":"malformed: ` + kind + `"}`
	}
	date := right
	switch kind {
	case "no-date":
		date = ""
	case "null-date":
		date = "null"
	case "string-date":
		date = fmt.Sprintf(`"%d"`, ms)
	case "seconds-date":
		date = fmt.Sprint(at.Unix())
	case "iso-date":
		date = iso
	case "epoch-object":
		date = fmt.Sprintf(`{"epochSecond":%d,"nano":%d}`, at.Unix(), at.Nanosecond())
	case "not-object":
		return []byte(`"malformed: not an object"`)
	case "null":
		return []byte(`null`)
	case "huge-field":
		changed = `[{"name":"Description","oldValue":"","newValue":"` + strings.Repeat("x", 1<<20) + `"}]`
	case "deep":
		changed = strings.Repeat(`[`, 5000) + strings.Repeat(`]`, 5000)
	default:
		return nil
	}
	if date != "" {
		date = `"` + name + `":` + date + `,`
	}
	return []byte(`{` + date + category + `,"changedValues":` + changed + `}`)
}
