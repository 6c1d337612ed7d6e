package simulate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The versions that Data Center reports: one before 7.5 has the old API only.
const (
	dcVersion     = "9.2.4"
	legacyVersion = "7.4.18"
)

func (s *Simulator) version() string {
	if s.options.Legacy {
		return legacyVersion
	}
	return dcVersion
}

// dataCenter answers as Confluence behind its context path.
func (s *Simulator) dataCenter(c *call) *reply {
	path, inside := strings.CutPrefix(c.URL.Path, s.context)
	if !inside || path != "" && path[0] != '/' {
		return htmlReply(http.StatusNotFound, notFoundPage)
	}
	if r := s.publicPage(path); r != nil {
		return r.with("X-Confluence-Request-Time", strconv.FormatInt(c.now.UnixMilli(), 10))
	}
	serve := s.dataCenterEndpoint(c.Method, path)
	r := s.refuseAtDataCenter(c)
	switch {
	case serve == nil && strings.HasPrefix(path, "/rest/"):
		r = jsonReply(http.StatusNotFound, fmt.Sprintf(`{"message":%s,"status-code":404}`, quote("null for uri: "+s.base(c.Request)+c.URL.Path)))
	case serve == nil:
		r = htmlReply(http.StatusNotFound, notFoundPage)
	case r == nil:
		r = serve(c).with("X-Ausername", s.options.Credentials.User).with("X-Seraph-Loginreason", "OK")
		for name, value := range map[string]string{"X-Ratelimit-Limit": "100", "X-Ratelimit-Remaining": "99", "X-Ratelimit-Interval-Seconds": "1",
			// Retry-After is 0 while the bucket has tokens.
			"X-Ratelimit-Fillrate": "100", "Retry-After": "0"} {
			r.with(name, value)
		}
	}
	return r.with("X-Confluence-Request-Time", strconv.FormatInt(c.now.UnixMilli(), 10)).with("X-Confluence-Cluster-Node", "node-1")
}

// publicPage answers for pages that need no login. A client recognises the deployment by them.
func (s *Simulator) publicPage(path string) *reply {
	base := s.base(nil) + s.context
	switch path {
	case "", "/":
		return htmlReply(http.StatusFound, "").with("Location", s.context+"/login.action?os_destination=%2Findex.action&permissionViolation=true")
	case "/login.action":
		return htmlReply(http.StatusOK, strings.Replace(loginHTML, dcVersion, s.version(), 1))
	case "/status":
		return jsonReply(http.StatusOK, `{"state":"RUNNING"}`)
	case "/rest/applinks/1.0/manifest", "/rest/applinks/latest/manifest":
		return answer(http.StatusOK, "application/xml", fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><manifest>`+
			`<id>5f1d2c3b-4a59-3687-9796-a5b4c3d2e1f0</id><name>Confluence</name><typeId>confluence</typeId><version>%s</version><buildNumber>9111</buildNumber>`+
			`<applinksVersion>10.2.0</applinksVersion><publicSignup>false</publicSignup><url>%s</url></manifest>`, s.version(), base))
	}
	return nil
}

func (s *Simulator) refuseAtDataCenter(c *call) *reply {
	switch bearer := strings.HasPrefix(c.Header.Get("Authorization"), "Bearer "); {
	case c.credential == credentialPassword || c.credential == credentialPAT:
		return nil
	case c.credential == credentialNone || bearer && !c.faults.has(FaultRefuseEmpty):
		return jsonReply(http.StatusUnauthorized, `{"message":"Client must be authenticated to access this resource.","status-code":401}`)
	case bearer: // with an unknown token the visitor is anonymous
		return jsonReply(http.StatusOK, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`)
	}
	return htmlReply(http.StatusUnauthorized, `<html><head><title>Unauthorized (401)</title></head><body>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</body></html>`).
		with("X-Seraph-Loginreason", "AUTHENTICATED_FAILED").with("Www-Authenticate", `Basic realm="protected-area"`)
}

// dataCenterEndpoint returns the handler of an endpoint for administrators. Old and new servers
// have their audit log at different paths.
func (s *Simulator) dataCenterEndpoint(method, path string) func(*call) *reply {
	if method != http.MethodGet {
		return nil
	}
	if !s.options.Legacy {
		switch path {
		case "/rest/auditing/1.0/events":
			return s.listEvents
		case "/rest/auditing/1.0/configuration/coverage":
			return s.coverage
		}
		return nil
	}
	switch path {
	case "/rest/api/audit":
		return func(c *call) *reply { return s.listCloud(c, s.base(c.Request), s.context, c.URL.Query()) }
	case "/rest/api/audit/since":
		return func(c *call) *reply { return s.listSince(c, s.base(c.Request), s.context) }
	case "/rest/api/audit/retention":
		return s.retention
	}
	return nil
}

func (s *Simulator) coverage(*call) *reply {
	areas := map[string]string{}
	for _, area := range []string{"GLOBAL_CONFIG_AND_ADMINISTRATION", "USER_MANAGEMENT", "PERMISSIONS", "LOCAL_CONFIG_AND_ADMINISTRATION", "SECURITY", "END_USER_ACTIVITY"} {
		areas[area] = s.options.Coverage
	}
	return answer(http.StatusOK, "application/json", mustJSON(map[string]any{"levelByArea": areas}))
}
