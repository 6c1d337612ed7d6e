package site_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
)

// scenario produces one cause over real HTTP.
type scenario struct {
	Options atlassian.Options
	tls     bool // the server speaks TLS with httptest's certificate
	handler http.HandlerFunc
	dial    func(context.Context, string, string) (net.Conn, error) // instead of to the server
	prepare func(*testing.T, *Client, *httptest.Server)
	run     func(context.Context, *Client) error // default: Read
}

func read(ctx context.Context, c *Client) error {
	return c.Read(ctx, time.Time{}, Epoch, func(atlassian.Record) error { return nil })
}

// checkStep runs Check and returns the error of a step.
func checkStep(name string) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		var err error
		c.Check(ctx, func(s Step) {
			if s.Name == name && s.Err != nil {
				err = s.Err
			}
		})
		return err
	}
}

// cloudSite answers as a site with Confluence. Its audit API and its gateway answer with the
// handlers given.
func cloudSite(site, gateway http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/_edge/tenant_info":
			fmt.Fprint(w, `{"cloudId":"11111111-2222-4333-8444-555555555555","cloudName":"acme"}`)
		case r.Host == "api.atlassian.com":
			gateway(w, r)
		default:
			site(w, r)
		}
	}
}

func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// once answers the first request with one handler and the others with another.
func once(first, then http.HandlerFunc) http.HandlerFunc {
	used := make(chan struct{}, 1)
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case used <- struct{}{}:
			first(w, r)
		default:
			then(w, r)
		}
	}
}

const emptyPage = `{"results":[],"start":0,"limit":1,"size":0,"_links":{}}`

var (
	// testPAT has the shape of a Data Center's personal access token.
	testPAT = base64.StdEncoding.EncodeToString([]byte("012345678901:\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"))

	mismatch = reply(401, `{"code":401,"message":"Unauthorized"}`, "X-Failure-Category", "FAILURE_CLIENT_AUTH_MISMATCH")
	failed   = "X-Seraph-LoginReason"
	cloud    = atlassian.Options{APIURL: "http://acme.atlassian.net/wiki/"}
	center   = atlassian.Options{APIURL: "http://wiki.example.com", Deployment: atlassian.DeploymentDataCenter}
	secure   = atlassian.Options{APIURL: "https://wiki.example.com", Deployment: atlassian.DeploymentDataCenter}
)

func with(o atlassian.Options, change func(*atlassian.Options)) atlassian.Options {
	change(&o)
	return o
}

