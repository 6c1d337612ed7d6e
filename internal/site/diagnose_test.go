package site_test

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Other answers that have the causes of the table.
func TestDiagnose(t *testing.T) {
	t.Parallel()
	const html = "Content-Type"
	tests := []struct {
		name    string
		Options atlassian.Options
		handler http.HandlerFunc
		want    atlassian.Cause
		says    string // part of the message or remedy
	}{
		{"CAPTCHA", center, reply(401, "<html>", failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"CAPTCHA with 403", center, reply(403, "<html>", failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"CAPTCHA with 200", center, reply(200, "{}", failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"401 that names the user", center, reply(401, `{"message":"no"}`, "X-AUSERNAME", "auditor"), atlassian.CauseNotAdmin, "may not read the audit log"},
		{"401 that names the user of a failed login", center, reply(401, "", "X-AUSERNAME", "auditor", failed, "AUTHENTICATED_FAILED"), atlassian.CauseCredentials, "user name and password"},
		{"HTML with 401", center, reply(401, "<html><title>Log In</title>", html, "text/html", failed, "AUTHENTICATED_FAILED"), atlassian.CauseCredentials, "user name and password"},
		{"PAT refused", atlassian.Options{APIURL: center.APIURL, Deployment: atlassian.DeploymentDataCenter, PersonalAccessToken: atlassian.NewSecret("x")}, reply(401, ""), atlassian.CauseCredentials, "refused the personal access token: check personal_access_token for typing errors and that"},
		{"PAT of two lines", atlassian.Options{APIURL: center.APIURL, Deployment: atlassian.DeploymentDataCenter, PersonalAccessToken: atlassian.NewSecret("a\nb")}, reply(200, ""), atlassian.CauseCredentials, "line break or the like: check personal_access_token"},
		{"403 after a failed login", center, reply(403, "", failed, "AUTHENTICATED_FAILED"), atlassian.CauseCredentials, ""},
		{"403 for scopes", center, reply(403, "", "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK"), atlassian.CauseScope, ""},
		{"200 as anonymous", center, reply(200, `{"entities":[],"pagingInfo":{"lastPage":true}}`, "X-AUSERNAME", "anonymous"), atlassian.CauseAnonymous, "nobody had logged in"},
		{"anonymous user", center, reply(200, `{"type":"anonymous"}`), atlassian.CauseAnonymous, ""},
		{"HTML that is no login", center, reply(200, "<html><title>Maintenance</title>"), atlassian.CauseNotAuditList, "<html><title>Maintenance"},
		{"redirect to a login page of its own", center, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login.action" {
				reply(200, `<html><head><title>Anmelden</title></head><body><div id="root"></div></body></html>`, html, "text/html")(w, r)
				return
			}
			http.Redirect(w, r, "/login.action?os_destination=%2Frest", http.StatusFound)
		}, atlassian.CauseLoginPage, ""},
		{"nothing at all", center, reply(200, ""), atlassian.CauseNotAuditList, "nothing at all"},
		{"control characters", center, reply(200, "a\x1b[31m\nb\u2028c"), atlassian.CauseNotAuditList, `"a [31m b c"`},
		{"long text", center, reply(200, strings.Repeat("x", 500)), atlassian.CauseNotAuditList, strings.Repeat("x", 80) + "…"},
		{"cut page", center, reply(200, `{"entities":[{"a":1`), atlassian.CauseNotAuditList, ""},
		{"gateway knows no site", with(cloud, func(o *atlassian.Options) { o.Route, o.CloudID = atlassian.RouteGateway, "some-id" }), http.NotFound, atlassian.CauseNoConfluence, "cloud id some-id"},
		{"no cloud id to be had", with(cloud, func(o *atlassian.Options) { o.Route, o.Deployment = atlassian.RouteGateway, atlassian.DeploymentCloud }), http.NotFound, atlassian.CauseWrongAddress, "set cloud_id"},
		{"plain proxy refuses", center, reply(407, ""), atlassian.CauseProxy, "407"},
		{"method not allowed", center, reply(405, ""), atlassian.CauseBadRequest, ""},
		{"403 for rights", center, reply(403, "", failed, "AUTHORISATION_FAILED"), atlassian.CauseNotAdmin, ""},
		{"403 of the auditing API", center, reply(403, `{"message":"The user is not allowed to view audit events","status-code":403}`), atlassian.CauseNotAdmin, ""},
		{"403 as anonymous", center, reply(403, `{"message":"The user is not allowed to view audit events","status-code":403}`, "X-AUSERNAME", "anonymous"), atlassian.CauseAnonymous, "nobody had logged in"},
		{"site is down at start", cloud, reply(503, ""), atlassian.CauseServer, ""},
		{"bad gateway", center, reply(502, "<html>"), atlassian.CauseServer, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := read(t.Context(), scenario{Options: tt.Options, handler: tt.handler}.start(t))
			if atlassian.CauseOf(err) != tt.want || err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("cause %q: %v\nwant %q saying %q", atlassian.CauseOf(err), err, tt.want, tt.says)
			}
		})
	}
}

