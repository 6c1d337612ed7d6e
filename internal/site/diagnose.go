package site

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"fluent-bit-confluence/internal/atlassian"
)

// judge returns why an answer of the audit API cannot be used, nil if its status, headers and kind
// of body are right.
func (c *Client) judge(ep endpoint, a *atlassian.Answer) error {
	host, site := a.URL.Host, c.api.Host
	switch {
	case a.FailedLogin() == loginDenied && (a.Status == http.StatusOK || a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden):
		// The server has not even looked at the credential, so it may be right.
		return c.api.Refused(a, atlassian.CauseCredentials, "%s refused the %s after too many failed logins", host, c.api.Auth.Name(ep.site.Deployment)).
			WithRemedy("log in with this account in a browser once to answer the CAPTCHA, and correct the credential if it is wrong")
	case a.Status == http.StatusUnauthorized:
		return c.judgeUnauthorized(ep, a)
	case a.Status == http.StatusForbidden:
		return c.judgeForbidden(ep, a)
	case a.Status == http.StatusNotFound && ep.site.Route == atlassian.RouteGateway:
		return c.api.Refused(a, c.product.Absent, "%s knows no %s with cloud id %s", host, c.product.Name, ep.site.CloudID).
			WithRemedy("check api_url and cloud_id; the site may have other Atlassian products only")
	case a.Status == http.StatusNotFound && ep.site.Deployment == atlassian.DeploymentCloud:
		return c.api.Refused(a, c.product.Absent, "there is no %s at %s", c.product.Name, site)
	case a.Status == http.StatusNotFound:
		return c.api.Refused(a, atlassian.CauseWrongAddress, "%s has no audit log API", c.api.Address())
	case a.Status == http.StatusOK && a.FailedLogin() != "":
		return c.api.Refused(a, atlassian.CauseAnonymous, "%s answers as if nobody had logged in (login %s)", host, a.FailedLogin())
	case a.Status == http.StatusOK && atlassian.UserNamed(a) == atlassian.Nobody:
		return c.anonymous(a)
	}
	return c.api.JudgeCommon(a)
}

func (c *Client) judgeUnauthorized(ep endpoint, a *atlassian.Answer) error {
	host, credential := a.URL.Host, c.api.Auth.Name(ep.site.Deployment)
	switch {
	case atlassian.IsScope(a):
		return c.refusedScope(a)
	case c.passwordsOff(a):
		return c.api.Refused(a, atlassian.CausePasswordsOff, "%s accepts no passwords: Basic authentication is switched off there", host)
	case windowsLogin(a) != "":
		return c.api.Refused(a, atlassian.CauseLoginPage, "%s wants a login by %s", host, windowsLogin(a))
	case ep.site.Deployment == atlassian.DeploymentDataCenter && a.KnowsUs() && a.FailedLogin() == "":
		return c.notAdmin(a) // it has let us in, and refuses only this
	case c.api.Auth.WasAccepted(a.Sent):
		return c.api.Refused(a, atlassian.CauseExpired, "%s refuses the %s, which it accepted before", host, credential)
	case ep.site.Deployment == atlassian.DeploymentCloud && c.api.Options.Route == atlassian.RouteSite:
		return c.api.Refused(a, atlassian.CauseScopedAtSite, "%s refused the %s, and route site is set", host, credential)
	}
	return c.refusedCredential(ep, a)
}

// loginDenied is what Seraph says when it refuses a login without a look at the password, because
// of too many failed ones. Jira sends it with 403.
const loginDenied = "AUTHENTICATION_DENIED"

func (c *Client) refusedScope(a *atlassian.Answer) error {
	failure := c.api.Refused(a, atlassian.CauseScope, "%s says the scopes of the credential do not allow reading the audit log", a.URL.Host)
	if c.api.Auth.OAuth != nil {
		return failure.WithRemedy("make a new OAuth credential for the service account, with " + c.product.Scopes)
	}
	return failure
}

