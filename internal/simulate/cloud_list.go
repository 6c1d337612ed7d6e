package simulate

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// cloudPageSize is the limit when the client does not give one.
const cloudPageSize = 1000

// listCloud answers GET /rest/api/audit in the v1 envelope, newest first.
func (s *Simulator) listCloud(c *call, base, context string, query url.Values) *reply {
	var from, to, start, asked int64 = math.MinInt64, math.MaxInt64, 0, cloudPageSize
	for _, p := range []struct {
		name    string
		value   *int64
		atLeast int64
	}{{"startDate", &from, math.MinInt64}, {"endDate", &to, math.MinInt64}, {"start", &start, 0}, {"limit", &asked, 0}} {
		if text := query.Get(p.name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < p.atLeast {
				return problem(http.StatusBadRequest, "Invalid value for parameter "+p.name+": "+text)
			}
			*p.value = n
		}
	}
	from, to = c.ends(from, to)
	start, asked = min(start, math.MaxInt32), min(asked, math.MaxInt32)
	if c.faults.has(FaultRepeatPage) {
		start = 0
	}
	w := s.read(c, from, to, containing(query.Get("searchString")), int(start), s.cap(c, int(asked)))
	body := append(make([]byte, 0, 512+len(w.page)*800), `{"results":[`...)
	for i, e := range w.page {
		if i > 0 {
			body = append(body, ',')
		}
		body = s.renderFor(c, body, s.dialect, e)
	}
	size := len(w.page)
	c.listed = size
	if c.faults.has(FaultSizeTotal) {
		size = w.total
	}
	limit := s.cap(c, int(asked))
	body = fmt.Appendf(body, `],"start":%d,"limit":%d,"size":%d,"_links":{"base":%s,"context":%s,`, start, limit, size, quote(base+context), quote(context))
	if next := s.nextCloud(c, w, base, context, int(start), limit, int(asked)); next != "" {
		body = fmt.Appendf(body, `"next":%s,`, quote(next))
	}
	body = fmt.Appendf(body, `"self":%s}}`, quote(base+context+"/rest/api/audit"+selfQuery(query)))
	return answer(http.StatusOK, "application/json", body)
}

// ends returns the ends of a query, in epoch ms and both inclusive, as the faults change them.
func (c *call) ends(from, to int64) (int64, int64) {
	if from != math.MinInt64 {
		if c.faults.has(FaultSeconds) {
			from -= from % 1000
		}
		if c.faults.has(FaultOpenEnds) {
			from++
		}
	}
	if to != math.MaxInt64 {
		if c.faults.has(FaultSeconds) {
			to -= to % 1000
		}
		if c.faults.has(FaultOpenEnds) {
			to--
		}
	}
	return from, to
}

// nextCloud returns the link to the next page, as the faults change it.
func (s *Simulator) nextCloud(c *call, w view, base, context string, start, limit, asked int) string {
	if c.faults.has(FaultNextNone) || start+len(w.page) >= w.total && !c.faults.has(FaultNextEndless) {
		return ""
	}
	query := url.Values{"limit": {strconv.Itoa(limit)}, "start": {strconv.Itoa(start + max(len(w.page), 1))}}
	if c.faults.has(FaultNextSkips) {
		query.Set("start", strconv.Itoa(start+asked))
		query.Set("limit", strconv.Itoa(asked))
	}
	if !c.faults.has(FaultNextBare) {
		for _, name := range []string{"startDate", "endDate", "searchString"} {
			if value := c.URL.Query().Get(name); value != "" {
				query.Set(name, value)
			}
		}
	}
	link := "/rest/api/audit?" + query.Encode()
	if host, other := c.faults.value(FaultNextOtherHost); other {
		return host + context + link
	}
	switch {
	case c.faults.has(FaultNextAbsolute):
		return base + context + link
	case c.faults.has(FaultNextContext):
		return context + link
	}
	return link
}

func selfQuery(query url.Values) string {
	query.Del("start")
	query.Del("limit")
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

// listSince answers with a window that ends now.
func (s *Simulator) listSince(c *call, base, context string) *reply {
	query := c.URL.Query()
	number, err := strconv.Atoi(query.Get("number"))
	if err != nil {
		number = 3
	}
	units := map[string]time.Duration{"": 730 * time.Hour, "MONTHS": 730 * time.Hour, "WEEKS": 168 * time.Hour, "DAYS": 24 * time.Hour,
		"HOURS": time.Hour, "MINUTES": time.Minute, "SECONDS": time.Second, "MILLIS": time.Millisecond}
	unit, known := units[query.Get("units")]
	if !known {
		return problem(http.StatusBadRequest, "Invalid value for parameter units: "+query.Get("units"))
	}
	query.Del("number")
	query.Del("units")
	query.Set("startDate", strconv.FormatInt(c.now.Add(-time.Duration(number)*unit).UnixMilli(), 10))
	return s.listCloud(c, base, context, query)
}

// postCloud writes a record with any time that the caller gives. It fills author and flags as
// Confluence does.
func (s *Simulator) postCloud(c *call) *reply {
	var record map[string]json.RawMessage
	body, err := io.ReadAll(io.LimitReader(c.Body, 1<<20))
	if err != nil || json.Unmarshal(body, &record) != nil {
		return problem(http.StatusBadRequest, "Unable to parse the body")
	}
	if _, given := record["remoteAddress"]; !given {
		return problem(http.StatusBadRequest, "remoteAddress is required")
	}
	for name, value := range map[string]string{
		"author":         `{"type":"user","displayName":"","operations":null,"accountType":"","publicName":""}`,
		"creationDate":   strconv.FormatInt(c.now.UnixMilli(), 10),
		"summary":        `""`,
		"description":    `""`,
		"category":       `""`,
		"sysAdmin":       `false`,
		"affectedObject": `{"name":"","objectType":""}`,
		"changedValues":  `[]`, "associatedObjects": `[]`,
	} {
		if _, given := record[name]; !given {
			record[name] = json.RawMessage(value)
		}
	}
	stored := mustJSON(record)
	s.Add(Record{JSON: stored})
	return answer(http.StatusOK, "application/json", stored)
}
