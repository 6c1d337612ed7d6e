// Package sitetest has what the tests of packages site and paging share: audit logs that misbehave on
// request, and clients that read them.
package sitetest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// AuditLog is a Cloud audit log whose misbehaviour is set by its fields.
type AuditLog struct {
	mu      sync.Mutex
	Records []string            // newest first, each with its creationDate
	Cap     func(asked int) int // most records on a page
	// called before every request but probes, from 0; may change records
	Before      func(request int)
	Extra       string // further members of the page
	IgnoreDates bool   // it ignores dates
	Newest      int    // a query lists at most so many of its newest records
	Open        bool   // the ends of a window are exclusive
	Seconds     bool   // the ends of a window are cut to seconds

	IgnoreStart bool // all pages are the first

	Requests int      // received, without probes
	Queries  []string // of these requests
}

func (l *AuditLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/rest/api/audit") {
		http.NotFound(w, r)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	query := r.URL.Query()
	number := func(key string, def int) int {
		if n, err := strconv.Atoi(query.Get(key)); err == nil {
			return n
		}
		return def
	}
	limit := number("limit", 1000)
	if query.Get("start") != "" {
		if l.Before != nil {
			l.Before(l.Requests)
		}
		l.Requests++
		l.Queries = append(l.Queries, r.URL.RawQuery)
	}
	if l.Cap != nil {
		limit = min(limit, l.Cap(limit))
	}
	from, to := number("startDate", 0), number("endDate", 1<<62)
	if l.Open {
		from, to = from+1, to-1
	}
	if l.Seconds {
		from, to = from-from%1000, to-to%1000
	}
	var found []string
	for _, record := range l.Records {
		ms := int(AuditRecordTime(record))
		if l.IgnoreDates || (ms >= from && ms <= to) {
			found = append(found, record)
		}
	}
	if l.Newest > 0 {
		found = found[:min(l.Newest, len(found))]
	}
	start := min(number("start", 0), len(found))
	if l.IgnoreStart {
		start = 0
	}
	found = found[start:min(start+limit, len(found))]
	fmt.Fprintf(w, `{"results":[%s],"start":%d,"limit":%d,"size":%d%s}`, strings.Join(found, ","), start, limit, len(found), l.Extra)
}

// AuditRecord is a record that happened ms before epoch.
func AuditRecord(ms int, text string) string {
	return fmt.Sprintf(`{"creationDate":%d,"summary":%q}`, Epoch.UnixMilli()-int64(ms), text)
}

// AuditRecordTime returns the time of a record, in Unix milliseconds.
func AuditRecordTime(record string) int64 {
	_, rest, _ := strings.Cut(record, `"creationDate":`)
	digits, _, _ := strings.Cut(rest, ",")
	ms, _ := strconv.ParseInt(digits, 10, 64)
	return ms
}

// AuditRecords are n records, one each ms back from epoch.
func AuditRecords(n int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = AuditRecord(i, fmt.Sprint("record ", i))
	}
	return records
}
