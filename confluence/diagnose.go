package confluence

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// refused makes the Error of an answer.
func (c *conn) refused(a *answer, cause Cause, format string, args ...any) *Error {
	err := fail(cause, nil, format, args...)
	err.Status, err.Trace, err.knows = a.status, c.trace(a), a.knowsUs()
	if a.status >= 400 || cause == CauseLoginPage {
		err.Said = c.says(a)
	}
	if cause == CauseRateLimited || cause == CauseServer {
		err.RetryAfter = retryAfter(a.header)
	}
	return err
}

// knowsUs tells whether the answer names the account that it is for: then the
// credential was accepted, whatever was refused.
func (a *answer) knowsUs() bool {
	user := userNamed(a)
	return user != "" && user != nobody || a.header.Get("X-Aaccountid") != "" ||
		strings.EqualFold(a.header.Get("X-Seraph-Loginreason"), "OK")
}

// trace is the id under which Atlassian's support finds a request.
func (c *conn) trace(a *answer) string {
	for _, name := range []string{"Atl-Traceid", "Atl-Request-Id"} {
		if id := a.header.Get(name); id != "" {
			return c.quote(id, 64)
		}
	}
	return ""
}

func (e *Error) withRemedy(remedy string) *Error {
	e.Remedy = remedy
	return e
}

// judge tells why an answer of the audit API cannot be used, nil if it can as
// far as status, headers and kind of body show.
func (c *Client) judge(ep endpoint, a *answer) error {
	host, site := a.url.Host, c.host
	switch {
	case a.status == http.StatusUnauthorized:
		return c.judgeUnauthorized(ep, a)
	case a.status == http.StatusForbidden:
		return c.judgeForbidden(ep, a)
	case a.status == http.StatusNotFound && ep.site.Route == RouteGateway:
		return c.refused(a, CauseNoConfluence, "%s knows no Confluence with cloud id %s", host, ep.site.CloudID).
			withRemedy("check api_url and cloud_id; the site may have other Atlassian products only")
	case a.status == http.StatusNotFound && ep.site.Deployment == DeploymentCloud:
		return c.refused(a, CauseNoConfluence, "there is no Confluence at %s", site)
	case a.status == http.StatusNotFound:
		return c.refused(a, CauseWrongAddress, "%s has no audit log API", c.address())
	case a.status == http.StatusOK && a.failedLogin() != "":
		return c.refused(a, CauseAnonymous, "%s answers as if nobody had logged in (login %s)", host, a.failedLogin())
	case a.status == http.StatusOK && userNamed(a) == nobody:
		return c.anonymous(a)
	}
	return c.judgeCommon(a)
}

// judgeCommon judges what means the same for every address.
func (c *conn) judgeCommon(a *answer) error {
	host := a.url.Host
	switch {
	case a.status == http.StatusOK && !a.isHTML():
		return nil
	case a.status == http.StatusOK && isLogin(a.body):
		return c.refused(a, CauseLoginPage, "%s answers with a login page", host)
	case a.status == http.StatusOK:
		return c.notList(a, nil)
	case a.status == http.StatusProxyAuthRequired:
		return c.refused(a, CauseProxy, "%s refuses to connect: 407 Proxy Authentication Required", c.proxyName())
	case a.status == http.StatusTooManyRequests:
		return c.refused(a, CauseRateLimited, "%s limits the rate of requests", host)
	case a.status >= 500:
		return c.refused(a, CauseServer, "%s has an internal error", host)
	case a.status >= 300 && a.status < 400:
		return c.judgeRedirect(a)
	case a.status == http.StatusGone:
		return c.refused(a, CauseGone, "%s has retired this API", host)
	}
	failure := c.refused(a, CauseBadRequest, "%s does not accept the request", host)
	switch a.status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusRequestHeaderFieldsTooLarge:
		return failure
	}
	// Such as 402 of a site that was not paid for, and 451.
	return failure.withRemedy("act on what the server says; if it says nothing, check api_url and the proxies and firewalls on the way")
}

