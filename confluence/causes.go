package confluence

// Cause names why the audit log could not be read. The text is stable: it is
// what machines match on.
type Cause string

// Causes, in the order of the documentation's table.
const (
	CauseCredentials    Cause = "credentials"
	CauseExpired        Cause = "expired"
	CauseAnonymous      Cause = "anonymous"
	CauseScope          Cause = "scope"
	CauseScopedAtSite   Cause = "scoped-token-at-site"
	CauseCredentialKind Cause = "credential-kind"
	CauseSecretFile     Cause = "secret-file"
	CauseNotAdmin       Cause = "not-administrator"
	CauseNoAccess       Cause = "no-confluence-access"
	CauseFreePlan       Cause = "free-plan"
	CauseNoConfluence   Cause = "no-confluence"
	CauseAuditOff       Cause = "audit-off"
	CauseCoverage       Cause = "coverage"
	CauseLoginPage      Cause = "login-page"
	CauseWrongAddress   Cause = "wrong-address"
	CauseRedirect       Cause = "redirect"
	CauseNotAuditList   Cause = "not-audit-list"
	CauseTooLarge       Cause = "too-large"
	CauseEndless        Cause = "endless"
	CauseBadRequest     Cause = "bad-request"
	CauseDNS            Cause = "dns"
	CauseRefused        Cause = "connection-refused"
	CauseTimeout        Cause = "timeout"
	CauseNetwork        Cause = "network"
	CauseTLSAuthority   Cause = "tls-authority"
	CauseTLSHostName    Cause = "tls-host-name"
	CauseTLSExpired     Cause = "tls-expired"
	CauseTLS            Cause = "tls"
	CauseProxy          Cause = "proxy"
	CauseRateLimited    Cause = "rate-limited"
	CauseServer         Cause = "server-error"
	CauseClock          Cause = "clock"
	CauseMoved          Cause = "moved"
)

// CauseInfo is one row of the documentation's table of causes.
type CauseInfo struct {
	Cause     Cause
	Example   string // the message an operator sees, for acme.atlassian.net or wiki.example.com
	Remedy    string
	Temporary bool // passes by itself: retried with the usual back-off
}

// Causes returns the table of all causes, in a fixed order.
func Causes() []CauseInfo { return append([]CauseInfo(nil), causes...) }

//go:generate go test -run TestDocumentation -update

