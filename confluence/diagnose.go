package confluence

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

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

func (c *Client) judgeUnauthorized(ep endpoint, a *answer) error {
	host, credential := a.url.Host, c.auth.name(ep.site.Deployment)
	switch {
	case isScope(a):
		return c.refusedScope(a)
	case c.passwordsOff(a):
		return c.refused(a, CausePasswordsOff, "%s takes no passwords: Basic authentication is switched off there", host)
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
		return c.refused(a, CausePasswordsOff, "%s takes no passwords: Basic authentication is switched off there", host)
	case has("ip allowlist", "ip allow list", "ip whitelist"),
		has("ip address") && has("reject", "allow", "block", "denied", "whitelist", "not permitted"):
		return c.refused(a, CauseIPBlocked, "%s takes no requests from the address of this machine", host)
	case a.failedLogin() != "" && c.auth.wasAccepted(a.sent):
		return c.refused(a, CauseExpired, "%s refuses the %s, which it accepted before", host, c.auth.name(ep.site.Deployment))
	case a.failedLogin() != "":
		return c.refusedCredential(ep, a)
	case has("not permitted to use confluence"):
		return c.refused(a, CauseNoAccess, "the account may not use Confluence at %s", c.host)
	case isNoAdmin(a, text):
		return c.refused(a, CauseNotAdmin, "the account may not read the audit log of %s", c.host)
	}
	return c.refused(a, CauseForbidden, "%s does not give the audit log", host)
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
