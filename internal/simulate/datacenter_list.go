package simulate

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The limit when the client does not give one, and the largest allowed.
const (
	dcPageSize = 200
	dcPageMost = 100000
)

// listEvents answers GET /rest/auditing/1.0/events, and records the search in the log.
func (s *Simulator) listEvents(c *call) *reply {
	q, err := parseEvents(c.URL.Query())
	if err != nil {
		return s.badQuery(c, err)
	}
	q.limit = s.cap(c, q.limit)
	q.from, q.to = c.ends(q.from, q.to)
	page, more := s.readEvents(c, q)
	c.listed = len(page)
	d := s.dialect
	if c.faults.has(FaultLanguage) {
		d = s.foreign
	}
	body := append(make([]byte, 0, 512+len(page)*1000), `{"entities":[`...)
	for i, e := range page {
		if i > 0 {
			body = append(body, ',')
		}
		body = s.renderFor(c, body, d, e)
	}
	if more = (more || c.faults.has(FaultNextEndless)) && !c.faults.has(FaultNextNone); more {
		cursor := q.cursor // an endless log returns the same cursor again
		if len(page) > 0 {
			last := page[len(page)-1]
			cursor = fmt.Sprintf("%d,%d", last.time, last.id)
		}
		if c.faults.has(FaultCursorCircle) {
			cursor = fmt.Sprintf("%d,%d", s.traffic.start, map[bool]int{true: 2, false: 1}[strings.HasSuffix(q.cursor, ",1")])
		}
		body = fmt.Appendf(body, `],"pagingInfo":{"lastPage":false,"nextPageOffset":0,"nextPageCursor":%s,"nextPageLink":%s,"size":%d}}`,
			quote(cursor), quote(s.nextEvents(c, q, cursor)), len(page))
	} else {
		body = fmt.Appendf(body, `],"pagingInfo":{"lastPage":true,"size":%d}}`, len(page))
	}
	if !c.faults.has(FaultNoSearchEvents) {
		s.recordSearch(c, page)
	}
	return answer(http.StatusOK, "application/json", body)
}

// badQuery refuses a parameter, as each product does.
func (s *Simulator) badQuery(c *call, err error) *reply {
	if s.isJira() {
		name, _, _ := strings.Cut(err.Error(), " ")
		return jsonReply(http.StatusBadRequest, fmt.Sprintf(`[{"errors":[{"key":%s,"message":%s}],"message":%[2]s,"status":400,"timestamp":"%[3]s"}]`,
			quote(name), quote(err.Error()), isoTime(nil, c.now.UnixMilli())))
	}
	return jsonReply(http.StatusBadRequest, fmt.Sprintf(`{"message":%s,"status-code":400}`, quote(err.Error())))
}

func (s *Simulator) nextEvents(c *call, q eventsQuery, cursor string) string {
	base := s.base(c.Request)
	if host, other := c.faults.value(FaultNextOtherHost); other {
		base = host
	}
	var link strings.Builder
	fmt.Fprintf(&link, "%s%s/rest/auditing/1.0/events?offset=0&limit=%d&pageCursor=%s", base, s.context, q.limit, url.QueryEscape(cursor))
	if given := c.URL.Query(); c.faults.has(FaultNextWindow) {
		for _, name := range []string{"from", "to"} {
			if given.Has(name) {
				link.WriteString("&" + name + "=" + url.QueryEscape(given.Get(name)))
			}
		}
	}
	return link.String()
}

// eventsQuery is a query of the audit API; times in epoch ms, both inclusive.
type eventsQuery struct {
	from, to      int64
	offset, limit int
	cursor        string
	below         entry // only older entries than this one
}

func parseEvents(v url.Values) (eventsQuery, error) {
	q := eventsQuery{from: math.MinInt64, to: math.MaxInt64, limit: dcPageSize, cursor: v.Get("pageCursor"), below: entry{time: math.MaxInt64, id: math.MaxUint32}}
	for _, p := range []struct {
		name  string
		value *int64
	}{{"from", &q.from}, {"to", &q.to}} {
		if text := v.Get(p.name); text != "" {
			t, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || !strings.HasSuffix(text, "Z") { // Java's Instant.parse takes no offset
				return q, fmt.Errorf("%s must be an ISO 8601 date time", p.name)
			}
			*p.value = t.UnixMilli()
		}
	}
	for _, p := range []struct {
		name        string
		value       *int
		least, most int
	}{{"limit", &q.limit, 1, dcPageMost}, {"offset", &q.offset, 0, math.MaxInt32}} {
		if text := v.Get(p.name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < p.least || n > p.most {
				return q, fmt.Errorf("%s must be between %d and %d", p.name, p.least, p.most)
			}
			*p.value = n
		}
	}
	if q.cursor != "" {
		ms, id, _ := strings.Cut(q.cursor, ",")
		t, errTime := strconv.ParseInt(ms, 10, 64)
		n, errID := strconv.ParseUint(id, 10, 32)
		if errTime != nil || errID != nil {
			return q, fmt.Errorf("pageCursor must be timestamp,id")
		}
		q.below = entry{time: t, id: uint32(n)}
	}
	return q, nil
}

// readEvents returns one page, newest first, and whether older records follow.
func (s *Simulator) readEvents(c *call, q eventsQuery) (page []entry, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	s.disturb(c, q.from, q.to)
	if c.silent(q.from, q.to) {
		return nil, false
	}
	low, high := s.ledger.window(max(q.from, c.now.Add(-s.options.Retention).UnixMilli()), q.to)
	if n, few := c.faults.number(FaultNewestOnly); few {
		low = max(low, high-n)
	}
	if !c.faults.has(FaultRepeatPage) {
		high = max(low, min(high, s.ledger.before(q.below)))
	}
	page = s.ledger.page(low, high, q.offset, q.limit)
	return page, high-low > q.offset+len(page)
}
