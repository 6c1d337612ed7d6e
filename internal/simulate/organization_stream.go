package simulate

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"sort"
	"strconv"
)

// A page of the stream has so many events without a limit, and at most.
const (
	streamPage     = 200
	streamPageMost = 500
)

// streamQuery is a query of events-stream. A cursor holds all of it but the limit.
type streamQuery struct {
	// Begin is the place to begin at: how many events lie before it in the order of processing.
	Begin      int   `json:"b"`
	From       int64 `json:"f"` // epoch ms, inclusive
	To         int64 `json:"t"`
	Descending bool  `json:"d,omitempty"`
	limit      int
	resumes    bool // it has come with a cursor
}

func (q streamQuery) cursor() string {
	return base64.RawURLEncoding.EncodeToString(mustJSON(q))
}

// listStream answers GET events-stream: events in the order of their processing.
func (s *Simulator) listStream(c *call) *reply {
	s.mu.Lock()
	s.advance()
	s.disturb(c, math.MinInt64, math.MaxInt64)
	appeared := s.ledger.appeared
	s.mu.Unlock()
	q, err := parseStream(c.URL.Query(), len(appeared))
	switch {
	case q.resumes && (err != nil || c.faults.has(FaultCursorExpired)):
		return cursorRefused(c)
	case err != nil:
		return organizationError(http.StatusBadRequest, "INVALID_REQUEST", err.Error())
	case !q.resumes && q.From != math.MinInt64 && q.From < c.now.Add(-s.options.Retention).UnixMilli(): // assumed
		return organizationError(http.StatusBadRequest, "INVALID_SEARCH_TIME", "from is before the oldest event that is kept")
	}
	if most, refuses := c.faults.number(FaultLimitRefused); refuses && q.limit > most {
		return organizationError(http.StatusBadRequest, "INVALID_QUERY_COUNT", fmt.Sprintf("limit is more than %d", most))
	}
	if c.faults.has(FaultRepeatPage) {
		q = streamQuery{From: math.MinInt64, To: math.MaxInt64, limit: streamPage}
	}
	q.limit = s.cap(c, q.limit)
	page, next := s.streamPage(c, q, appeared)
	if n, repeats := c.faults.number(FaultRepeat); repeats && q.resumes && !q.Descending && len(page) > 0 {
		page = append(appeared[max(0, q.Begin-n):q.Begin:q.Begin], page...)
	}
	c.listed = len(page)
	body := []byte(`{"data":[`)
	for i, e := range page {
		if i > 0 {
			body = append(body, ',')
		}
		begin := len(body)
		body = s.renderFor(c, body, s.dialect, e)
		if c.faults.has(FaultNoProcessed) {
			body = append(body[:begin], withoutProcessed(body[begin:])...)
		}
	}
	return answer(http.StatusOK, "application/json", append(body, s.streamEnd(c, q, len(page) == 0, next)...))
}

// cursorRefused answers to a cursor that is not known, with the status of the fault.
func cursorRefused(c *call) *reply {
	status := http.StatusBadRequest // assumed
	if n, expired := c.faults.number(FaultCursorExpired); expired {
		status = n
	}
	if status == http.StatusBadRequest {
		return organizationError(status, "INVALID_PAGE_CURSOR", "The page cursor is invalid or has expired")
	}
	return organizationError(status, "ERROR", http.StatusText(status))
}

// streamPage returns a page of the query, and where the next one begins.
func (s *Simulator) streamPage(c *call, q streamQuery, appeared []entry) (page []entry, next streamQuery) {
	if c.silent(q.From, q.To) && !q.resumes || c.faults.has(FaultCursorDead) && q.resumes {
		return nil, q
	}
	kept := c.now.Add(-s.options.Retention).UnixMilli()
	wanted := func(e entry) bool {
		at := e.visible // assumed: from and to are about this one
		if c.faults.has(FaultFilterTime) {
			at = e.time
		}
		return e.visible >= kept && at >= q.From && at <= q.To
	}
	next = q
	if q.Descending {
		for next.Begin > 0 && len(page) < q.limit {
			next.Begin--
			if e := appeared[next.Begin]; wanted(e) {
				page = append(page, e)
			}
		}
		return page, next
	}
	if !c.faults.has(FaultFilterTime) {
		next.Begin = max(next.Begin, sort.Search(len(appeared), func(i int) bool { return appeared[i].visible >= q.From }))
	}
	for next.Begin < len(appeared) && len(page) < q.limit {
		if e := appeared[next.Begin]; wanted(e) {
			page = append(page, e)
		}
		next.Begin++
	}
	if c.faults.has(FaultCursorStuck) || c.faults.has(FaultEndSame) && q.resumes && len(page) < q.limit {
		next.Begin = q.Begin
	}
	return page, next
}

// streamEnd returns what follows the events in an answer. At the end of the stream there is still a
// cursor, with which to ask for later events, or with a fault none: sources disagree.
func (s *Simulator) streamEnd(c *call, q streamQuery, empty bool, next streamQuery) string {
	if empty && c.faults.has(FaultEndNull) {
		return `],"links":{},"meta":{"attributes":null,"next":null,"prev":null,"current":null,"start_index":null,"end_index":null,"page_size":200,"total":0}}`
	}
	cursor := next.cursor()
	switch {
	case c.faults.has(FaultNextNone):
		return fmt.Sprintf(`],"links":{},"meta":{"page_size":%d}}`, q.limit)
	case c.faults.has(FaultNextAbsolute):
		return fmt.Sprintf(`],"links":{"next":%s},"meta":{"page_size":%d}}`, quote(s.base(c.Request)+c.URL.Path+"?cursor="+cursor), q.limit)
	}
	return fmt.Sprintf(`],"links":{"next":%s},"meta":{"next":%s,"page_size":%d}}`, quote(s.base(c.Request)+c.URL.Path+"?cursor="+cursor), quote(cursor), q.limit)
}

func parseStream(v url.Values, end int) (q streamQuery, err error) {
	q = streamQuery{From: math.MinInt64, To: math.MaxInt64, limit: streamPage}
	if text := v.Get("limit"); text != "" {
		if q.limit, err = strconv.Atoi(text); err != nil || q.limit < 1 || q.limit > streamPageMost {
			return q, errors.New("invalid query count")
		}
	}
	if text := v.Get("cursor"); text != "" {
		q.resumes = true
		plain, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(plain, &q)
		}
		if err == nil && (q.Begin < 0 || q.Begin > end) {
			err = errors.New("invalid page cursor")
		}
		return q, err
	}
	for name, value := range map[string]*int64{"from": &q.From, "to": &q.To} {
		if text := v.Get(name); text != "" {
			if *value, err = strconv.ParseInt(text, 10, 64); err != nil {
				return q, errors.New("invalid search date: want milliseconds since 1970")
			}
		}
	}
	switch v.Get("sortOrder") {
	case "", "asc":
	case "desc":
		q.Descending, q.Begin = true, end
	default:
		return q, errors.New("invalid request syntax")
	}
	return q, nil
}
