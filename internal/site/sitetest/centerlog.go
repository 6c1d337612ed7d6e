package sitetest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// CenterLog is the audit log of a Data Center.
type CenterLog struct {
	mu          sync.Mutex
	Records     []string                 // newest first
	Me          string                   // answer of /rest/api/user/current, 404 if empty
	Legacy      bool                     // only the API before 7.5 is there
	OnEvent     func(request int) string // replaces an answer if not empty
	Queries     []string
	IgnoreDates bool // it ignores dates
	Newest      int  // a query lists at most so many of its newest records
	Open        bool // the ends of a window are exclusive
}

func (l *CenterLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.Header().Set("Retry-After", "0") // Data Center also sends it on good answers
	switch {
	case strings.HasSuffix(r.URL.Path, "/rest/api/user/current") && l.Me != "":
		fmt.Fprint(w, l.Me)
	case strings.HasSuffix(r.URL.Path, "/rest/auditing/1.0/events") && !l.Legacy:
		l.events(w, r)
	case strings.HasSuffix(r.URL.Path, "/rest/api/audit") && l.Legacy:
		l.Queries = append(l.Queries, r.URL.RawQuery)
		(&AuditLog{Records: l.Records, Newest: l.Newest, Open: l.Open}).ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (l *CenterLog) events(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if query.Get("limit") != "1" {
		l.Queries = append(l.Queries, r.URL.RawQuery)
		if l.OnEvent != nil {
			if answer := l.OnEvent(len(l.Queries) - 1); answer != "" {
				fmt.Fprint(w, answer)
				return
			}
		}
	}
	limit, start := 200, 0
	fmt.Sscan(query.Get("limit"), &limit)
	if cursor := query.Get("pageCursor"); cursor != "" {
		_, place, _ := strings.Cut(cursor, ",")
		fmt.Sscan(place, &start)
	}
	offset := 0
	fmt.Sscan(query.Get("offset"), &offset)
	start += offset
	var found []string
	for _, record := range l.Records {
		at := centerTime(record)
		if from := query.Get("from"); !l.IgnoreDates && from != "" && at < from || !l.IgnoreDates && query.Get("to") != "" && at > query.Get("to") {
			continue
		}
		if l.Open && (at == query.Get("from") || at == query.Get("to")) {
			continue
		}
		found = append(found, record)
	}
	if l.Newest > 0 {
		found = found[:min(l.Newest, len(found))]
	}
	start = min(start, len(found))
	end := min(start+limit, len(found))
	paging := fmt.Sprintf(`{"lastPage":true,"size":%d}`, end-start)
	if end < len(found) {
		paging = fmt.Sprintf(`{"lastPage":false,"nextPageOffset":0,"nextPageCursor":"1,%d","nextPageLink":"http://wrong.example/rest/auditing/1.0/events?offset=0","size":%d}`, end, end-start)
	}
	fmt.Fprintf(w, `{"entities":[%s],"pagingInfo":%s}`, strings.Join(found[start:end], ","), paging)
}

func centerTime(record string) string {
	_, rest, _ := strings.Cut(record, `"timestamp":"`)
	at, _, _ := strings.Cut(rest, `"`)
	return at
}

// CenterRecord is a record that happened ms before epoch.
func CenterRecord(ms int, action, author string) string {
	return fmt.Sprintf(`{"timestamp":%q,"author":{"name":"Name","type":"user","id":%q,"uri":"https://wiki.example.com/admin/users/viewuser.action?username=%s"},"type":{"categoryI18nKey":"audit.logging.category.auditing","category":"Auditing","actionI18nKey":%q,"action":"Something"}}`,
		Epoch.Add(-time.Duration(ms)*time.Millisecond).Format("2006-01-02T15:04:05.000Z"), author, "name-of-"+author, action)
}

// Known is the answer of a Data Center that knows the user me.
const Known = `{"type":"known","username":"name-of-me","userKey":"me","displayName":"Me"}`
