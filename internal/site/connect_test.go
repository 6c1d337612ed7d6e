package site_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/google/go-cmp/cmp"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

const testCloudID = "11111111-2222-4333-8444-555555555555"

// accepting answers an empty page to one Authorization header and 401 to others.
func accepting(authorization string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != authorization {
			mismatch(w, r)
			return
		}
		fmt.Fprint(w, emptyPage)
	}
}

var basicAuth = func() string {
	r, _ := http.NewRequest(http.MethodGet, "http://x", nil)
	r.SetBasicAuth(testUser, testToken)
	return r.Header.Get("Authorization")
}()

func refuse(status int, body string) http.HandlerFunc { return reply(status, body) }

func TestConnectCloud(t *testing.T) {
	t.Parallel()
	oauth := with(cloud, func(o *atlassian.Options) {
		o.ClientID, o.ClientSecret, o.TokenURL = "id", atlassian.NewSecret("client-s3cret"), "http://auth.atlassian.com/oauth/token"
	})
	tests := []struct {
		name          string
		Options       atlassian.Options
		site, gateway http.HandlerFunc
		want          atlassian.Route
		cause         atlassian.Cause
	}{
		{"token without scopes", cloud, accepting(basicAuth), mismatch, atlassian.RouteSite, ""},
		{"token with scopes, site says 401", cloud, refuse(401, ""), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"token with scopes, site says 403", cloud, refuse(403, `{"message":"Current user not permitted to use Confluence"}`), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"token with scopes, site says nothing", cloud, reply(200, emptyPage, failed, "AUTHENTICATED_FAILED"), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"token with scopes, site shows a login page", cloud, reply(200, `<html><title>Log in with Atlassian account</title>`), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"route gateway", with(cloud, func(o *atlassian.Options) { o.Route = atlassian.RouteGateway }), refuse(500, ""), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"address of the gateway", with(cloud, func(o *atlassian.Options) {
			o.APIURL = "http://api.atlassian.com/ex/confluence/" + testCloudID + "/wiki"
		}),
			refuse(500, ""), accepting(basicAuth), atlassian.RouteGateway, ""},
		{"OAuth", oauth, refuse(500, ""), accepting("Bearer access-t0ken"), atlassian.RouteGateway, ""},

		{"neither takes the token", cloud, refuse(401, ""), mismatch, "", atlassian.CauseCredentials},
		{"administrator is missing, said at the site", cloud, refuse(403, `{"message":"administrators only"}`), mismatch, "", atlassian.CauseNotAdmin},
		{"administrator is missing, said at the gateway", cloud, refuse(401, ""), refuse(403, `{"message":"administrators only"}`), "", atlassian.CauseNotAdmin},
		{"forbidden without a reason", cloud, refuse(403, "{}"), mismatch, "", atlassian.CauseForbidden},
		{"forbidden without a reason at the gateway", cloud, refuse(401, ""), refuse(403, "{}"), "", atlassian.CauseForbidden},
		{"the site knows nothing, the gateway the token", cloud, http.NotFound, accepting(basicAuth), atlassian.RouteGateway, ""},
		{"neither is there", cloud, http.NotFound, http.NotFound, "", atlassian.CauseNoConfluence},
		{"free plan is not asked about twice", cloud, refuse(403, "Free edition"), refuse(500, ""), "", atlassian.CauseFreePlan},
		{"gateway is ill", cloud, refuse(401, ""), refuse(502, ""), "", atlassian.CauseServer},
		{"gateway limits", cloud, refuse(401, ""), refuse(429, ""), "", atlassian.CauseRateLimited},
		{"site is ill", cloud, refuse(503, ""), accepting(basicAuth), "", atlassian.CauseServer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := scenario{Options: tt.Options, handler: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/oauth/token" {
					fmt.Fprint(w, `{"access_token":"access-t0ken","expires_in":3600,"token_type":"Bearer"}`)
					return
				}
				if r.Host == "api.atlassian.com" && !strings.HasPrefix(r.URL.Path, "/ex/confluence/"+testCloudID+"/wiki/rest/api/audit") {
					t.Errorf("gateway asked for %s", r.URL.Path)
				}
				cloudSite(tt.site, tt.gateway)(w, r)
			}}
			c := s.start(t)
			site, err := c.Connect(t.Context())
			if atlassian.CauseOf(err) != tt.cause {
				t.Fatalf("error %v, want cause %q", err, tt.cause)
			}
			if tt.cause != "" {
				return
			}
			want := Site{Product: "confluence", URL: c.Site().URL, Deployment: atlassian.DeploymentCloud, Route: tt.want, CloudID: testCloudID, API: "audit"}
			if diff := cmp.Diff(want, site); diff != "" {
				t.Errorf("site (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, c.Site()); diff != "" {
				t.Errorf("Site() (-want +got):\n%s", diff)
			}
		})
	}
}

