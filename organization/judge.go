package organization

import (
	"fmt"
	"net/http"
	"strings"

	"fluent-bit-confluence/internal/atlassian"
)

// judge returns why an answer cannot be used, nil if its status and kind of body are right.
func (c *Client) judge(a *atlassian.Answer, resumes bool) error {
	host, text := a.URL.Host, strings.ToLower(atlassian.Words(a))
	refused := a.Status >= 400 && a.Status != http.StatusTooManyRequests
	switch {
	// The status of this refusal is not documented, its words are.
	case refused && strings.Contains(text, "entitlement"):
		return c.api.Refused(a, atlassian.CauseNoGuard, "the organization has no audit log: it needs Atlassian Guard")
	case refused && atlassian.IsScope(a), (a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden) && strings.Contains(text, "scope"):
		return c.api.Refused(a, atlassian.CauseScope, "%s says the scopes of the API key do not allow reading the audit log", host)
	case a.Status == http.StatusUnauthorized:
		return c.judgeUnauthorized(a)
	case a.Status == http.StatusForbidden:
		if strings.Contains(text, "ip allowlist") || strings.Contains(text, "ip address") {
			return c.api.Refused(a, atlassian.CauseIPBlocked, "%s blocks requests from the address of this machine", host)
		}
		return c.api.Refused(a, atlassian.CauseForbidden, "%s refuses access to the audit log of the organization", host)
	case resumes && forCursor(a):
		return fmt.Errorf("%w: %w", atlassian.ErrCursor, c.api.Refused(a, atlassian.CauseBadRequest, "%s does not know the cursor any more", host))
	case a.Status == http.StatusNotFound:
		return c.api.Refused(a, atlassian.CauseNoOrganization, "%s knows no organization %s", host, c.Site().OrgID)
	}
	return c.api.JudgeCommon(a)
}

func (c *Client) judgeUnauthorized(a *atlassian.Answer) error {
	host := a.URL.Host
	switch {
	case c.api.Auth.WasAccepted(a.Sent):
		return c.api.Refused(a, atlassian.CauseExpired, "%s refuses the API key, which it accepted before", host)
	case isSiteToken(strings.TrimPrefix(a.Sent, "Bearer ")):
		return c.api.Refused(a, atlassian.CauseSiteToken, "%s refused the API key, which looks like the API token of a person", host)
	}
	return c.api.Refused(a, atlassian.CauseCredentials, "%s refused the API key", host)
}

// isSiteToken recognises the API tokens of accounts by their first letters. Keys of organizations
// begin with ATCTT3.
func isSiteToken(token string) bool {
	return strings.HasPrefix(token, "ATATT3") || strings.HasPrefix(token, "ATSTT3")
}