var causes = []CauseInfo{
	{CauseCredentials, "acme.atlassian.net refused the e-mail and API token",
		"check the credential for typing errors, that user_identifier is the e-mail (Cloud) or user name (Data Center) of the account that made it, and make a new one if in doubt", false},
	{CauseExpired, "acme.atlassian.net refuses the e-mail and API token, which it accepted before",
		"the credential expired or was revoked: make a new one and put it in place", false},
	{CauseAnonymous, "acme.atlassian.net answers as if nobody had logged in (login AUTHENTICATED_FAILED)",
		"the credential is wrong, expired or revoked: make a new one and put it in place", false},
	{CauseScope, "api.atlassian.com says the scopes of the credential do not allow reading the audit log",
		"make a token for Confluence, not for Jira, with the scope read:audit-log:confluence", false},
	{CauseScopedAtSite, "acme.atlassian.net refused the e-mail and API token, and route site is set",
		"a token with scopes works at the gateway only: leave route out or set route gateway; if the token has no scopes, check e-mail and token", false},
	{CauseCredentialKind, "acme.atlassian.net is Confluence Cloud, which has no personal access tokens",
		"use user_identifier and api_token or client_id and client_secret on Cloud, personal_access_token on Data Center", false},
	{CauseSecretFile, "read secret file: open /run/secrets/token: no such file or directory",
		"make the file readable for the user that runs this program, with the secret alone in it", false},
	{CauseNotAdmin, "the account may not read the audit log of acme.atlassian.net",
		"make the account a Confluence administrator (Cloud: the global permission of that name; Data Center: system or Confluence administrator)", false},
	{CauseNoAccess, "the account may not use Confluence at acme.atlassian.net",
		"give the account access to Confluence and make it a Confluence administrator", false},
	{CauseFreePlan, "acme.atlassian.net is on the Free plan, which has no audit log",
		"upgrade Confluence to Standard or higher", false},
	{CauseNoConfluence, "there is no Confluence at acme.atlassian.net",
		"check api_url; the site may have other Atlassian products only", false},
	{CauseAuditOff, "the audit log of wiki.example.com is switched off",
		"set the coverage of the audit log in its settings (Administration, Audit log, Settings)", false},
	{CauseCoverage, "the audit log of wiki.example.com leaves events out: PERMISSIONS base, SECURITY off",
		"raise the coverage of these areas to full in the settings of the audit log if the events matter to you", false},
	{CauseLoginPage, "wiki.example.com answers with a login page",
		"check the credential; if single sign-on or a proxy in front asks for a login, let the REST API through to Confluence", false},
	{CauseWrongAddress, "wiki.example.com has no audit log API",
		"set api_url to the address the browser shows, with the context path of a Data Center (such as /confluence) and nothing behind it", false},
	{CauseRedirect, "wiki.example.com redirects to https://elsewhere.example.com",
		"credentials are not sent to another address: set api_url to where Confluence really is", false},
	{CauseNotAuditList, `wiki.example.com answers with something that is not the audit log: "{\"hello\":1}"`,
		"check that api_url is Confluence itself; a proxy or a maintenance page may answer in its place", false},
	{CauseTooLarge, "wiki.example.com sends more than 16 MiB, and more records than it was asked for",
		"a cache or proxy may ignore the query: let the REST API through unchanged", false},
	{CauseEndless, "wiki.example.com sends page after page without moving on",
		"a cache or proxy may ignore the query: let the REST API through unchanged", false},
	{CauseBadRequest, "wiki.example.com does not accept the request",
		"check api_url and page_size; a proxy may change requests", false},
	{CauseDNS, "the host name acme.atlassian.net cannot be found",
		"check api_url and the name servers of this machine", true},
	{CauseRefused, "wiki.example.com refuses the connection",
		"check host and port of api_url, and that nothing on the way blocks them", true},
	{CauseTimeout, "wiki.example.com did not answer within 60s",
		"check firewalls and proxy; raise timeout or lower page_size if the server is slow", true},
	{CauseNetwork, "the connection to wiki.example.com broke (unexpected EOF)",
		"it is tried again; check network and proxy if it stays", true},
	{CauseTLSAuthority, "the certificate of wiki.example.com is signed by an authority that is not trusted here",
		"set ca_file to the PEM file of that authority", false},
	{CauseTLSHostName, "the certificate of wiki.example.com is for another host name",
		"set api_url to a name that is in the certificate", false},
	{CauseTLSExpired, "the certificate of wiki.example.com has expired or is not valid yet",
		"renew the certificate; check the clock of this machine too", false},
	{CauseTLS, "no secure connection to wiki.example.com can be made (http: server gave HTTP response to HTTPS client)",
		"check that api_url is right to say https:// and that no proxy breaks TLS", false},
	{CauseProxy, "the proxy proxy.example.com refuses to connect: 407 Proxy Authentication Required",
		"check proxy, its user and password, and that it lets requests through to the host", false},
	{CauseRateLimited, "acme.atlassian.net asks for fewer requests",
		"nothing to do: reading goes on later; if it stays, raise poll_interval", true},
	{CauseServer, "acme.atlassian.net has an internal error",
		"nothing to do: reading goes on when the server has recovered", true},
	{CauseClock, "the clock of acme.atlassian.net is 10m0s ahead of ours",
		"set this machine's clock (NTP); reading goes by the clock of the server", true},
	{CauseMoved, "records of wiki.example.com moved while they were read",
		"nothing to do: the same window is read again", true},
}

// What to do about a refused credential that has no user_identifier, in place of the table's.
const (
	remedyPersonalAccessToken = "check personal_access_token for typing errors and that it has not expired, and make a new one if in doubt"
	remedyOAuthClient         = "check client_id and client_secret for typing errors, and make new ones if in doubt"
)

var causeTable = func() map[Cause]CauseInfo {
	table := make(map[Cause]CauseInfo, len(causes))
	for _, row := range causes {
		table[row.Cause] = row
	}
	return table
}()