func (c *Client) judgeUnauthorized(ep endpoint, a *answer) error {
	host, credential := a.url.Host, c.auth.name(ep.site.Deployment)
	switch {
	case isScope(a):
		return c.refusedScope(a)
	case c.passwordsOff(a):
		return c.refused(a, CausePasswordsOff, "%s accepts no passwords: Basic authentication is switched off there", host)
	case windowsLogin(a) != "":
		return c.refused(a, CauseLoginPage, "%s wants a login by %s", host, windowsLogin(a))
	case c.auth.wasAccepted(a.sent):
		return c.refused(a, CauseExpired, "%s refuses the %s, which it accepted before", host, credential)
	case a.failedLogin() == "AUTHENTICATION_DENIED":
		return c.refused(a, CauseCredentials, "%s refused the %s after too many failed logins", host, credential).
			withRemedy("log in with this account in a browser once to answer the CAPTCHA, then correct the credential")
	case ep.site.Deployment == DeploymentCloud && c.opts.Route == RouteSite:
		return c.refused(a, CauseScopedAtSite, "%s refused the %s, and route site is set", host, credential)
	}
	return c.refusedCredential(ep, a)
}

func (c *Client) refusedScope(a *answer) error {
	failure := c.refused(a, CauseScope, "%s says the scopes of the credential do not allow reading the audit log", a.url.Host)
	if c.auth.oauth != nil {
		return failure.withRemedy("make a new OAuth credential for the service account, with the scope read:audit-log:confluence")
	}
	return failure
}

// windowsLogin is how what stands before Confluence wants a login that no
// credential of Confluence is good for, empty if it takes others too.
func windowsLogin(a *answer) string {
	found := ""
	for _, challenge := range a.header.Values("Www-Authenticate") {
		scheme, _, _ := strings.Cut(challenge, " ")
		switch strings.ToLower(scheme) {
		case "negotiate", "ntlm", "kerberos":
			found = scheme
		default:
			return ""
		}
	}
	return found
}

func (c *Client) refusedCredential(ep endpoint, a *answer) error {
	credential := c.auth.name(ep.site.Deployment)
	if ep.site.Deployment == DeploymentDataCenter && c.auth.looksLikePAT() {
		return c.refused(a, CausePATAsPassword, "%s refused the %s, and the password looks like a personal access token", a.url.Host, credential)
	}
	return c.auth.refused(c.refused(a, CauseCredentials, "%s refused the %s", a.url.Host, credential))
}

// passwordsOff recognises a Data Center that takes no Basic authentication,
// which is how Confluence 10 comes.
func (c *Client) passwordsOff(a *answer) bool {
	text := strings.ToLower(words(a))
	return strings.HasPrefix(a.sent, "Basic ") && strings.Contains(text, "basic auth") &&
		(strings.Contains(text, "disabled") || strings.Contains(text, "not allowed"))
}

func (c *Client) judgeForbidden(ep endpoint, a *answer) error {
	host, text := a.url.Host, strings.ToLower(words(a))
	has := func(any ...string) bool {
		return slices.ContainsFunc(any, func(part string) bool { return strings.Contains(text, part) })
	}
	switch {
	case has("free edition", "free plan"):
		return c.refused(a, CauseFreePlan, "%s is on the Free plan, which has no audit log", c.host)
	case isScope(a):
		return c.refusedScope(a)
	case c.passwordsOff(a):
		return c.refused(a, CausePasswordsOff, "%s accepts no passwords: Basic authentication is switched off there", host)
	case has("ip allowlist", "ip allow list", "ip whitelist"),
		has("ip address") && has("reject", "allow", "block", "denied", "whitelist", "not permitted"):
		return c.refused(a, CauseIPBlocked, "%s blocks requests from the address of this machine", host)
	case a.failedLogin() != "" && c.auth.wasAccepted(a.sent):
		return c.refused(a, CauseExpired, "%s refuses the %s, which it accepted before", host, c.auth.name(ep.site.Deployment))
	case a.failedLogin() != "":
		return c.refusedCredential(ep, a)
	case has("not permitted to use confluence"):
		return c.refused(a, CauseNoAccess, "the account may not use Confluence at %s", c.host)
	case isNoAdmin(a, text):
		return c.refused(a, CauseNotAdmin, "the account may not read the audit log of %s", c.host)
	}
	return c.refused(a, CauseForbidden, "%s refuses access to the audit log", host)
}

