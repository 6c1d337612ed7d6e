package simulate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

const (
	sitePath    = "/wiki/rest/api/audit"
	gatewayPath = "/ex/confluence/11111111-2222-4333-8444-555555555555/wiki/rest/api/audit"
	dcPath      = "/rest/auditing/1.0/events"
	failed      = "AUTHENTICATED_FAILED"
)

func TestWhoMayReadWhere(t *testing.T) {
	t.Parallel()
	unscoped, scoped := basic("admin@example.com", "unscoped-token"), basic("admin@example.com", "scoped-token")
	robot := basic("robot@serviceaccount.atlassian.com", "service-token")
	mismatch := `{"code":401,"message":"Unauthorized"}`
	unauthenticated := `{"message":"Client must be authenticated to access this resource.","status-code":401}`
	for name, c := range map[string]struct {
		deployment, path string
		signIn           func(*http.Request)
		fault            simulate.FaultKind
		status           int
		body, reason     string // "" = any body, no X-Seraph-LoginReason
	}{
		"site unscoped":              {"cloud", sitePath, unscoped, "", 200, "", ""},
		"site scoped":                {"cloud", sitePath, scoped, "", 401, mismatch, failed},
		"site wrong":                 {"cloud", sitePath, basic("admin@example.com", "x"), "", 401, mismatch, failed},
		"site scoped, 403":           {"cloud", sitePath, scoped, simulate.FaultRefuse403, 403, `{"message":"Current user not permitted to use Confluence","statusCode":403}`, ""},
		"site scoped, empty":         {"cloud", sitePath, scoped, simulate.FaultRefuseEmpty, 200, "", failed},
		"site scoped, login page":    {"cloud", sitePath, scoped, simulate.FaultRefuseHTML, 401, "", ""},
		"site nobody":                {"cloud", sitePath, nobody, "", 403, "", ""},
		"site unknown bearer":        {"cloud", sitePath, bearer("x"), "", 403, `{"error": "Failed to parse Connect Session Auth Token"}`, ""},
		"gateway scoped":             {"cloud", gatewayPath, scoped, "", 200, "", ""},
		"gateway service account":    {"cloud", gatewayPath, robot, "", 200, "", ""},
		"gateway unscoped":           {"cloud", gatewayPath, unscoped, "", 401, mismatch, ""},
		"gateway nobody":             {"cloud", gatewayPath, nobody, "", 401, mismatch, ""},
		"gateway unknown cloud id":   {"cloud", "/ex/confluence/other/wiki/rest/api/audit", scoped, "", 404, "", ""},
		"data center password":       {"datacenter", dcPath, basic("admin", "password"), "", 200, "", "OK"},
		"data center token":          {"datacenter", dcPath, bearer("personal-access-token"), "", 200, "", "OK"},
		"data center wrong password": {"datacenter", dcPath, basic("admin", "x"), "", 401, "", failed},
		"data center wrong token":    {"datacenter", dcPath, bearer("x"), "", 401, unauthenticated, ""},
		"data center token empty":    {"datacenter", dcPath, bearer("x"), simulate.FaultRefuseEmpty, 200, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`, ""},
		"data center token as basic": {"datacenter", dcPath, basic("admin", "personal-access-token"), "", 401, "", failed},
		"data center nobody":         {"datacenter", dcPath, nobody, "", 401, unauthenticated, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := simulate.Options{Deployment: c.deployment, Records: 3}
			if c.fault != "" {
				o.Faults = []simulate.Fault{{Kind: c.fault}}
			}
			g := start(t, o).do(t, http.MethodGet, c.path, "", c.signIn)
			if g.status != c.status || c.body != "" && g.body != c.body || g.header.Get("X-Seraph-Loginreason") != c.reason {
				t.Errorf("%d, reason %q, %s", g.status, g.header.Get("X-Seraph-Loginreason"), g.body)
			}
			if gateway := c.path == gatewayPath && c.status == 401; gateway != (g.header.Get("X-Failure-Category") == "FAILURE_CLIENT_AUTH_MISMATCH") {
				t.Errorf("X-Failure-Category %q", g.header.Get("X-Failure-Category"))
			}
		})
	}
}

func TestAccessToken(t *testing.T) {
	t.Parallel()
	s := start(t, simulate.Options{Records: 3})
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	asJSON := func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }
	for name, ask := range map[string]func() got{
		"form": func() got {
			return s.do(t, http.MethodPost, "/oauth/token", "grant_type=client_credentials&client_id=client-id&client_secret=client-secret", form)
		},
		"json": func() got {
			return s.do(t, http.MethodPost, "/oauth/token", `{"grant_type":"client_credentials","client_id":"client-id","client_secret":"client-secret"}`, asJSON)
		},
	} {
		token := decode[map[string]any](t, ask())
		if token["token_type"] != "Bearer" || token["expires_in"] != 3600.0 || token["scope"] != "read:audit-log:confluence" {
			t.Errorf("%s: %v", name, token)
		}
		signIn := bearer(token["access_token"].(string))
		if g := s.do(t, http.MethodGet, gatewayPath, "", signIn); g.status != 200 {
			t.Errorf("%s: gateway answers %d", name, g.status)
		}
		if g := s.do(t, http.MethodGet, sitePath, "", signIn); g.status != 403 {
			t.Errorf("%s: site answers %d", name, g.status)
		}
		resources := s.do(t, http.MethodGet, "/oauth/token/accessible-resources", "", signIn)
		if !strings.Contains(resources.body, `"id":"11111111-2222-4333-8444-555555555555"`) {
			t.Errorf("%s: resources %s", name, resources.body)
		}
	}
	for body, status := range map[string]int{
		"grant_type=client_credentials&client_id=client-id&client_secret=wrong":         401,
		"grant_type=authorization_code&client_id=client-id&client_secret=client-secret": 403,
		"grant_type=%": 400,
	} {
		if g := s.do(t, http.MethodPost, "/oauth/token", body, form); g.status != status {
			t.Errorf("%s: %d", body, g.status)
		}
	}
}

func TestCredentialsExpireAndRotate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := simulate.New(simulate.Options{TokenLife: time.Minute, Credentials: simulate.Credentials{Expires: time.Now().Add(2 * time.Minute)}})
		status := func(method, path, body string, signIn func(*http.Request)) (int, string) {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			signIn(r)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			return w.Code, w.Body.String()
		}
		expect := func(when, path string, signIn func(*http.Request), want int) {
			t.Helper()
			if code, _ := status(http.MethodGet, path, "", signIn); code != want {
				t.Errorf("%s: %d, want %d", when, code, want)
			}
		}
		_, body := status(http.MethodPost, "/oauth/token", "grant_type=client_credentials&client_id=client-id&client_secret=client-secret", nobody)
		var token string
		if _, err := fmt.Sscanf(body, `{"access_token":%q`, &token); err != nil {
			t.Fatal(err)
		}
		expect("access token", gatewayPath, bearer(token), 200)
		expect("API token", sitePath, basic("admin@example.com", "unscoped-token"), 200)
		time.Sleep(time.Minute)
		expect("expired access token", gatewayPath, bearer(token), 401)
		expect("API token still", sitePath, basic("admin@example.com", "unscoped-token"), 200)
		time.Sleep(time.Minute)
		expect("expired API token", sitePath, basic("admin@example.com", "unscoped-token"), 401)
		s.SetCredentials(simulate.Credentials{Token: "rotated"})
		expect("rotated token", sitePath, basic("admin@example.com", "rotated"), 200)
		expect("replaced token", sitePath, basic("admin@example.com", "unscoped-token"), 401)
	})
}

func TestDeploymentsCanBeToldApart(t *testing.T) {
	t.Parallel()
	cloud := start(t, simulate.Options{})
	dc := start(t, simulate.Options{Deployment: simulate.DataCenter, ContextPath: "/confluence"})
	for _, c := range []struct {
		site   *site
		path   string
		status int
		part   string
	}{
		{cloud, "/_edge/tenant_info", 200, `"cloudId":"11111111-2222-4333-8444-555555555555"`},
		{cloud, "/status", 404, ""},
		{cloud, "/rest/applinks/1.0/manifest", 404, ""},
		{cloud, "/login.action", 404, ""},
		{dc, "/confluence/status", 200, `{"state":"RUNNING"}`},
		{dc, "/confluence/rest/applinks/1.0/manifest", 200, "<typeId>confluence</typeId><version>9.2.4</version>"},
		{dc, "/confluence/login.action", 200, `name="ajs-version-number"`},
		{dc, "/confluence/", 302, ""},
		{dc, "/confluence/_edge/tenant_info", 404, ""},
		{dc, "/status", 404, ""},
		{dc, "/confluencex/status", 404, ""},
		{dc, "/rest/auditing/1.0/events", 404, ""},
	} {
		if g := c.site.do(t, http.MethodGet, c.path, "", nobody); g.status != c.status || !strings.Contains(g.body, c.part) {
			t.Errorf("%s: %d %s", c.path, g.status, g.body)
		}
	}
	g := dc.get(t, "/confluence/rest/auditing/1.0/configuration/coverage")
	if !strings.Contains(g.body, `{"levelByArea":{"END_USER_ACTIVITY":"base"`) || g.header.Get("Retry-After") != "0" || g.header.Get("X-Ratelimit-Fillrate") != "100" {
		t.Errorf("coverage %s %v", g.body, g.header)
	}
}

func TestHostsSeparateTheServices(t *testing.T) {
	t.Parallel()
	s := simulate.New(simulate.Options{SiteHost: "acme.test", GatewayHost: "gateway.test", AuthHost: "auth.test"})
	for target, want := range map[string]int{
		"http://acme.test/_edge/tenant_info":    200,
		"http://gateway.test/_edge/tenant_info": 404,
		"http://gateway.test" + gatewayPath:     200,
		"http://acme.test" + gatewayPath:        404,
		"http://acme.test/oauth/token":          404,
		"http://auth.test/oauth/token":          405,
	} {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.SetBasicAuth("admin@example.com", "scoped-token")
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: %d, want %d", target, w.Code, want)
		}
	}
}