// windowsLogin returns the login scheme, such as Negotiate, of a proxy or server in front of the
// product that accepts no credential of the product. It is empty if other schemes are accepted
// too.
func windowsLogin(a *atlassian.Answer) string {
	found := ""
	for _, challenge := range a.Header.Values("Www-Authenticate") {
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

func (c *Client) refusedCredential(ep endpoint, a *atlassian.Answer) error {
	credential := c.api.Auth.Name(ep.site.Deployment)
	if ep.site.Deployment == atlassian.DeploymentDataCenter && c.api.Auth.LooksLikePAT() {
		return c.api.Refused(a, atlassian.CausePATAsPassword, "%s refused the %s, and the password looks like a personal access token", a.URL.Host, credential)
	}
	return c.api.Auth.Refused(c.api.Refused(a, atlassian.CauseCredentials, "%s refused the %s", a.URL.Host, credential))
}

// passwordsOff recognises a Data Center that accepts no Basic authentication, the default of
// Confluence 10.
func (c *Client) passwordsOff(a *atlassian.Answer) bool {
	text := strings.ToLower(atlassian.Words(a))
	return strings.HasPrefix(a.Sent, "Basic ") && strings.Contains(text, "basic auth") &&
		(strings.Contains(text, "disabled") || strings.Contains(text, "not allowed"))
}

func (c *Client) judgeForbidden(ep endpoint, a *atlassian.Answer) error {
	host, text := a.URL.Host, strings.ToLower(atlassian.Words(a))
	has := func(any ...string) bool {
		return slices.ContainsFunc(any, func(part string) bool { return strings.Contains(text, part) })
	}
	switch {
	case has("free edition", "free plan"):
		return c.api.Refused(a, atlassian.CauseFreePlan, "%s is on the Free plan, which has no audit log", c.api.Host)
	case atlassian.IsScope(a):
		return c.refusedScope(a)
	case c.passwordsOff(a):
		return c.api.Refused(a, atlassian.CausePasswordsOff, "%s accepts no passwords: Basic authentication is switched off there", host)
	case has("ip allowlist", "ip allow list", "ip whitelist"),
		has("ip address") && has("reject", "allow", "block", "denied", "whitelist", "not permitted"):
		return c.api.Refused(a, atlassian.CauseIPBlocked, "%s blocks requests from the address of this machine", host)
	case a.FailedLogin() != "" && c.api.Auth.WasAccepted(a.Sent):
		return c.api.Refused(a, atlassian.CauseExpired, "%s refuses the %s, which it accepted before", host, c.api.Auth.Name(ep.site.Deployment))
	case a.FailedLogin() != "":
		return c.refusedCredential(ep, a)
	case atlassian.UserNamed(a) == atlassian.Nobody:
		return c.anonymous(a)
	case has("not permitted to use " + strings.ToLower(c.product.Name)):
		return c.api.Refused(a, c.product.Closed, "the account may not use %s at %s", c.product.Name, c.api.Host)
	case isNoAdmin(a, text):
		return c.notAdmin(a)
	}
	return c.api.Refused(a, atlassian.CauseForbidden, "%s refuses access to the audit log", host)
}

func (c *Client) notAdmin(a *atlassian.Answer) error {
	return c.api.Refused(a, atlassian.CauseNotAdmin, "the account may not read the audit log of %s", c.api.Host)
}

// isNoAdmin recognises the product's refusal of a user who is no administrator: it names the user
// and gives no other reason, or it mentions permissions. A page that shows only the status 403
// gives no reason. The auditing API says that the user is not allowed to view audit events. An HTML
// page that names no user may come from another server, so it is not recognised.
func isNoAdmin(a *atlassian.Answer, text string) bool {
	if strings.Contains(strings.ToUpper(a.Header.Get("X-Seraph-Loginreason")), "AUTHORISATION_FAILED") {
		return true
	}
	saysNothing := strings.Trim(statusWords.ReplaceAllString(text, ""), " –-:.") == ""
	if saysNothing || a.IsHTML() && !a.KnowsUs() {
		return saysNothing && a.KnowsUs()
	}
	return slices.ContainsFunc([]string{"administrator", "permission", "not permitted", "not allowed to view audit"}, func(part string) bool {
		return strings.Contains(text, part)
	})
}

// statusWords are the words of a page that shows only its status.
var statusWords = regexp.MustCompile(`\b(http|status|error|403|forbidden|access denied|tomcat|apache|nginx)\b`)