// isNoAdmin recognises Confluence's refusal of a user who is no administrator:
// it names the user and gives no other reason, or it speaks of permissions. A page
// of the server itself that says 403 and no more gives none. An
// HTML page that does so without naming a user may be anybody's.
func isNoAdmin(a *answer, text string) bool {
	if strings.Contains(strings.ToUpper(a.header.Get("X-Seraph-Loginreason")), "AUTHORISATION_FAILED") {
		return true
	}
	saysNothing := strings.Trim(statusWords.ReplaceAllString(text, ""), " –-:.") == ""
	if saysNothing || a.isHTML() && !a.knowsUs() {
		return saysNothing && a.knowsUs()
	}
	return strings.Contains(text, "administrator") || strings.Contains(text, "permission") || strings.Contains(text, "not permitted")
}

// statusWords are those of a page that tells its status only.
var statusWords = regexp.MustCompile(`\b(http|status|error|403|forbidden|access denied|tomcat|apache|nginx)\b`)

// isScope recognises the gateway's refusal of a token for its scopes.
func isScope(a *answer) bool {
	return strings.Contains(a.header.Get("X-Failure-Category"), "SCOPE") ||
		bytes.Contains(a.body, []byte("scope does not match"))
}

func (c *conn) judgeRedirect(a *answer) error {
	to, err := a.url.Parse(a.header.Get("Location"))
	if err != nil || a.header.Get("Location") == "" {
		return c.refused(a, CauseRedirect, "%s redirects to nowhere", a.url.Host)
	}
	if isLoginAddress(to) {
		return c.refused(a, CauseLoginPage, "%s redirects to a login page at %s", a.url.Host, c.quote(to.Host, 100))
	}
	// The query is left out: it may hold what was sent.
	return c.refused(a, CauseRedirect, "%s redirects to %s", a.url.Host, c.quote(to.Scheme+"://"+to.Host+to.EscapedPath(), 200))
}

func isLoginAddress(u *url.URL) bool {
	text := strings.ToLower(u.Host + u.Path)
	for _, word := range []string{"login", "signin", "sign-in", "saml", "sso", "oauth2", "id.atlassian.com"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// isLogin recognises the HTML of a login form or a single sign-on hop.
func isLogin(body []byte) bool {
	text := bytes.ToLower(body[:min(len(body), maxErrorBody)])
	for _, mark := range []string{`type="password"`, "os_username", "samlrequest", "id.atlassian.com", "login.action", "<title>log in", "<title>sign in", "<title>login"} {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}

// notList is the error of a 200 that is not a page of records. Its first bytes
// tell the operator what answered.
func (c *conn) notList(a *answer, err error) error {
	if errors.Is(err, errTooLarge) {
		return c.refused(a, CauseTooLarge, "%s sends a %v", a.url.Host, err).
			withRemedy("no record may be larger than 16 MiB; please report this one")
	}
	if len(a.body) == 0 {
		return c.refused(a, CauseNotAuditList, "%s answers with something that is not the audit log: nothing at all", a.url.Host)
	}
	failure := c.refused(a, CauseNotAuditList, "%s answers with something that is not the audit log: %q",
		a.url.Host, c.quote(string(a.body[:min(len(a.body), 1000)]), 80))
	failure.Err = err
	return failure
}

// quote makes text from a server fit for a message: one line of at most about n
// bytes, without our secrets.
func (c *conn) quote(text string, n int) string { return c.redact.quote(text, n) }

// address is api_url in messages: its host, and its path if it has one.
func (c *conn) address() string { return fmt.Sprint(c.host, c.base.Path) }
