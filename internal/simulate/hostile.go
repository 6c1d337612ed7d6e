package simulate

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hostile sends an answer against which a client needs limits. It returns false if no such fault
// strikes.
func hostile(w http.ResponseWriter, c *call) bool {
	begin := `{"` + listName(c.Request) + `":[`
	size := func(kind FaultKind) int64 {
		n, _ := c.faults.number(kind)
		return int64(n)
	}
	switch {
	case c.faults.has(FaultTinyElements):
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		endless(z, begin, "0,", size(FaultTinyElements))
		z.Close()
	case c.faults.has(FaultDeepNesting):
		endless(w, begin, `[`, size(FaultDeepNesting))
	case c.faults.has(FaultEndlessString):
		endless(w, begin+`{"summary":"`, "and so on, ", size(FaultEndlessString))
	case c.faults.has(FaultEndlessError):
		w.WriteHeader(http.StatusInternalServerError)
		endless(w, "", "java.lang.NullPointerException\n", size(FaultEndlessError))
	case c.faults.has(FaultHugeHeader):
		w.Header().Set("X-Confluence-Request-Time", strings.Repeat("1", int(size(FaultHugeHeader))))
		w.WriteHeader(http.StatusOK)
	default:
		return false
	}
	return true
}

// endless writes begin, and then piece again and again until size bytes are written.
func endless(w io.Writer, begin, piece string, size int64) {
	if _, err := io.WriteString(w, begin); err != nil {
		return
	}
	chunk := bytes.Repeat([]byte(piece), 64<<10/len(piece))
	for ; size > 0; size -= int64(len(chunk)) {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// endlessText makes the records of an endless list as long as real ones.
var endlessText = strings.Repeat("0", 500)

// endlessRecords returns a page of a list without end. All its records have one time, or none.
func endlessRecords(c *call, at string) *reply {
	query := c.URL.Query()
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(query.Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	start, limit := number("start", number("offset", 0)), min(number("limit", cloudPageSize), 10*cloudPageSize)
	list := listName(c.Request)
	if cursor := query.Get("pageCursor"); cursor != "" {
		start, _ = strconv.Atoi(cursor)
	}
	if list == "records" {
		limit = min(limit, jiraPageMost)
	}
	body := []byte(`{"` + list + `":[`)
	for i := range limit {
		if i > 0 {
			body = append(body, ',')
		}
		at := at
		if list == "records" {
			at = fmt.Sprintf(`"id":%d,`, 1<<40-start-i) + at
		}
		body = append(append(append(body, '{'), at...), `"summary":"record `...)
		body = append(strconv.AppendInt(body, int64(start+i), 10), ` of an endless log","text":"`...)
		body = append(append(body, endlessText...), `"}`...)
	}
	switch list {
	case "entities":
		body = fmt.Appendf(body, `],"pagingInfo":{"lastPage":false,"nextPageCursor":"%d"}}`, start+limit)
	case "records":
		body = fmt.Appendf(body, `],"offset":%d,"limit":%d,"total":%d}`, start, limit, 1<<40)
	default:
		body = append(body, `]}`...)
	}
	return answer(http.StatusOK, "application/json", body)
}

// endlessAt returns the member of endless records that holds their time, a minute before Start.
func (s *Simulator) endlessAt() string {
	at := s.options.Start.Add(-time.Minute).UnixMilli()
	if s.options.listsRecords() {
		return fmt.Sprintf(`"created":"%s",`, s.dialect.time(nil, at))
	}
	if s.options.Deployment == DataCenter {
		return fmt.Sprintf(`"timestamp":"%s",`, isoTime(nil, at))
	}
	return fmt.Sprintf(`"creationDate":%d,`, at)
}