// What a server refuses to a client that it has answered before.
func TestDiagnoseLater(t *testing.T) {
	t.Parallel()
	const notAllowed = `{"message":"The user is not allowed to view audit events","status-code":403}`
	tests := []struct {
		name  string
		later http.HandlerFunc
		want  atlassian.Cause
		says  string
	}{
		{"CAPTCHA, the password is right", reply(401, "<html>", failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"CAPTCHA with 403", reply(403, "", failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"CAPTCHA with 200", reply(200, `{"entities":[]}`, failed, "AUTHENTICATION_DENIED"), atlassian.CauseCredentials, "answer the CAPTCHA"},
		{"403 as anonymous", reply(403, notAllowed, "X-AUSERNAME", "anonymous"), atlassian.CauseAnonymous, "nobody had logged in"},
		{"403 of the auditing API", reply(403, notAllowed, "X-AUSERNAME", "admin"), atlassian.CauseNotAdmin, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			first := reply(200, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`)
			c := scenario{Options: center, handler: onceSite(first, tt.later)}.start(t)
			if _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			err := read(t.Context(), c)
			if atlassian.CauseOf(err) != tt.want || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("cause %q: %v\nwant %q saying %q", atlassian.CauseOf(err), err, tt.want, tt.says)
			}
		})
	}
}

// The wrapped error can be found with errors.Is, although its text is scrubbed.
func TestErrorWraps(t *testing.T) {
	t.Parallel()
	all := scenarios(t)
	if err := read(t.Context(), all[atlassian.CauseRefused].start(t)); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v is not ECONNREFUSED", err)
	}
	var dns *net.DNSError
	if err := read(t.Context(), all[atlassian.CauseDNS].start(t)); !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("%v is no DNSError", err)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	c := scenario{Options: center, handler: reply(500, "", "Atl-Traceid", "0af7651916cd43dd8448eb211c80319c", "Retry-After", "9")}.start(t)
	err := read(t.Context(), c)
	want := "wiki.example.com has an internal error: nothing to do: reading goes on when the server has recovered (HTTP 500, trace 0af7651916cd43dd8448eb211c80319c)"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
	var e *atlassian.Error
	if errors.As(err, &e); e.RetryAfter != 9*time.Second {
		t.Errorf("retry after %v", e.RetryAfter)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]time.Duration{
		`{"number":1,"units":"YEARS"}`:          365 * day,
		`{"number":3,"units":"MONTHS"}`:         84 * day,
		`{"number":12,"units":"MONTHS"}`:        365 * day,
		`{"number":18,"units":"MONTHS"}`:        (365 + 6*28) * day,
		`{"units":"DAYS","number":30}`:          30 * day,
		`{"number":2147483647,"units":"YEARS"}`: 106751 * day, // the longest Duration
		`{"number":1,"units":"FOREVER"}`:        0,
		`{}`:                                    0,
	} {
		c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/rest/api/audit/retention") {
				reply(200, body)(w, r)
				return
			}
			reply(200, emptyPage)(w, r)
		}, atlassian.Options{})
		got, err := c.Retention(t.Context())
		if err != nil || got.Truncate(day) != want && want != 106751*day || want == 106751*day && got < 100*365*day {
			t.Errorf("%s: %v, %v; want %v", body, got, err, want)
		}
	}
	// A scoped token may be refused here and still read records.
	c := cloudClient(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/retention") {
			reply(403, "")(w, r)
			return
		}
		reply(200, emptyPage)(w, r)
	}, atlassian.Options{})
	if got, err := c.Retention(t.Context()); got != 0 || err != nil {
		t.Errorf("refused: %v, %v", got, err)
	}
}
