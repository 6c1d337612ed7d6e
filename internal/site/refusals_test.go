package site_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
)

const (
	notPermittedBody = `{"message":"Current user not permitted to use Confluence","statusCode":403}`
	tomcatPage       = `<!doctype html><html lang="en"><head><title>HTTP Status 403 – Forbidden</title><style type="text/css">body {font-family:Tahoma}</style></head>` +
		`<body><h1>HTTP Status 403 – Forbidden</h1><hr class="line" /><p><b>Type</b> Status Report</p><p><b>Description</b> The server understood the request but refuses to authorize it.</p></body></html>`
	proxyPage = `<HTML><HEAD><TITLE>Access Denied</TITLE><script>var x="no words";</script></HEAD><BODY>` +
		`<H1>Access Denied</H1> You don&#39;t have permission to access this server.<P>Reference&#32;&#35;18&#46;2d</BODY></HTML>`
)

// Whatever refuses, the error ends with its own words.
func TestServersWords(t *testing.T) {
	t.Parallel()
	oauth := atlassian.Options{APIURL: "http://api.atlassian.com/ex/confluence/" + testCloudID, ClientID: "id", ClientSecret: atlassian.NewSecret("client-s3cret"),
		TokenURL: "http://auth.atlassian.com/oauth/token"}
	long := strings.Repeat("word ", 200)
	tests := []struct {
		name    string
		Options atlassian.Options
		handler http.HandlerFunc
		cause   atlassian.Cause
		said    string
	}{
		{"Confluence's JSON", center, reply(403, `{"statusCode":403,"data":{"authorized":false,"errors":[]},"message":"com.atlassian.confluence.api.service.exceptions.PermissionException: User is not permitted to view the audit log"}`),
			atlassian.CauseNotAdmin, "com.atlassian.confluence.api.service.exceptions.PermissionException: User is not permitted to view the audit log"},
		{"errors within data", center, reply(400, `{"statusCode":400,"data":{"errors":[{"message":{"translation":"limit is too large","args":[]}}]}}`), atlassian.CauseBadRequest, "limit is too large"},
		{"Jira's JSON", center, reply(403, `{"errorMessages":["You do not have permission.","Ask somebody."],"errors":{}}`), atlassian.CauseNotAdmin, "You do not have permission.; Ask somebody."},
		{"problem details", center, reply(400, `{"type":"about:blank","title":"Bad Request","detail":"from is after to"}`), atlassian.CauseBadRequest, "from is after to"},
		{"gateway", with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteGateway }), cloudSite(nil, reply(401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")),
			atlassian.CauseScope, "Unauthorized; scope does not match (FAILURE_CLIENT_SCOPE_CHECK)"},
		{"gateway's limit", cloud, cloudSite(reply(429, `{"code":429,"message":"Rate limit exceeded"}`, "RateLimit-Reason", "conf-global-based"), nil), atlassian.CauseRateLimited, "Rate limit exceeded (conf-global-based)"},
		{"OAuth", oauth, reply(401, `{"error":"access_denied","error_description":"The client secret has expired"}`), atlassian.CauseCredentials, "The client secret has expired (access_denied)"},
		{"OAuth, the code alone", oauth, reply(400, `{"error":"invalid_client"}`), atlassian.CauseCredentials, "invalid_client"},
		{"Tomcat", center, reply(403, tomcatPage, "Content-Type", "text/html;charset=utf-8"), atlassian.CauseForbidden,
			"HTTP Status 403 – Forbidden Type Status Report Description The server understood the request but refuses to authorize it."},
		{"a proxy in front", center, reply(403, proxyPage), atlassian.CauseForbidden, "Access Denied You don't have permission to access this server. Reference #18.2d"},
		{"wrong password", center, reply(401, `<html><head><title>Unauthorized (401)</title></head><body>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</body></html>`, failed, "AUTHENTICATED_FAILED"),
			atlassian.CauseCredentials, "Unauthorized (401): Basic Authentication Failure - Reason : AUTHENTICATED_FAILED"},
		{"XML", center, reply(401, `<?xml version="1.0"?><status><status-code>401</status-code><message>Client must be authenticated to access this resource.</message></status>`),
			atlassian.CauseCredentials, "401 Client must be authenticated to access this resource."},
		{"IP allow list in HTML", center, reply(403, `<html><p>Your IP address has been rejected by the IP allowlist</p>`), atlassian.CauseIPBlocked, "Your IP address has been rejected by the IP allowlist"},
		{"passwords are off, 401", center, reply(401, `<html>Basic authentication is disabled`), atlassian.CausePasswordsOff, "Basic authentication is disabled"},
		{"retired, in HTML", center, reply(410, `<title>Gone</title>This API was removed`), atlassian.CauseGone, "Gone: This API was removed"},
		{"maintenance", center, reply(503, `<html><title>Maintenance until 12:00</title>`), atlassian.CauseServer, "Maintenance until 12:00"},
		{"plain text", center, reply(400, "no such\x1b[31m\r\n\tthing"), atlassian.CauseBadRequest, "no such [31m thing"},
		{"no more than a line", center, reply(400, long), atlassian.CauseBadRequest, long[:atlassian.MaxSaid] + "…"},
		{"login page", center, reply(200, `<html><title>Sign in to Okta</title><input type="password">`), atlassian.CauseLoginPage, "Sign in to Okta"},
		{"nothing", center, reply(403, ""), atlassian.CauseForbidden, ""},
		{"no words", center, reply(403, "{}"), atlassian.CauseForbidden, ""},
		{"JSON without words", center, reply(400, `{"a":[1]}`), atlassian.CauseBadRequest, `{"a":[1]}`},
		{"known to Confluence, refused without a word", center, reply(403, "", "X-AUSERNAME", "bob"), atlassian.CauseNotAdmin, ""},
		{"known to Confluence, refused by a page that says so only", center, reply(403, "<html><title>HTTP Status 403 – Forbidden</title><h1>HTTP Status 403 – Forbidden</h1>", "X-AUSERNAME", "bob"), atlassian.CauseNotAdmin, "HTTP Status 403 – Forbidden"},
		{"the same of anybody", center, reply(403, "<html><title>403 Forbidden</title><center>nginx</center>"), atlassian.CauseForbidden, "403 Forbidden: nginx"},
		{"a reason beside the status", center, reply(403, "<html><title>403 Forbidden</title>License expired", "X-AUSERNAME", "bob"), atlassian.CauseForbidden, "403 Forbidden: License expired"},
		{"a login of Windows", center, reply(401, "", "WWW-Authenticate", "Negotiate"), atlassian.CauseLoginPage, ""},
		{"a site that was not paid for", center, reply(402, `{"message":"the site is suspended"}`), atlassian.CauseBadRequest, "the site is suspended"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := read(t.Context(), scenario{Options: tt.Options, handler: tt.handler}.start(t))
			var e *atlassian.Error
			if !errors.As(err, &e) || e.Cause != tt.cause || e.Said != tt.said {
				t.Fatalf("cause %q, said %q: %v\nwant %q, %q", atlassian.CauseOf(err), asError(err).Said, err, tt.cause, tt.said)
			}
			if end := fmt.Sprintf(`; the server says "%s"`, tt.said); tt.said != "" && !strings.HasSuffix(err.Error(), end) {
				t.Errorf("%q does not end with %q", err, end)
			}
		})
	}
}