const manifest = `<?xml version="1.0"?><manifest><id>1</id><name>Confluence</name><typeId>confluence</typeId><version>8.5.3</version></manifest>`

// centerAt is a Data Center under a context path.
func centerAt(context string, log *centerLog, publicManifest bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path, inside := strings.CutPrefix(r.URL.Path, context)
		if inside && path == "/rest/applinks/1.0/manifest" && publicManifest {
			fmt.Fprint(w, manifest)
			return
		}
		if !inside || !strings.HasPrefix(path, "/rest/") {
			http.NotFound(w, r)
			return
		}
		log.ServeHTTP(w, r)
	}
}

// older is a Data Center whose manifest names another version.
func older(version string, h http.HandlerFunc) http.HandlerFunc {
	return pages("/rest/applinks/1.0/manifest", strings.Replace(manifest, "8.5.3", version, 1), h)
}

// pages answers one path with a page, and others with h.
func pages(path, page string, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path {
			fmt.Fprint(w, page)
			return
		}
		h(w, r)
	}
}

func TestConnectDeployment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		url     string
		Options atlassian.Options
		handler http.HandlerFunc
		want    atlassian.Deployment
		api     string
		cause   atlassian.Cause
		remedy  string
	}{
		{name: "manifest", url: "http://wiki.example.com", handler: centerAt("", &centerLog{Me: known}, true), want: atlassian.DeploymentDataCenter, api: "auditing"},
		{name: "context path", url: "http://wiki.example.com/docs/", handler: centerAt("/docs", &centerLog{Me: known}, true), want: atlassian.DeploymentDataCenter, api: "auditing"},
		{name: "context path /wiki", url: "http://wiki.example.com/wiki", handler: centerAt("/wiki", &centerLog{Me: known}, true), want: atlassian.DeploymentDataCenter, api: "auditing"},
		{name: "context path /wiki, deployment set", url: "http://wiki.example.com/wiki", Options: atlassian.Options{Deployment: atlassian.DeploymentDataCenter},
			handler: centerAt("/wiki", &centerLog{Me: known}, true), want: atlassian.DeploymentDataCenter, api: "auditing"},
		{name: "nothing but the API let through", url: "http://wiki.example.com", handler: centerAt("", &centerLog{Me: known}, false), want: atlassian.DeploymentDataCenter, api: "auditing"},
		{name: "before 7.5", url: "http://wiki.example.com", handler: centerAt("", &centerLog{Legacy: true}, false), want: atlassian.DeploymentDataCenter, api: "legacy"},
		{name: "before 7.5, by its manifest", url: "http://wiki.example.com", handler: older("7.4.18", centerAt("", &centerLog{Legacy: true}, true)), want: atlassian.DeploymentDataCenter, api: "legacy"},
		{name: "app starts late", url: "http://wiki.example.com", handler: centerAt("", &centerLog{Legacy: true}, true), cause: atlassian.CauseAPIAway},
		{name: "apps start late, the login page tells the version", url: "http://wiki.example.com", handler: pages("/login.action",
			`<meta name="ajs-version-number" content="9.2.4">`, centerAt("", &centerLog{Legacy: true}, false)), cause: atlassian.CauseAPIAway},
		{name: "cloud under its own domain", url: "http://docs.acme.example", handler: cloudSite(accepting(basicAuth), mismatch), want: atlassian.DeploymentCloud, api: "audit"},
		{name: "cloud without tenant_info", url: "http://docs.acme.example", want: atlassian.DeploymentCloud, api: "audit", handler: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/wiki/rest/api/audit" {
				accepting(basicAuth)(w, r)
				return
			}
			http.NotFound(w, r)
		}},
		{name: "context path forgotten", url: "http://wiki.example.com", handler: centerAt("/confluence", &centerLog{Me: known}, true),
			cause: atlassian.CauseWrongAddress, remedy: "set api_url to http://wiki.example.com/confluence, where Confluence is"},
		{name: "context path /wiki forgotten", url: "http://wiki.example.com", handler: centerAt("/wiki", &centerLog{Me: known}, true),
			cause: atlassian.CauseWrongAddress, remedy: "set api_url to http://wiki.example.com/wiki, where Confluence is"},
		{name: "context path too much", url: "http://wiki.example.com/display", handler: centerAt("", &centerLog{Me: known}, true),
			cause: atlassian.CauseWrongAddress, remedy: "set api_url to http://wiki.example.com, where Confluence is"},
		{name: "Jira", url: "http://jira.example.com", handler: reply(200, `<manifest><typeId>jira</typeId></manifest>`), cause: atlassian.CauseNoConfluence},
		{name: "no such site", url: "http://acmee.atlassian.net", handler: http.NotFound, cause: atlassian.CauseWrongAddress, remedy: "check the name in api_url"},
		{name: "OAuth at a Data Center", url: "http://wiki.example.com", Options: atlassian.Options{ClientID: "id", ClientSecret: atlassian.NewSecret("x")},
			handler: centerAt("", &centerLog{Me: known}, true), cause: atlassian.CauseCredentialKind},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.Options.APIURL = tt.url
			c := scenario{Options: tt.Options, handler: tt.handler}.start(t)
			site, err := c.Connect(t.Context())
			if atlassian.CauseOf(err) != tt.cause {
				t.Fatalf("error %v, want cause %q", err, tt.cause)
			}
			if site.Deployment != tt.want || site.API != tt.api {
				t.Errorf("site %+v", site)
			}
			var e *atlassian.Error
			if errors.As(err, &e) && tt.remedy != "" && e.Remedy != tt.remedy {
				t.Errorf("remedy %q, want %q", e.Remedy, tt.remedy)
			}
		})
	}
}

