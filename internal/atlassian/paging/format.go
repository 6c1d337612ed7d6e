package paging

import (
	"net/url"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// Format is how an API writes a page, and how it is asked for one.
type Format struct {
	list string // quoted name of the member that holds the records
	time string // quoted name of the member of a record that holds its time

	from, to, offset string // parameters of a request
	iso              bool   // times of a request are in ISO 8601; else they are epoch milliseconds

	// slack is how much more than a window is asked for at either end, because it is not known
	// whether the ends belong to it.
	slack time.Duration
}

// The formats there are.
var (
	// Results is the format of Confluence Cloud, which includes both ends.
	Results = Format{list: `"results"`, time: `"creationDate"`, from: "startDate", to: "endDate", offset: "start"}
	// ServerResults is that of Confluence Server before 7.5.
	ServerResults = Results.with(time.Millisecond)

	// Records is the format of Jira Cloud, and of Jira Server before 8.8. Cloud includes both ends
	// but lists nothing if they are equal, and is not known to honour milliseconds.
	Records = Format{list: `"records"`, time: `"created"`, from: "from", to: "to", offset: "offset", iso: true, slack: time.Second}

	// Entities is the format of Data Center's auditing API.
	Entities = Format{list: `"entities"`, time: `"timestamp"`, from: "from", to: "to", offset: "offset", iso: true, slack: time.Millisecond}
)

func (f Format) with(slack time.Duration) Format {
	f.slack = slack
	return f
}

// isoMillis is the format of times in requests, in UTC. Without its zone, Jira Cloud has been seen
// to list nothing.
const isoMillis = "2006-01-02T15:04:05.000Z"

// at writes a time of a request.
func (f Format) at(t time.Time) string {
	if f.iso {
		return t.UTC().Format(isoMillis)
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// query asks for a window, and for the slack at either end. It does not ask for the future: each
// new record would move those of the pages that follow. A record that the site leaves out at the
// end for that is listed by the next poll, which looks back.
func (f Format) query(r timerange.Range, now time.Time) url.Values {
	query := url.Values{}
	if from := r.From.Add(-f.slack); !r.From.IsZero() && from.UnixMilli() > 0 {
		query.Set(f.from, f.at(from))
	}
	if !r.To.IsZero() {
		to := r.To.Add(f.slack)
		if to.After(now) {
			to = timerange.Later(r.To, now)
		}
		query.Set(f.to, f.at(to))
	}
	return query
}
