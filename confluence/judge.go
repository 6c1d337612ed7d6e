package confluence

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
		return c.refused(a, CauseRateLimited, "%s asks for fewer requests", host)
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
	return failure.withRemedy("act on what the server says; if it says nothing, check api_url and what stands between")
}

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

// nobody is the name that Data Center gives to those who have not logged in.
const nobody = "anonymous"

// userNamed is whom an answer's headers say that it is for. Data Center names
// the user of every request there.
func userNamed(a *answer) string {
	name := a.header.Get("X-Ausername")
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}
