package simulate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (s *Simulator) version() string {
	if s.options.Legacy {
		return s.product().legacyVersion
	}
	return s.product().version
}

// dataCenter answers as the product behind its context path.
func (s *Simulator) dataCenter(c *call) *reply {
	path, inside := strings.CutPrefix(c.URL.Path, s.context)
	if !inside || path != "" && path[0] != '/' {
		return htmlReply(http.StatusNotFound, notFoundPage)
	}
	if r := s.publicPage(path); r != nil {
		return s.stamp(c, r)
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
	if s.isJira() {
		r.with("X-Anodeid", "node-1")
	} else {
		r.with("X-Confluence-Cluster-Node", "node-1")
	}
	return s.stamp(c, r)
}

// stamp adds the header that the product has in each answer.
func (s *Simulator) stamp(c *call, r *reply) *reply {
	if s.isJira() {
		return r.with("X-Arequestid", fmt.Sprintf("%dx1x1", c.now.Hour()*60+c.now.Minute()))
	}
	return r.with("X-Confluence-Request-Time", strconv.FormatInt(c.now.UnixMilli(), 10))
}

// publicPage answers for pages that need no login. A client recognises the deployment by them.
func (s *Simulator) publicPage(path string) *reply {
	base, login, home, build := s.base(nil)+s.context, "/login.action", "/login.action?os_destination=%2Findex.action&permissionViolation=true", "9111"
	if s.isJira() {
		login, home, build = "/login.jsp", "/secure/Dashboard.jspa", "9120015"
	}
	switch path {
	case "", "/":
		return htmlReply(http.StatusFound, "").with("Location", s.context+home)
	case login:
		return s.loginPage(http.StatusOK)
	case "/status":
		return jsonReply(http.StatusOK, `{"state":"RUNNING"}`)
	case "/rest/applinks/1.0/manifest", "/rest/applinks/latest/manifest":
		return answer(http.StatusOK, "application/xml", fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><manifest>`+
			`<id>5f1d2c3b-4a59-3687-9796-a5b4c3d2e1f0</id><name>%s</name><typeId>%s</typeId><version>%s</version><buildNumber>%s</buildNumber>`+
			`<applinksVersion>10.2.0</applinksVersion><publicSignup>false</publicSignup><url>%s</url></manifest>`,
			s.product().title, s.options.Product, s.version(), build, base))
	}
	return nil
}

func (s *Simulator) refuseAtDataCenter(c *call) *reply {
	switch bearer := strings.HasPrefix(c.Header.Get("Authorization"), "Bearer "); {
	case c.credential == credentialPassword || c.credential == credentialPAT:
		return nil
	case c.credential == credentialNone || bearer && !c.faults.has(FaultRefuseEmpty):
		return jsonReply(http.StatusUnauthorized, `{"message":"Client must be authenticated to access this resource.","status-code":401}`)
	case bearer && s.options.listsRecords():
		return jsonReply(http.StatusOK, `{"offset":0,"limit":1000,"total":0,"records":[]}`)
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
	if s.isJira() && path == "/rest/api/2/myself" {
		return s.myself
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
	if s.isJira() {
		if path == "/rest/api/2/auditing/record" {
			return s.listRecords
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
