package simulate

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const notFoundPage = `<!DOCTYPE html><html><head><title>Not Found</title></head><body><h1>Oops, you've found a dead link.</h1></body></html>`

func (s *Simulator) loginHTML() string {
	name, action := `content="Confluence"`, "/dologin.action"
	if s.isJira() {
		name, action = `content="JIRA" data-name="jira" data-version="`+s.version()+`"`, "/login.jsp"
	}
	return fmt.Sprintf(`<!DOCTYPE html><html><head><title>Log in - %s</title><meta name="ajs-version-number" content="%s"><meta name="application-name" %s>`+
		`</head><body class="login"><form action="%s" method="post"></form></body></html>`, s.product().title, s.version(), name, action)
}

// firewallPage is the page of a web application firewall in front of the server.
const firewallPage = `<html><head><title>Request Rejected</title><style>body{color:red}</style></head>` +
	`<body>The requested URL was rejected. Please consult with your administrator.<br><br>Your support ID is: 1234567890</body></html>`

// notPermitted refuses a user who may not use the product, or who has not logged in.
func (s *Simulator) notPermitted() *reply {
	if s.isJira() {
		return errorCollection(http.StatusForbidden, "Current user not permitted to use Jira")
	}
	return jsonReply(http.StatusForbidden, `{"message":"Current user not permitted to use Confluence","statusCode":403}`)
}

// unauthenticated refuses a request whose credential is wrong.
func (s *Simulator) unauthenticated() *reply {
	r := message(http.StatusUnauthorized, "Unauthorized")
	if s.isJira() {
		r = errorCollection(http.StatusUnauthorized, jiraUnauthenticated)
	}
	return r.with("X-Seraph-Loginreason", "AUTHENTICATED_FAILED")
}

func (s *Simulator) loginPage(status int) *reply { return htmlReply(status, s.loginHTML()) }

// listName returns the member that holds the records in the answer to a request.
func listName(r *http.Request) string {
	switch path := r.URL.Path; {
	case strings.Contains(path, "/rest/auditing/"):
		return "entities"
	case strings.HasSuffix(path, "/auditing/record"):
		return "records"
	case strings.HasSuffix(path, "/events-stream"):
		return "data"
	}
	return "results"
}

// anonymous returns the list that a visitor who has not logged in sees.
func anonymous(c *call) *reply {
	body := `{"results":[],"start":0,"limit":1000,"size":0,"_links":{"base":"https://simulated.atlassian.net/wiki","context":"/wiki"}}`
	switch listName(c.Request) {
	case "entities":
		body = `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`
	case "records":
		body = `{"offset":0,"limit":1000,"total":0,"records":[]}`
	}
	return jsonReply(http.StatusOK, body).with("X-Seraph-Loginreason", "AUTHENTICATED_FAILED")
}

// refusal returns the answer of the first fault that answers in the server's place, or nil.
func (s *Simulator) refusal(c *call) *reply {
	for _, f := range c.faults {
		if r := s.refuse(c, f); r != nil {
			return r.with("Atl-Traceid", s.trace())
		}
	}
	return nil
}