// The remedy fits the refusal.
func TestRemedies(t *testing.T) {
	t.Parallel()
	scope := reply(401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")
	oauth := with(cloud, func(o *atlassian.Options) {
		o.ClientID, o.ClientSecret, o.TokenURL = "id", atlassian.NewSecret("client-s3cret"), "http://auth.atlassian.com/oauth/token"
	})
	for name, tt := range map[string]struct {
		Options atlassian.Options
		handler http.HandlerFunc
		remedy  string
	}{
		"not paid for":       {center, reply(402, `{"message":"suspended"}`), "act on what the server says"},
		"bad request":        {center, reply(400, ""), "check api_url and page_size"},
		"scope":              {cloud, cloudSite(reply(401, ""), scope), "make a token for Confluence, not for Jira"},
		"scope of OAuth":     {oauth, tokenFirst(cloudSite(reply(401, ""), scope)), "make a new OAuth credential for the service account"},
		"a login of Windows": {center, reply(401, "", "WWW-Authenticate", "NTLM"), "check the credential; if single sign-on or a proxy"},
		"one of several kinds": {center, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("WWW-Authenticate", "Negotiate")
			w.Header().Add("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(401)
		}, "check the credential for typing errors"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := read(t.Context(), scenario{Options: tt.Options, handler: tt.handler}.start(t))
			if got := asError(err).Remedy; !strings.HasPrefix(got, tt.remedy) {
				t.Errorf("remedy %q, want %q", got, tt.remedy)
			}
		})
	}
}

