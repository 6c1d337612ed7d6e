package simulate

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// jiraPageMost is the limit without one, and the largest that is granted.
const jiraPageMost = 1000

// listRecords answers GET /rest/api/{2,3}/auditing/record, newest first. Its total is the size of
// the whole log, whatever the query.
func (s *Simulator) listRecords(c *call) *reply {
	q, err := parseRecords(c.URL.Query())
	if err != nil {
		return errorCollection(http.StatusBadRequest, err.Error())
	}
	q.limit = s.cap(c, q.limit)
	if c.faults.has(FaultRepeatPage) {
		q.offset = 0
	}
	w := s.read(c, q.from, q.to, matching(q.filter), q.offset, q.limit)
	if q.empty() || q.zoneless && s.wantsZone(c) {
		w.page, w.total = nil, 0
	}
	if c.listed = len(w.page); c.faults.has(FaultSizeTotal) {
		w.whole = w.total
	}
	body := fmt.Appendf(make([]byte, 0, 512+len(w.page)*700), `{"offset":%d,"limit":%d,"total":%d,"records":[`, q.offset, q.limit, w.whole)
	for i, e := range w.page {
		if i > 0 {
			body = append(body, ',')
		}
		body = s.renderFor(c, body, s.dialect, e)
	}
	return answer(http.StatusOK, "application/json", append(body, `]}`...))
}

// wantsZone returns whether dates without a zone give no records: at Cloud's gateway, as users have
// reported, and elsewhere with a fault.
func (s *Simulator) wantsZone(c *call) bool {
	return s.options.Deployment == Cloud && isGateway(c.URL.Path) || c.faults.has(FaultZoneless)
}

// recordsQuery is a query of Jira's /auditing/record; times in epoch ms, both inclusive.
type recordsQuery struct {
	from, to      int64
	zoneless      bool
	offset, limit int
	filter        string
}

// empty returns whether to is not after from, which is no error.
func (q recordsQuery) empty() bool { return q.to <= q.from }

// parseRecords reads the parameters, and ignores those with other names. Atlassian does not say
// what happens to a date or number that cannot be read: here it is refused with 400.
func parseRecords(v url.Values) (recordsQuery, error) {
	q := recordsQuery{from: math.MinInt64, to: math.MaxInt64, limit: jiraPageMost, filter: v.Get("filter")}
	for name, value := range map[string]*int64{"from": &q.from, "to": &q.to} {
		if text := v.Get(name); text != "" {
			at, zoned, err := readJiraTime(text)
			if err != nil {
				return q, fmt.Errorf("invalid value for parameter %s: %s", name, text)
			}
			*value = at.UnixMilli()
			q.zoneless = q.zoneless || !zoned
		}
	}
	for name, value := range map[string]*int{"offset": &q.offset, "limit": &q.limit} {
		if text := v.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				return q, fmt.Errorf("invalid value for parameter %s: %s", name, text)
			}
			*value = int(min(n, math.MaxInt32))
		}
	}
	q.limit = min(q.limit, jiraPageMost)
	return q, nil
}

// jiraTime appends a time as Jira Cloud writes it.
func jiraTime(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000-0700")
}

var errNoDate = errors.New("no date")

// readJiraTime reads a time with or without a zone; without one it is in UTC. A fraction of the
// second may follow the seconds.
func readJiraTime(text string) (at time.Time, zoned bool, err error) {
	for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true, nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, false, nil
		}
	}
	return time.Time{}, false, errNoDate
}

// matching returns a match for Jira's filter, nil without one: each word of it is in one of the
// texts of the record.
func matching(filter string) func([]byte) bool {
	words := strings.Fields(strings.ToLower(filter))
	if len(words) == 0 {
		return nil
	}
	return func(record []byte) bool {
		var r struct {
			Summary, Category, EventSource, RemoteAddress string
			ObjectItem                                    jiraItem
			ChangedValues                                 []struct{ ChangedFrom, ChangedTo string }
		}
		if json.Unmarshal(record, &r) != nil {
			return false
		}
		texts := []string{r.Summary, r.Category, r.EventSource, r.RemoteAddress, r.ObjectItem.Name, r.ObjectItem.ParentName, r.ObjectItem.TypeName}
		for _, v := range r.ChangedValues {
			texts = append(texts, v.ChangedFrom, v.ChangedTo)
		}
		return !slices.ContainsFunc(words, func(word string) bool {
			return !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), word) })
		})
	}
}
