package simulate

import (
	"fmt"
	"net/http"
	"strings"
)

// Jira's own words in refusals. Atlassian documents the form of these answers, not the texts.
const (
	jiraUnauthenticated = "Client must be authenticated to access this resource."
	jiraNotAdmin        = "You are not authorized to perform this action. Administrator privileges are required."
)

// The simulator's own user in the two id spaces of Jira Data Center: the id of an author, and the
// key of a user.
const (
	jiraOwnID  = "10000"
	jiraOwnKey = "JIRAUSER" + jiraOwnID
)

// jiraREST serves the REST API of Jira Cloud, reached through the site or the gateway. Its versions
// 2 and 3 are twins.
func (s *Simulator) jiraREST(c *call, path string) *reply {
	switch endpoint, found := strings.CutPrefix(path, "/rest/api/"); {
	case !found || endpoint != "2/auditing/record" && endpoint != "3/auditing/record":
		return errorCollection(http.StatusNotFound, "null for uri: "+path)
	case c.Method != http.MethodGet: // nobody can write a record
		return errorCollection(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed").with("Allow", http.MethodGet)
	}
	return s.listRecords(c)
}

// myself answers GET /rest/api/2/myself of Data Center, for the user of every credential.
func (s *Simulator) myself(*call) *reply {
	s.mu.Lock()
	user := s.creds.User
	s.mu.Unlock()
	base := s.base(nil) + s.context
	return jsonReply(http.StatusOK, fmt.Sprintf(`{"self":%s,"key":"%s","name":%s,"emailAddress":"admin@example.com","displayName":"Administrator","active":true,"deleted":false,"timeZone":"Etc/UTC","locale":"en_US"}`,
		quote(base+"/rest/api/2/user?username="+user), jiraOwnKey, quote(user)))
}

// jiraID returns the id of a record in its JSON: ids rise, with gaps.
func (s *Simulator) jiraID(id uint32) int64 {
	return 10000 + 4*int64(id) + int64(mix(s.options.Seed, saltID, uint64(id))%4)
}