// tokenFirst adds a token endpoint to a handler.
func tokenFirst(site http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			fmt.Fprint(w, `{"access_token":"access-t0ken-0815","expires_in":3600}`)
			return
		}
		site(w, r)
	}
}

// The words of a proxy that refuses to connect are quoted too.
func TestProxysWords(t *testing.T) {
	t.Parallel()
	proxy := serve(t, reply(403, `<html><title>ERROR: Access denied</title><p>acme.atlassian.net is not on the list</p></html>`, "Content-Type", "text/html"))
	c := newClient(t, atlassian.Options{APIURL: "https://acme.atlassian.net", Proxy: proxy.URL})
	_, err := c.Connect(t.Context())
	if atlassian.CauseOf(err) != atlassian.CauseProxy || !strings.HasSuffix(err.Error(), `; the server says "ERROR: Access denied: acme.atlassian.net is not on the list"`) {
		t.Errorf("error %v", err)
	}
}

// If both routes refuse, the likelier cause comes first, judged by the evidence.
func TestBothRefuse(t *testing.T) {
	t.Parallel()
	scope := reply(401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")
	tests := []struct {
		name          string
		site, gateway http.HandlerFunc
		cause         atlassian.Cause
		says          []string
	}{
		{"the gateway knows the token", reply(403, notPermittedBody), scope, atlassian.CauseScope,
			[]string{"api.atlassian.com says the scopes", "and the account may not use Confluence at acme.atlassian.net", "read:audit-log:confluence; if that is not it: give the account access"}},
		{"the site names the account", reply(403, notPermittedBody, "X-AUSERNAME", "bob"), scope, atlassian.CauseNoAccess,
			[]string{"the account may not use Confluence at acme.atlassian.net; and api.atlassian.com says the scopes", "give the account access"}},
		{"the site says that the login worked", reply(403, notPermittedBody, failed, "OK"), scope, atlassian.CauseNoAccess, nil},
		{"the gateway knows nothing", reply(403, notPermittedBody), mismatch, atlassian.CauseNoAccess,
			[]string{"; and api.atlassian.com refused the e-mail and API token", "FAILURE_CLIENT_AUTH_MISMATCH"}},
		{"login failed at the site", reply(403, notPermittedBody, failed, "AUTHENTICATED_FAILED"), scope, atlassian.CauseScope, []string{"says the scopes of the credential do not allow reading the audit log: make a token"}},
		{"nobody knows the token", reply(401, ""), mismatch, atlassian.CauseCredentials, []string{"acme.atlassian.net refused the e-mail and API token: check"}},
		{"firewall at the site", reply(403, "<html>blocked"), mismatch, atlassian.CauseForbidden, []string{"and api.atlassian.com refused"}},
		{"gateway is ill", reply(401, ""), reply(502, ""), atlassian.CauseServer, []string{"api.atlassian.com has an internal error; before that, acme.atlassian.net refused the e-mail and API token"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := scenario{Options: cloud, handler: cloudSite(tt.site, tt.gateway)}.start(t)
			_, err := c.Connect(t.Context())
			if atlassian.CauseOf(err) != tt.cause {
				t.Fatalf("cause %q, want %q: %v", atlassian.CauseOf(err), tt.cause, err)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}

// A step of check is ok only if an answer proves it.
func TestCheckProves(t *testing.T) {
	t.Parallel()
	scope := reply(401, "", "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK")
	tests := []struct {
		name    string
		Options atlassian.Options
		handler http.HandlerFunc
		want    []string
	}{
		{"passwords off", center, reply(403, `{"message":"Basic Authentication has been disabled on this instance."}`), []string{
			"deployment: skip, Confluence Data Center, as it seems: the server does not tell", "route: skip", "credential: fail"}},
		{"not permitted", with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteSite }), cloudSite(reply(403, notPermittedBody), nil), []string{
			"route: skip", "credential: skip, the refusal does not tell whether it was accepted", "permission: fail"}},
		{"not permitted, and named", with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteSite }), cloudSite(reply(403, notPermittedBody, "X-AUSERNAME", "bob"), nil), []string{
			"route: ok", "credential: ok, accepted", "permission: fail"}},
		{"scope", cloud, cloudSite(reply(401, ""), scope), []string{"route: ok, gateway", "credential: ok, accepted", "permission: fail"}},
		{"firewall", center, reply(403, proxyPage), []string{"route: skip", "credential: skip", "permission: fail"}},
		{"IP allow list", center, reply(403, `{"message":"The IP address has been rejected"}`), []string{"route: fail"}},
		{"cloud id is set and the site tells none", with(cloud, func(o *atlassian.Options) { o.CloudID = "set" }), pages("/none", "", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == tenantPath {
				http.NotFound(w, r)
				return
			}
			reply(200, emptyPage)(w, r)
		}), []string{"deployment: skip, Confluence Cloud, as it seems", "cloud id: skip, set, as set: the site does not tell", "route: ok, site"}},
		{"cloud id of another site", with(cloud, func(o *atlassian.Options) { o.CloudID = "set" }), cloudSite(reply(200, emptyPage), nil), []string{"cloud id: warn, set, as set, is not that of the site"}},
		{"the API ends", cloud, cloudSite(reply(200, emptyPage, "Sunset", "Fri, 01 Jan 2027 00:00:00 GMT"), nil), []string{"route: warn", "[api-deprecated]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			steps := checked(t, scenario{Options: tt.Options, handler: tt.handler}.start(t))
			for _, want := range tt.want {
				if !slices.ContainsFunc(steps, func(step string) bool { return strings.Contains(step, want) }) {
					t.Errorf("no %q in:\n%s", want, strings.Join(steps, "\n"))
				}
			}
		})
	}
}