// The endpoint is found once and logged once, however many callers there are.
func TestConnectRemembers(t *testing.T) {
	t.Parallel()
	logger, hook := logtest.NewNullLogger()
	var mu sync.Mutex
	var paths []string
	handler := cloudSite(accepting(basicAuth), mismatch)
	c := scenario{Options: with(cloud, func(o *atlassian.Options) { o.Log = logger }), handler: func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		paths = append(paths, r.URL.RequestURI())
		mu.Unlock()
		handler(w, r)
	}}.start(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Connect(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if want := []string{"/_edge/tenant_info", "/wiki/rest/api/audit?limit=1"}; !slices.Equal(paths, want) {
		t.Errorf("asked %q, want %q", paths, want)
	}
	if len(hook.Entries) != 1 || hook.Entries[0].Message != "acme.atlassian.net is Confluence Cloud; found route site" {
		t.Errorf("log %v", hook.Entries)
	}
}

// A token replaced by one of the other kind works without a restart: the file is read again, and
// the route is looked for again.
func TestTokenRotatesToOtherRoute(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	write := func(token string) {
		if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	accept := func(token string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if _, got, _ := r.BasicAuth(); got != token {
				mismatch(w, r)
				return
			}
			fmt.Fprint(w, emptyPage)
		}
	}
	write("old-unscoped")
	c := scenario{
		Options: with(cloud, func(o *atlassian.Options) { o.UserIdentifier, o.APIToken = testUser, atlassian.SecretFile(file) }),
		handler: cloudSite(accept("old-unscoped"), accept("new-scoped")),
	}.start(t)
	if err := read(t.Context(), c); err != nil || c.Site().Route != atlassian.RouteSite {
		t.Fatalf("route %s, error %v", c.Site().Route, err)
	}
	write("new-scoped")
	if err := read(t.Context(), c); atlassian.CauseOf(err) != atlassian.CauseCredentials {
		t.Fatalf("error %v: the site refuses tokens with scopes", err)
	}
	if err := read(t.Context(), c); err != nil || c.Site().Route != atlassian.RouteGateway {
		t.Errorf("route %s, error %v", c.Site().Route, err)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := cloudClient(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}, atlassian.Options{})
	err := read(ctx, c)
	if !errors.Is(err, context.Canceled) || atlassian.CauseOf(err) != "" {
		t.Errorf("error %v, want the caller's own", err)
	}
}

// Many networks allow the site only: the refusal of the site must not be hidden by the gateway,
// which cannot be reached.
func TestGatewayOutOfReach(t *testing.T) {
	t.Parallel()
	site := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_edge/tenant_info" {
			fmt.Fprintf(w, `{"cloudId":%q}`, testCloudID)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
	})
	c := newClient(t, with(cloud, func(o *atlassian.Options) { o.APIURL, o.GatewayURL = site.URL, "http://127.0.0.1:1" }))
	_, err := c.Connect(t.Context())
	var refusal *atlassian.Error
	if !errors.As(err, &refusal) || refusal.Cause != atlassian.CauseCredentials || refusal.Temporary() {
		t.Fatalf("error %v, want that of the site", err)
	}
	for _, want := range []string{"could not be asked: 127.0.0.1:1 refuses the connection", "check the credential for typing errors", "let this machine reach the gateway"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	want := "route: warn, site only: the gateway could not be asked: 127.0.0.1:1 refuses the connection"
	if steps := checked(t, c); !slices.Contains(steps, want) {
		t.Errorf("check does not say %q:\n%s", want, strings.Join(steps, "\n"))
	}
}
