package simulate

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// isAdmin reports whether a path is one of the APIs for organizations, which are on the host of the
// gateway.
func isAdmin(path string) bool { return strings.HasPrefix(path, "/admin/") }

// What a key of an organization may ask in a minute: one path, and all of them.
const (
	minutePerPath = 50
	minutePerUser = 60
)

// organization answers as api.atlassian.com does below /admin: it accepts keys of the organization
// only. What Atlassian does not document is marked here as assumed.
func (s *Simulator) organization(c *call) *reply {
	if c.credential != credentialKey && c.credential != credentialWide {
		return message(http.StatusUnauthorized, "Unauthorized").with("Atl-Traceid", s.trace())
	}
	s.mu.Lock()
	wait := s.quota.ask(c.URL.Path, c.now)
	s.mu.Unlock()
	if wait > 0 { // assumed: the name of the header
		return message(http.StatusTooManyRequests, "Rate limit exceeded").with("Retry-After", fmt.Sprint(int(wait.Seconds())+1)).with("Atl-Traceid", s.trace())
	}
	return s.organizationREST(c).with("Atl-Traceid", s.trace())
}

func (s *Simulator) organizationREST(c *call) *reply {
	const orgs, keys = "/admin/v1/orgs", "/admin/api-access/v1/orgs/"
	path := c.URL.Path
	switch {
	case c.Method != http.MethodGet:
		return organizationError(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "Method not allowed")
	case path == orgs:
		return s.listOrganizations(c)
	case path == keys+s.options.OrgID+"/api-keys":
		return s.listKeys(c)
	}
	id, endpoint, _ := strings.Cut(strings.TrimPrefix(path, orgs+"/"), "/")
	switch {
	case !strings.HasPrefix(path, orgs+"/") || id != s.options.OrgID: // assumed: the status
		return organizationError(http.StatusNotFound, "NOT_FOUND", "Organization not found")
	case endpoint == "events-stream":
		return s.listStream(c)
	case endpoint == "event-actions":
		return listActions()
	}
	return organizationError(http.StatusNotFound, "NOT_FOUND", "Not found")
}

// listOrganizations lists the organization to its administrator. To a key that is bound to one
// organization it lists none, not even that one.
func (s *Simulator) listOrganizations(c *call) *reply {
	list := ""
	if c.credential == credentialWide {
		list = fmt.Sprintf(`{"id":%s,"type":"orgs","attributes":{"name":"Simulated"},"links":{}}`, quote(s.options.OrgID))
	}
	return jsonReply(http.StatusOK, `{"data":[`+list+`],"links":{}}`)
}

// listKeys lists the API keys with their expiry, to a key with a scope for that.
func (s *Simulator) listKeys(c *call) *reply {
	if c.credential != credentialWide {
		return message(http.StatusForbidden, "Forbidden; scope does not match").with("X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")
	}
	s.mu.Lock()
	expires := s.creds.Expires
	s.mu.Unlock()
	if expires.IsZero() {
		expires = s.options.Start.AddDate(1, 0, 0)
	}
	stamp := func(t time.Time) []byte { return quote(t.UTC().Format(time.RFC3339)) }
	return jsonReply(http.StatusOK, fmt.Sprintf(`{"data":[{"id":"key-1","label":"audit","createdAt":%s,"expiresAt":%s,"lastActiveAt":%s,"scopes":["read:events:admin","read:tokens:admin"]}],"links":{}}`,
		stamp(expires.AddDate(-1, 0, 0)), stamp(expires), stamp(c.now)))
}

// organizationError returns an error in the format of the APIs for organizations.
func organizationError(status int, code, detail string) *reply {
	return jsonReply(status, fmt.Sprintf(`{"errors":[{"status":"%d","code":%s,"title":%s,"detail":%s}]}`, status, quote(code), quote(http.StatusText(status)), quote(detail)))
}

// quota counts the requests of the last minute.
type quota struct {
	all    []time.Time
	byPath map[string][]time.Time
}

// ask counts a request, or returns how long it is until one is allowed.
func (q *quota) ask(path string, now time.Time) time.Duration {
	if q.byPath == nil {
		q.byPath = make(map[string][]time.Time)
	}
	all, of := lastMinute(q.all, now), lastMinute(q.byPath[path], now)
	var wait time.Duration
	if len(of) >= minutePerPath {
		wait = of[len(of)-minutePerPath].Add(time.Minute).Sub(now)
	}
	if len(all) >= minutePerUser {
		wait = max(wait, all[len(all)-minutePerUser].Add(time.Minute).Sub(now))
	}
	if wait == 0 {
		all, of = append(all, now), append(of, now)
	}
	q.all, q.byPath[path] = all, of
	return wait
}

func lastMinute(times []time.Time, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= time.Minute {
		times = times[1:]
	}
	return times
}
