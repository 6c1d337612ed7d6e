package atlassian

// Cause names why the audit log could not be read. The text is stable, so that programs can match
// it.
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
	CausePasswordsOff   Cause = "passwords-off"
	CausePATAsPassword  Cause = "token-as-password"
	CauseNotAdmin       Cause = "not-administrator"
	CauseNoAccess       Cause = "no-confluence-access"
	CauseNoJiraAccess   Cause = "no-jira-access"
	CauseForbidden      Cause = "forbidden"
	CauseIPBlocked      Cause = "ip-allow-list"
	CauseFreePlan       Cause = "free-plan"
	CauseNoConfluence   Cause = "no-confluence"
	CauseNoJira         Cause = "no-jira"
	CauseNoOrganization Cause = "no-organization"
	CauseOrgID          Cause = "organization-id"
	CauseNoGuard        Cause = "no-guard"
	CauseSiteToken      Cause = "site-token"
	CauseUnknownCloud   Cause = "unknown-cloud"
	CauseAPIAway        Cause = "api-away"
	CauseGone           Cause = "api-retired"
	CauseDeprecated     Cause = "api-deprecated"
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
	Cause   Cause
	Example string // the message an operator sees, for acme.atlassian.net or wiki.example.com
	Remedy  string
	traits
}

// traits are what the program has to know about a cause.
type traits struct {
	// Temporary: it may pass by itself, so the usual back-off is right.
	Temporary bool

	// elsewhere: another route or credential may work. The gateway is tried after the site, and the
	// route to the API is looked for again.
	elsewhere bool

	// step is what the refusal is about: StepCredential, StepPermission or neither (empty).
	step string

	// proves: a server sends it only after it has accepted the credential.
	proves bool
}

// What a refusal is about.
const (
	StepCredential = "credential"
	StepPermission = "permission"
)

var (
	nothing      = traits{}
	temporary    = traits{Temporary: true}
	elsewhere    = traits{elsewhere: true}
	ofCredential = traits{step: StepCredential}
	unaccepted   = traits{elsewhere: true, step: StepCredential}
	unpermitted  = traits{elsewhere: true, step: StepPermission}
	acceptedBut  = traits{elsewhere: true, step: StepPermission, proves: true}
)

// Causes returns the table of all causes, in a fixed order.
func Causes() []CauseInfo { return append([]CauseInfo(nil), causes...) }