func (s *Simulator) refuse(c *call, f Fault) *reply {
	seconds, _ := strconv.Atoi(f.Value)
	then := c.now.Add(time.Duration(seconds) * time.Second)
	switch f.Kind {
	case FaultScope:
		return scopeMismatch()
	case FaultMismatch:
		return mismatch()
	case FaultNotPermitted:
		return s.notPermitted()
	case FaultNotAdmin:
		if s.options.Deployment == DataCenter && !s.options.Legacy {
			if !strings.Contains(c.URL.Path, "/rest/auditing/") {
				return nil // everybody may ask who they are
			}
			return jsonReply(http.StatusForbidden, `{"message":"The user is not allowed to view audit events","status-code":403}`).
				with("X-Ausername", s.options.Credentials.User)
		}
		if s.isJira() {
			return errorCollection(http.StatusForbidden, jiraNotAdmin)
		}
		return problem(http.StatusForbidden, "com.atlassian.confluence.api.service.exceptions.PermissionException: User is not permitted to view the audit log")
	case FaultFreePlan:
		return s.problem(http.StatusForbidden, "This request cannot be made as the site is on Free edition. Please upgrade to standard or premium edition.")
	case FaultEntitlement:
		return organizationError(http.StatusForbidden, "FORBIDDEN", "Audit Log Entitlement validation failed")
	case FaultUnauthorized:
		if s.isOrganization() {
			return message(http.StatusUnauthorized, "Unauthorized")
		}
		return s.unauthenticated()
	case FaultAnonymous:
		return anonymous(c)
	case FaultLoginPage:
		return s.loginPage(http.StatusOK)
	case FaultLoginPage401:
		return s.loginPage(http.StatusUnauthorized).with("X-Seraph-Loginreason", "AUTHENTICATED_FAILED")
	case FaultSSO:
		return htmlReply(http.StatusFound, "").with("Location", f.Value)
	case FaultRedirect:
		return htmlReply(http.StatusTemporaryRedirect, "").with("Location", f.Value+c.URL.RequestURI())
	case FaultNotFound:
		if s.isOrganization() {
			return organizationError(http.StatusNotFound, "NOT_FOUND", "Organization not found")
		}
		if s.isJira() && isGateway(c.URL.Path) {
			return message(http.StatusNotFound, "Not Found")
		}
		return htmlReply(http.StatusNotFound, notFoundPage)
	case FaultRateLimit:
		return s.tooMany().with("Retry-After", f.Value)
	case FaultRateLimitDate:
		return s.tooMany().with("Retry-After", then.Format(http.TimeFormat))
	case FaultRateLimitISO:
		return s.tooMany().with("X-Failure-Category", "FAILURE_CLIENT_RATE_LIMITED").with("X-Ratelimit-Limit", "360000").
			with("X-Ratelimit-Remaining", "0").with("X-Ratelimit-Reset", then.Format(time.RFC3339))
	case FaultRateLimitBare:
		return s.tooMany()
	case FaultRateBucket:
		if !s.takeToken(c.now, float64(max(seconds, 1))) {
			return s.tooMany().with("Retry-After", "1")
		}
	case FaultCrowd:
		if c.beside >= seconds {
			return s.tooMany().with("Retry-After", "1")
		}
	case FaultUnavailable:
		return htmlReply(http.StatusServiceUnavailable, `<html><body>Service Unavailable</body></html>`).with("Retry-After", f.Value)
	case FaultServerError:
		return s.problem(http.StatusInternalServerError, "java.lang.NullPointerException")
	case FaultBadGateway:
		return htmlReply(http.StatusBadGateway, `<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>`)
	case FaultOtherJSON:
		return jsonReply(http.StatusOK, `{"ok":true,"items":[{"id":1}]}`)
	case FaultForbidden:
		return htmlReply(http.StatusForbidden, firewallPage)
	case FaultIPBlocked:
		return s.problem(http.StatusForbidden, "The IP address has been rejected because it's not on the allowlist. For access, contact your administrator.")
	case FaultBasicOff:
		if _, _, basic := c.BasicAuth(); basic {
			return jsonReply(http.StatusForbidden, `{"message":"Basic Authentication has been disabled on this instance."}`)
		}
	case FaultCaptcha:
		if _, _, basic := c.BasicAuth(); basic {
			return htmlReply(http.StatusForbidden, `<html><head><title>Forbidden (403)</title></head><body>Basic Authentication Failure - Reason : AUTHENTICATION_DENIED</body></html>`).
				with("X-Seraph-Loginreason", "AUTHENTICATION_DENIED").
				with("X-Authentication-Denied-Reason", "CAPTCHA_CHALLENGE; login-url="+s.base(c.Request)+s.context+"/login.jsp")
		}
	case FaultNotAdmin401:
		if strings.Contains(c.URL.Path, "/rest/auditing/") {
			return jsonReply(http.StatusUnauthorized, `{"message":"You are not authorized to perform this operation","status-code":401}`).
				with("X-Ausername", s.options.Credentials.User)
		}
	case FaultGone:
		return jsonReply(http.StatusGone, `{"errorMessages":["The requested API has been removed. Please migrate to the newer API. `+
			`A full migration guideline is available at https://developer.atlassian.com/changelog/"],"errors":{}}`)
	case FaultAppLate:
		if strings.Contains(c.URL.Path, "/rest/auditing/") {
			return jsonReply(http.StatusNotFound, `{"message":"null for uri: `+c.URL.Path+`","status-code":404}`)
		}
	case FaultEndlessMoment:
		return endlessRecords(c, s.endlessAt())
	case FaultEndlessUntimed:
		return endlessRecords(c, "")
	case FaultHuge, FaultHang, FaultReset,
		FaultTinyElements, FaultDeepNesting, FaultEndlessString, FaultEndlessError, FaultHugeHeader:
		// deliver writes the body.
		return jsonReply(http.StatusOK, "")
	}
	return nil
}

// takeToken takes a token from a bucket that holds one second's worth, if there is one.
func (s *Simulator) takeToken(now time.Time, perSecond float64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bucket = min(perSecond, s.bucket+now.Sub(s.filled).Seconds()*perSecond)
	if s.filled.IsZero() {
		s.bucket = perSecond
	}
	s.filled = now
	if s.bucket < 1 {
		return false
	}
	s.bucket--
	return true
}

func (s *Simulator) tooMany() *reply {
	return message(http.StatusTooManyRequests, "Rate limit exceeded").with("Ratelimit-Reason", s.options.Product+"-burst-based")
}
