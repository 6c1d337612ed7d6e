package simulate

import (
	"fmt"
	"strings"
	"time"
)

var malformedKinds = []string{"no-date", "null-date", "string-date", "seconds-date", "iso-date", "epoch-object", "not-object", "null", "huge-field", "deep", "no-id", "text-id"}

// malformed returns a malformed record of the simulator's API, or nil.
func (s *Simulator) malformed(kind string, at time.Time) []byte {
	switch {
	case s.isOrganization():
		return s.malformedEvent(kind, at)
	case s.options.listsRecords():
		return malformedJira(kind, at, s.jiraID(s.ledger.lastID+1))
	case s.options.Legacy:
		return Malformed(Cloud, kind, at) // the old API has Cloud's shape
	}
	return Malformed(s.options.Deployment, kind, at)
}

// Malformed returns a malformed record of Confluence, or nil when there is none of the kind. The
// first six have a wrong time (creationDate on Cloud, timestamp on Data Center, where iso-date is
// the right form): no-date, null-date, string-date (ms as a string), seconds-date, iso-date,
// epoch-object (as in Data Center's log files). The others: not-object, null, huge-field (1 MB),
// deep (5,000 levels). Only records of Jira have an id: no-id, text-id.
func Malformed(deployment, kind string, at time.Time) []byte {
	name, right, category := "creationDate", fmt.Sprint(at.UnixMilli()), `"summary":"malformed: `+kind+`","category":"Spaces"`
	if deployment == DataCenter {
		name, right = "timestamp", fmt.Sprintf("%q", isoTime(nil, at.UnixMilli()))
		category = `"type":{"category":"Spaces","action":"malformed: ` + kind + `"}`
	}
	return malformedRecord(kind, at, name, right, category)
}

// malformedJira returns a malformed record of Jira's /auditing/record, or nil. An iso-date is right
// there.
func malformedJira(kind string, at time.Time, id int64) []byte {
	number, right := fmt.Sprintf(`"id":%d,`, id), fmt.Sprintf("%q", jiraTime(nil, at.UnixMilli()))
	text := `"summary":"malformed: ` + kind + `","category":"projects"`
	switch kind {
	case "no-id":
		return []byte(`{"created":` + right + `,` + text + `}`)
	case "text-id":
		return []byte(`{"id":"none","created":` + right + `,` + text + `}`)
	}
	return malformedRecord(kind, at, "created", right, number+text)
}

func malformedRecord(kind string, at time.Time, name, right, category string) []byte {
	ms := at.UnixMilli()
	iso := fmt.Sprintf("%q", isoTime(nil, ms))
	date, changed := right, "[]"
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