var causes = []CauseInfo{
	{CauseCredentials, "acme.atlassian.net refused the e-mail and API token",
		"check the credential for typing errors, that user_identifier is the e-mail (Cloud) or user name (Data Center) of the account that made it, and make a new one if in doubt", unaccepted},
	{CauseExpired, "acme.atlassian.net refuses the e-mail and API token, which it accepted before",
		"the credential expired or was revoked: make a new one and put it in place", unaccepted},
	{CauseAnonymous, "acme.atlassian.net answers as if nobody had logged in (login AUTHENTICATED_FAILED)",
		"the credential is wrong, expired or revoked: make a new one and put it in place", unaccepted},
	{CauseScope, "api.atlassian.com says the scopes of the credential do not allow reading the audit log",
		"make a token for the product that is read, with the scopes of its audit log", acceptedBut},
	{CauseScopedAtSite, "acme.atlassian.net refused the e-mail and API token, and route site is set",
		"a token with scopes works at the gateway only: leave route out or set route gateway; if the token has no scopes, check e-mail and token", unaccepted},
	{CauseCredentialKind, "acme.atlassian.net is Confluence Cloud, which has no personal access tokens",
		"use user_identifier and api_token or client_id and client_secret on Cloud, personal_access_token on Data Center", ofCredential},
	{CauseSecretFile, "read secret file: open /run/secrets/token: no such file or directory",
		"make the file readable for the user that runs this program, and have only the secret in it", ofCredential},
	{CausePasswordsOff, "wiki.example.com accepts no passwords: Basic authentication is switched off there",
		"make a personal access token and set personal_access_token in place of user_identifier and api_token", ofCredential},
	{CausePATAsPassword, "wiki.example.com refused the user name and password, and the password looks like a personal access token",
		"set personal_access_token to it, and remove user_identifier and api_token", ofCredential},
	{CauseNotAdmin, "the account may not read the audit log of acme.atlassian.net",
		"make the account an administrator of the product", acceptedBut},
	{CauseNoAccess, "the account may not use Confluence at acme.atlassian.net",
		"give the account access to Confluence and make it a Confluence administrator", unpermitted},
	{CauseNoJiraAccess, "the account may not use Jira at acme.atlassian.net",
		"give the account access to Jira and the global permission Administer Jira", unpermitted},
	{CauseForbidden, "acme.atlassian.net refuses access to the audit log",
		"act on what the server says; if it says nothing, check that the account is an administrator of the product and that no firewall or proxy answers in its place", unpermitted},
	{CauseIPBlocked, "acme.atlassian.net blocks requests from the address of this machine",
		"put the address under which this machine reaches the internet on the site's IP allow list (Cloud: admin.atlassian.com, Security, IP allowlists)", nothing},
	{CauseFreePlan, "acme.atlassian.net is on the Free plan, which has no audit log",
		"upgrade the product to Standard or higher", traits{step: StepPermission}},
	{CauseNoConfluence, "there is no Confluence at acme.atlassian.net",
		"check api_url; the site may have other Atlassian products only", elsewhere},
	{CauseNoJira, "there is no Jira at acme.atlassian.net",
		"check api_url; the site may have other Atlassian products only", elsewhere},
	{CauseNoOrganization, "api.atlassian.com knows no organization 22222222-3333-4444-8555-666666666666",
		"set org_id to the id in the address of admin.atlassian.com, behind /o/, and make the API key in that organization", traits{step: StepPermission}},
	{CauseOrgID, "the API key lists no organization, and org_id is not set",
		"set org_id to the id in the address of admin.atlassian.com, behind /o/: a key that is bound to one organization lists none, not even that one", nothing},
	{CauseNoGuard, "the organization has no audit log: it needs Atlassian Guard",
		"subscribe to Atlassian Guard Standard or Premium, or to the Enterprise plan of a product; until then leave out this input: the logs of Confluence and Jira need no Guard", traits{step: StepPermission, proves: true}},
	{CauseSiteToken, "api.atlassian.com refused the API key, which looks like the API token of a person",
		"make an API key at admin.atlassian.com, Settings, API keys, with the scope read:events:admin: the API token of an account opens sites, not the organization", ofCredential},
	{CauseUnknownCloud, "the API gateway for docs.example.com is not known",
		"set gateway_url, for a service account token_url too: https://api.atlassian.com and https://auth.atlassian.com/oauth/token for a site of Atlassian's commercial cloud, those of its own cloud for others", nothing},
	{CauseAPIAway, "wiki.example.com has no audit log API at the moment, though Confluence 9.2.4 has one",
		"nothing to do while the server starts or is under maintenance: reading goes on by itself; if it stays, check that the site still has that address, and that on a Data Center the app Auditing is enabled", temporary},
	{CauseGone, "acme.atlassian.net has retired this API",
		"update this program: Atlassian has replaced what it asks for", nothing},
	{CauseDeprecated, "acme.atlassian.net announces the end of /wiki/rest/api/audit: deprecated since 2026-01-01, works until 2027-01-01",
		"update this program before that day", nothing},
	{CauseAuditOff, "the audit log of wiki.example.com is switched off",
		"set the coverage of the audit log in its settings (Administration, Audit log, Settings)", nothing},
	{CauseCoverage, "the audit log of wiki.example.com leaves events out: PERMISSIONS base, SECURITY off",
		"raise the coverage of these areas to full in the settings of the audit log if the events matter to you", nothing},
	{CauseLoginPage, "wiki.example.com answers with a login page",
		"check the credential; if single sign-on or a proxy in front asks for a login, let the REST API through", unaccepted},
	{CauseWrongAddress, "wiki.example.com has no audit log API",
		"set api_url to the address that the browser shows: host, and on a Data Center the context path (such as /confluence or /jira), without what follows", elsewhere},
	{CauseRedirect, "wiki.example.com redirects to https://elsewhere.example.com",
		"the input does not send credentials to another address: set api_url to the real address of the product", elsewhere},
	{CauseNotAuditList, `wiki.example.com answers with something that is not the audit log: "{\"hello\":1}"`,
		"check that api_url is the address of the product itself; a proxy or a maintenance page may answer in its place", nothing},
	{CauseTooLarge, "wiki.example.com sends more than 16 MiB, and more records than it was asked for",
		"a cache or proxy may ignore the query: let the REST API through unchanged", nothing},
	{CauseEndless, "wiki.example.com sends page after page without progress",
		"a cache or proxy may ignore the query: let the REST API through unchanged", nothing},
	{CauseBadRequest, "wiki.example.com does not accept the request",
		"check api_url and page_size; a proxy may change requests", nothing},
	{CauseDNS, "the host name acme.atlassian.net cannot be found",
		"check api_url and the name servers of this machine", temporary},
	{CauseRefused, "wiki.example.com refuses the connection",
		"check host and port of api_url, and that nothing on the way blocks them", temporary},
	{CauseTimeout, "wiki.example.com did not answer within 60s",
		"check firewalls and proxy; raise timeout or lower page_size if the server is slow", temporary},
	{CauseNetwork, "the connection to wiki.example.com broke (unexpected EOF)",
		"reading goes on by itself; if it stays, check network and proxy", temporary},
	{CauseTLSAuthority, "the certificate of wiki.example.com is signed by an authority that is not trusted here",
		"set ca_file to the PEM file of that authority", nothing},
	{CauseTLSHostName, "the certificate of wiki.example.com is for another host name",
		"set api_url to a name that is in the certificate", nothing},
	{CauseTLSExpired, "the certificate of wiki.example.com has expired or is not valid yet",
		"renew the certificate; check the clock of this machine too", nothing},
	{CauseTLS, "no secure connection to wiki.example.com can be made (http: server gave HTTP response to HTTPS client)",
		"check that api_url is right (does the server really have https?) and that no proxy breaks TLS", nothing},
	{CauseProxy, "the proxy proxy.example.com refuses to connect: 407 Proxy Authentication Required",
		"check proxy, its user and password, and that it lets requests through to the host", nothing},
	{CauseRateLimited, "acme.atlassian.net limits the rate of requests, and asks to wait for 1m0s",
		"nothing to do: reading goes on by itself; if it happens often, raise poll_interval", temporary},
	{CauseServer, "acme.atlassian.net has an internal error",
		"nothing to do: reading goes on when the server has recovered", temporary},
	{CauseClock, "the clock of acme.atlassian.net is 10m0s ahead of ours",
		"set the clock of this machine (NTP); the clock of the server decides what is read", temporary},
	{CauseMoved, "records of wiki.example.com moved while they were read",
		"nothing to do: the same window is read again", temporary},
}

// Remedies for a refused credential that has no user_identifier, in place of the table's.
const (
	remedyPersonalAccessToken = "check personal_access_token for typing errors and that it has not expired, and make a new one if in doubt"
	remedyTokenAlone          = "set user_identifier to the e-mail of the account that made the token: without it only the token of a service account works; if it is one, make a new one"
	remedyOAuthClient         = "check client_id and client_secret for typing errors, and make new ones if in doubt"
)

var causeTable = func() map[Cause]CauseInfo {
	table := make(map[Cause]CauseInfo, len(causes))
	for _, row := range causes {
		table[row.Cause] = row
	}
	return table
}()

// Elsewhere reports whether another route or credential may work.
func (c Cause) Elsewhere() bool { return causeTable[c].elsewhere }

// Proves reports whether a server sends this cause only after it has accepted the credential.
func (c Cause) Proves() bool { return causeTable[c].proves }

// About returns what the refusal is about: StepCredential, StepPermission, or "".
func (c Cause) About() string { return causeTable[c].step }