// An API token that is refused with its user is sent without it, and so are all later requests.
func TestBearerOnce(t *testing.T) {
	t.Parallel()
	var sent []string
	site := func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			t.Error("the site is sent the token alone")
		}
		reply(401, "")(w, r)
	}
	c := scenario{Options: cloud, handler: cloudSite(site, func(w http.ResponseWriter, r *http.Request) {
		kind, _, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		sent = append(sent, kind)
		accepting("Bearer "+testToken)(w, r)
	})}.start(t)
	for range 3 {
		if err := read(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	c.Check(t.Context(), func(Step) {}) // looks for the route again: what worked comes first
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(slices.Compact(sent), " "); got != "Basic Bearer" {
		t.Errorf("sent %q", sent)
	}
	// The site never gets the token without its user.
	c = scenario{Options: atlassian.Options{APIURL: cloud.APIURL, APIToken: atlassian.NewSecret(testToken)}, handler: cloudSite(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the site is asked with %q", r.Header.Get("Authorization"))
	}, mismatch)}.start(t)
	err := read(t.Context(), c)
	if atlassian.CauseOf(err) != atlassian.CauseCredentials || !strings.Contains(err.Error(), "refused the API token without user_identifier: set user_identifier") {
		t.Errorf("error %v", err)
	}
}