func scenarios(t *testing.T) map[atlassian.Cause]scenario {
	coverage := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			switch {
			case strings.HasSuffix(r.URL.Path, "/configuration/coverage"):
				fmt.Fprint(w, body)
			case strings.HasSuffix(r.URL.Path, "/events"):
				fmt.Fprint(w, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`)
			default:
				http.NotFound(w, r)
			}
		}
	}
	return map[atlassian.Cause]scenario{
		atlassian.CauseCredentials: {Options: cloud, handler: cloudSite(reply(401, "<html>Basic auth failed</html>"), mismatch)},
		atlassian.CauseExpired: {Options: cloud, handler: cloudSite(once(reply(200, emptyPage), reply(401, "")), mismatch),
			run: func(ctx context.Context, c *Client) error {
				if _, err := c.Connect(ctx); err != nil {
					return err
				}
				return read(ctx, c)
			}},
		atlassian.CauseAnonymous: {Options: cloud, handler: cloudSite(reply(200, emptyPage, failed, "AUTHENTICATED_FAILED"), mismatch)},
		atlassian.CauseScope: {Options: cloud, handler: cloudSite(reply(401, ""),
			reply(401, `{"code":401,"message":"Unauthorized; scope does not match"}`, "X-Failure-Category", "FAILURE_CLIENT_SCOPE_CHECK"))},
		atlassian.CauseScopedAtSite:   {Options: with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteSite }), handler: cloudSite(reply(401, ""), reply(200, emptyPage))},
		atlassian.CauseCredentialKind: {Options: with(cloud, func(o *atlassian.Options) { o.PersonalAccessToken = atlassian.NewSecret("pat") }), handler: cloudSite(mismatch, mismatch)},
		atlassian.CauseSecretFile: {Options: with(cloud, func(o *atlassian.Options) {
			o.UserIdentifier, o.APIToken = testUser, atlassian.SecretFile("/run/secrets/token")
		}), handler: cloudSite(mismatch, mismatch)},
		atlassian.CauseNotAdmin:     {Options: cloud, handler: cloudSite(reply(403, `{"statusCode":403,"message":"Only administrators may see this"}`), mismatch)},
		atlassian.CausePasswordsOff: {Options: center, handler: reply(403, `{"message":"Basic Authentication has been disabled on this instance."}`)},
		atlassian.CausePATAsPassword: {Options: with(center, func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = "auditor", atlassian.NewSecret(testPAT) }),
			handler: reply(401, "<html><title>Unauthorized (401)</title>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED", failed, "AUTHENTICATED_FAILED")},
		atlassian.CauseForbidden: {Options: with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteSite }), handler: cloudSite(reply(403, `<html><title>Request blocked</title>`), mismatch)},
		atlassian.CauseIPBlocked: {Options: cloud, handler: cloudSite(reply(403, `{"message":"The IP address has been rejected because it's not on the allowlist."}`), mismatch)},
		atlassian.CauseUnknownCloud: {Options: atlassian.Options{APIURL: "http://docs.example.com", ClientID: "id", ClientSecret: atlassian.NewSecret("client-s3cret"), GatewayURL: "-"},
			handler: cloudSite(mismatch, mismatch)},
		atlassian.CauseAPIAway: {Options: center, handler: older("9.2.4", func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/rest/api/audit") { // which Confluence 9 still has
				reply(200, emptyPage)(w, r)
				return
			}
			http.NotFound(w, r)
		})},
		atlassian.CauseGone: {Options: cloud, handler: cloudSite(reply(410, `{"errorMessages":["The requested API has been removed. Please migrate to another API."],"errors":{}}`), mismatch)},
		atlassian.CauseDeprecated: {Options: cloud, handler: cloudSite(reply(200, emptyPage, "Deprecation", "@1767225600", "Sunset", "Fri, 01 Jan 2027 00:00:00 GMT"), mismatch),
			run: checkStep(StepRoute)},
		atlassian.CauseNoAccess:     {Options: with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteSite }), handler: cloudSite(reply(403, `{"message":"Current user not permitted to use Confluence","statusCode":403}`), mismatch)},
		atlassian.CauseFreePlan:     {Options: cloud, handler: cloudSite(reply(403, `{"statusCode":403,"message":"This request cannot be made because the site is on Free edition. Upgrade to standard or premium."}`), mismatch)},
		atlassian.CauseNoConfluence: {Options: cloud, handler: cloudSite(http.NotFound, http.NotFound)},
		atlassian.CauseAuditOff:     {Options: center, handler: coverage(`{"levelByArea":{"PERMISSIONS":"OFF","SECURITY":"off"}}`), run: checkStep(StepCoverage)},
		atlassian.CauseCoverage:     {Options: center, handler: coverage(`{"levelByArea":{"PERMISSIONS":"BASE","SECURITY":"OFF","USER_MANAGEMENT":"FULL"}}`), run: checkStep(StepCoverage)},
		atlassian.CauseLoginPage:    {Options: center, handler: reply(200, `<!DOCTYPE html><html><head><title>Log In - Confluence</title></head><input name="os_username">`, "Content-Type", "text/html")},
		atlassian.CauseWrongAddress: {Options: center, handler: http.NotFound},
		atlassian.CauseRedirect:     {Options: center, handler: reply(302, "", "Location", "https://elsewhere.example.com?secret=1")},
		atlassian.CauseNotAuditList: {Options: center, handler: reply(200, `{"hello":1}`)},
		atlassian.CauseTooLarge: {Options: center, handler: func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/events") {
				http.NotFound(w, r)
				return
			}
			fmt.Fprint(w, `{"entities":[`)
			chunk := bytes.Repeat([]byte(`{},`), 1<<18)
			for range atlassian.MaxPage/len(chunk) + 1 {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}},
		atlassian.CauseEndless:    {Options: center, handler: reply(200, `{"entities":[{}],"pagingInfo":{"lastPage":false,"nextPageCursor":"1,1"}}`)},
		atlassian.CauseBadRequest: {Options: center, handler: reply(400, `{"statusCode":400}`)},
		atlassian.CauseDNS: {Options: cloud, dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "acme.atlassian.net", IsNotFound: true}}
		}},
		atlassian.CauseRefused: {Options: center, handler: http.NotFound, prepare: func(_ *testing.T, _ *Client, s *httptest.Server) { s.Close() }},
		atlassian.CauseTimeout: {Options: with(center, func(o *atlassian.Options) { o.Timeout = time.Millisecond }),
			handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		atlassian.CauseNetwork: {Options: center, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, `{"ent`)
		}},
		atlassian.CauseTLSAuthority: {Options: secure, tls: true, handler: http.NotFound},
		atlassian.CauseTLSHostName: {Options: secure, tls: true, handler: http.NotFound, prepare: func(t *testing.T, c *Client, s *httptest.Server) {
			useCertificate(t, c, s, "other.example.com", time.Now().Add(time.Hour))
		}},
		atlassian.CauseTLSExpired: {Options: secure, tls: true, handler: http.NotFound, prepare: func(t *testing.T, c *Client, s *httptest.Server) {
			useCertificate(t, c, s, "wiki.example.com", time.Now().Add(-time.Hour))
		}},
		atlassian.CauseTLS:         {Options: secure, handler: http.NotFound},
		atlassian.CauseProxy:       {Options: with(secure, func(o *atlassian.Options) { o.Proxy = "http://user:pr0xy-password@proxy.example.com:3128" }), handler: reply(407, "")},
		atlassian.CauseRateLimited: {Options: cloud, handler: cloudSite(reply(429, "", "Retry-After", "60"), mismatch)},
		atlassian.CauseServer:      {Options: cloud, handler: cloudSite(reply(500, "<html>"), mismatch)},
		atlassian.CauseClock: {Options: cloud, handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Date", time.Now().Add(10*time.Minute).UTC().Format(http.TimeFormat))
			cloudSite(reply(200, emptyPage), mismatch)(w, r)
		}, run: checkStep(StepClock)},
		atlassian.CauseMoved: {Options: with(center, func(o *atlassian.Options) { o.PageSize = 10 }), handler: movingLog()},
	}
}

// movingLog is an old Server whose log grows by a record between any two requests.
func movingLog() http.HandlerFunc {
	log := &auditLog{Records: auditRecords(50)}
	log.Before = func(int) { log.Records = append([]string{auditRecord(0, "late")}, log.Records...) }
	return log.ServeHTTP
}

// start makes a client whose connections all go to the server of the scenario, whatever the host.
func (s scenario) start(t *testing.T) *Client {
	t.Helper()
	var server *httptest.Server
	if s.tls {
		server = httptest.NewUnstartedServer(s.handler)
		server.EnableHTTP2 = true
		server.Config.ErrorLog = quietLog
		server.StartTLS()
	} else {
		server = httptest.NewServer(s.handler)
	}
	t.Cleanup(server.Close)
	o := s.Options
	o.AllowHTTP = true
	switch o.GatewayURL {
	case "":
		o.GatewayURL = "http://api.atlassian.com"
	case "-":
		o.GatewayURL = ""
	}
	c := newClient(t, o)
	transport := transportOf(c)
	transport.DialContext = s.dial
	if s.dial == nil {
		transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		}
	}
	if s.prepare != nil {
		s.prepare(t, c, server)
	}
	return c
}

