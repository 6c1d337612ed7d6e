package simulate

import (
	"bytes"
	"fmt"
	"strconv"
)

// recordSearch writes the record that a Data Center writes about every search in its audit log.
func (s *Simulator) recordSearch(c *call, page []entry) {
	ids, times := "", ""
	if len(page) > 0 {
		newest, oldest := page[0], page[len(page)-1]
		ids = fmt.Sprintf("%d - %d", oldest.id, newest.id)
		times = string(isoTime(append(isoTime(nil, oldest.time), " - "...), newest.time))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	author := dcUser(s.base(nil)+s.context, s.creds.User, s.creds.User, "2c9680837d4a3682017d4a375a280000")
	if s.isJira() {
		author = jiraUser(s.base(nil)+s.context, s.creds.User, jiraOwnID)
	}
	attribute := func(key, name, value string) dcAttribute {
		return dcAttribute{"atlassian.audit.event.attribute." + key, name, value}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"timestamp":"%s","author":%s,"type":%s,"affectedObjects":[],"changedValues":[],"source":"127.0.0.1","system":%s,"node":"node-1","method":"Browser","extraAttributes":%s}`,
		isoTime(nil, now.UnixMilli()), mustJSON(author),
		mustJSON(dcType{"atlassian.audit.event.category.audit", "Auditing", "atlassian.audit.event.action.audit.search", "Audit Log search performed"}),
		quote(s.base(nil)+s.context),
		mustJSON([]dcAttribute{
			attribute("id", "ID Range", ids), attribute("query", "Query", c.URL.Query().Get("search")),
			attribute("results", "Results returned", strconv.Itoa(len(page))), attribute("timestamp", "Timestamp Range", times),
		}))
	s.searches++
	s.add(Record{Serial: fmt.Sprintf("SEARCH-%06d", s.searches), Time: now, JSON: b.Bytes()})
}
