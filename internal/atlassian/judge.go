package atlassian

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Refused makes an Error for an answer.
func (c *Client) Refused(a *Answer, cause Cause, format string, args ...any) *Error {
	err := c.Fail(cause, nil, format, args...)
	err.Status, err.Trace, err.knows = a.Status, c.trace(a), a.KnowsUs()
	if a.Status >= 400 || cause == CauseLoginPage {
		err.Said = c.says(a)
	}
	if cause == CauseRateLimited || cause == CauseServer {
		err.RetryAfter = retryAfter(a.Header)
	}
	if cause == CauseRateLimited && err.RetryAfter > 0 {
		err.Message += fmt.Sprintf(", and asks to wait for %v", err.RetryAfter.Round(time.Second))
	}
	return err
}

// KnowsUs reports whether the answer names our account: then the credential was accepted, whatever
// else was refused.
func (a *Answer) KnowsUs() bool {
	user := UserNamed(a)
	return user != "" && user != Nobody || a.Header.Get("X-Aaccountid") != "" ||
		strings.EqualFold(a.Header.Get("X-Seraph-Loginreason"), "OK")
}

// trace returns the id by which Atlassian's support finds a request.
func (c *Client) trace(a *Answer) string {
	for _, name := range []string{"Atl-Traceid", "Atl-Request-Id"} {
		if id := a.Header.Get(name); id != "" {
			return c.Quote(id, 64)
		}
	}
	return ""
}

// JudgeCommon returns the error for answers that mean the same at every address, else nil.
func (c *Client) JudgeCommon(a *Answer) error {
	host := a.URL.Host
	switch {
	case a.Status == http.StatusOK && !a.IsHTML():
		return nil
	case a.Status == http.StatusOK && (isLogin(a.Body) || isLoginAddress(&url.URL{Path: a.URL.Path})): // after a redirect
		return c.Refused(a, CauseLoginPage, "%s answers with a login page", host)
	case a.Status == http.StatusOK:
		return c.NotList(a, nil)
	case a.Status == http.StatusProxyAuthRequired:
		return c.Refused(a, CauseProxy, "%s refuses to connect: 407 Proxy Authentication Required", c.proxyName())
	case a.Status == http.StatusTooManyRequests:
		return c.Refused(a, CauseRateLimited, "%s limits the rate of requests", host)
	case a.Status >= 500:
		return c.Refused(a, CauseServer, "%s has an internal error", host)
	case a.Status >= 300 && a.Status < 400:
		return c.judgeRedirect(a)
	case a.Status == http.StatusGone:
		return c.Refused(a, CauseGone, "%s has retired this API", host)
	}
	failure := c.Refused(a, CauseBadRequest, "%s does not accept the request", host)
	switch a.Status {
	case http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusRequestHeaderFieldsTooLarge:
		return failure
	}
	// For example 402, a site that was not paid for, and 451.
	return failure.WithRemedy("act on what the server says; if it says nothing, check api_url and the proxies and firewalls on the way")
}

// IsScope recognises the gateway's refusal of a token without the right scopes.
func IsScope(a *Answer) bool {
	return strings.Contains(a.Header.Get("X-Failure-Category"), "SCOPE") ||
		bytes.Contains(a.Body, []byte("scope does not match"))
}

func (c *Client) judgeRedirect(a *Answer) error {
	to, err := a.URL.Parse(a.Header.Get("Location"))
	if err != nil || a.Header.Get("Location") == "" {
		return c.Refused(a, CauseRedirect, "%s redirects to nowhere", a.URL.Host)
	}
	if isLoginAddress(to) {
		return c.Refused(a, CauseLoginPage, "%s redirects to a login page at %s", a.URL.Host, c.Quote(to.Host, 100))
	}
	// The query is left out: it may hold what was sent.
	return c.Refused(a, CauseRedirect, "%s redirects to %s", a.URL.Host, c.Quote(to.Scheme+"://"+to.Host+to.EscapedPath(), 200))
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

// isLogin recognises the HTML of a login form or of a single sign-on redirect.
func isLogin(body []byte) bool {
	text := bytes.ToLower(body[:min(len(body), maxErrorBody)])
	for _, mark := range []string{`type="password"`, "os_username", "samlrequest", "id.atlassian.com", "login.action", "<title>log in", "<title>sign in", "<title>login"} {
		if bytes.Contains(text, []byte(mark)) {
			return true
		}
	}
	return false
}

// NotList returns the error for an answer with status 200 that is no page of records. It quotes the
// first bytes, so that the operator sees what answered.
func (c *Client) NotList(a *Answer, err error) error {
	if len(a.Body) == 0 {
		return c.Refused(a, CauseNotAuditList, "%s answers with something that is not the audit log: nothing at all", a.URL.Host)
	}
	failure := c.Refused(a, CauseNotAuditList, "%s answers with something that is not the audit log: %q",
		a.URL.Host, c.Quote(string(a.Body[:min(len(a.Body), 1000)]), 80))
	failure.Err = err
	return failure
}

// Quote makes text from a server safe for a message: one line of at most about n bytes, without our
// secrets.
func (c *Client) Quote(text string, n int) string { return c.redact.Quote(text, n) }

// Address returns api_url for messages: its host, and its path if it has one.
func (c *Client) Address() string { return fmt.Sprint(c.Host, c.Base.Path) }

// Nobody is the user name that Data Center gives to requests without a login.
const Nobody = "anonymous"

// UserNamed returns the user that an answer's headers name. Data Center names the user of every
// request.
func UserNamed(a *Answer) string {
	name := a.Header.Get("X-Ausername")
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}
