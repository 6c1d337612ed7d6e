package simulate

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// cloudSite answers as SITE.atlassian.net: it accepts unscoped tokens only.
func (s *Simulator) cloudSite(c *call) *reply {
	if c.URL.Path == "/_edge/tenant_info" {
		return jsonReply(http.StatusOK, fmt.Sprintf(`{"cloudId":%s,"cloudName":"simulated"}`, quote(s.options.CloudID)))
	}
	root := "/wiki/"
	if s.isJira() {
		root = "/rest/"
	}
	if !strings.HasPrefix(c.URL.Path, root) {
		return htmlReply(http.StatusNotFound, notFoundPage)
	}
	if r := s.refuseAtSite(c); r != nil {
		return r.with("Atl-Traceid", s.trace())
	}
	return s.cloudREST(c, c.URL.Path, s.base(c.Request)).with("Atl-Traceid", s.trace())
}

// refuseAtSite returns the refusal of a request without an unscoped token, nil for one with it.
func (s *Simulator) refuseAtSite(c *call) *reply {
	switch {
	case c.credential == credentialUnscoped:
		return nil
	case c.credential == credentialNone && s.isJira():
		return errorCollection(http.StatusUnauthorized, jiraUnauthenticated)
	case c.credential == credentialNone:
		return s.notPermitted()
	case c.faults.has(FaultRefuse403):
		return s.notPermitted()
	case c.faults.has(FaultRefuseHTML):
		return s.loginPage(http.StatusUnauthorized)
	case c.faults.has(FaultRefuseEmpty):
		return anonymous(c)
	case strings.HasPrefix(c.Header.Get("Authorization"), "Bearer "):
		return jsonReply(http.StatusForbidden, `{"error": "Failed to parse Connect Session Auth Token"}`)
	}
	return s.unauthenticated()
}

// cloudREST serves the product's REST API, reached through the site or the gateway.
func (s *Simulator) cloudREST(c *call, path, base string) *reply {
	if s.isJira() {
		return s.jiraREST(c, path)
	}
	endpoint, found := strings.CutPrefix(path, "/wiki/rest/api/audit")
	if !found {
		return problem(http.StatusNotFound, "null for uri: "+path)
	}
	switch c.Method + " " + endpoint {
	case "GET ":
		return s.listCloud(c, base, "/wiki", c.URL.Query())
	case "GET /since":
		return s.listSince(c, base, "/wiki")
	case "POST ":
		return s.postCloud(c)
	case "GET /retention":
		return s.retention(c)
	}
	if strings.Contains("/since /retention", endpoint) {
		return problem(http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
	}
	return problem(http.StatusNotFound, "null for uri: "+path)
}

func (s *Simulator) retention(*call) *reply {
	number, unit := retentionUnits(s.options.Retention)
	return jsonReply(http.StatusOK, fmt.Sprintf(`{"number":%d,"units":%q}`, number, unit))
}

// retentionUnits returns the duration in the largest unit that holds it exactly.
func retentionUnits(d time.Duration) (int64, string) {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "DAYS"}, {time.Hour, "HOURS"}, {time.Minute, "MINUTES"}, {time.Second, "SECONDS"}} {
		if d%u.unit == 0 {
			return int64(d / u.unit), u.name
		}
	}
	return d.Milliseconds(), "MILLIS"
}

// trace returns an id for a new request, as Atlassian puts it into atl-traceid.
func (s *Simulator) trace() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("%016x%016x", mix(s.options.Seed, saltToken, uint64(s.asked)), s.asked+1)
}