// ofOthers are the causes that Confluence does not have.
var ofOthers = []atlassian.Cause{atlassian.CauseNoJira, atlassian.CauseNoJiraAccess,
	atlassian.CauseNoOrganization, atlassian.CauseOrgID, atlassian.CauseNoGuard, atlassian.CauseSiteToken}

// Every row of the documentation's table is what an operator sees.
func TestCauses(t *testing.T) {
	t.Parallel()
	all := scenarios(t)
	rows := slices.DeleteFunc(atlassian.Causes(), func(row atlassian.CauseInfo) bool {
		return slices.Contains(ofOthers, row.Cause)
	})
	for _, row := range rows {
		t.Run(string(row.Cause), func(t *testing.T) {
			t.Parallel()
			s, ok := all[row.Cause]
			if !ok {
				t.Fatal("no scenario")
			}
			c := s.start(t)
			run := s.run
			if run == nil {
				run = read
			}
			err := run(t.Context(), c)
			var got *atlassian.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want an *Error", err)
			}
			if got.Cause != row.Cause {
				t.Errorf("cause %q: %v", got.Cause, err)
			}
			// the example shows the default
			message := strings.Replace(got.Message, "within 1ms", "within 60s", 1)
			message = strings.Replace(message, "proxy.example.com:3128", "proxy.example.com", 1)
			if message != row.Example {
				t.Errorf("message %s\nexample %s", got.Message, row.Example)
			}
			if want := confluence.Product().Remedy(row); got.Remedy != want {
				t.Errorf("remedy %s\nwant %s", got.Remedy, want)
			}
			if got.Status == http.StatusOK && (row.Cause == atlassian.CauseCoverage || row.Cause == atlassian.CauseAuditOff) {
				t.Error("a status of 200 tells nothing here")
			}
			if got.Temporary() != row.Temporary {
				t.Errorf("temporary %v", got.Temporary())
			}
		})
	}
	if len(all) != len(rows) {
		t.Errorf("%d scenarios for %d causes", len(all), len(rows))
	}
}
