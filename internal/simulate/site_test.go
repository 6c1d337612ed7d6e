package simulate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

func bothOn(deployment string) (confluence, jira *simulate.Simulator, site http.Handler) {
	o := simulate.Options{Deployment: deployment, Records: 3}
	if deployment == simulate.DataCenter {
		o.ContextPath = "/confluence"
	}
	confluence = simulate.New(o)
	o.Product = simulate.Jira
	if deployment == simulate.DataCenter {
		o.ContextPath = "/jira"
	}
	jira = simulate.New(o)
	return confluence, jira, simulate.Site(confluence, jira)
}

func TestSiteHasBothProducts(t *testing.T) {
	t.Parallel()
	_, _, cloud := bothOn(simulate.Cloud)
	_, _, center := bothOn(simulate.DataCenter)
	unscoped, password := basic("admin@example.com", "unscoped-token"), basic("admin", "password")
	for _, c := range []struct {
		site   http.Handler
		path   string
		signIn func(*http.Request)
		status int
		part   string
	}{
		{cloud, sitePath, unscoped, 200, `{"results":[{"author"`},
		{cloud, jiraPath, unscoped, 200, `"records":[{"id"`},
		{cloud, gatewayPath, basic("admin@example.com", "scoped-token"), 200, `{"results":[{"author"`},
		{cloud, jiraGatewayPath, basic("admin@example.com", "scoped-jira-token"), 200, `"records":[{"id"`},
		{cloud, gatewayPath, basic("admin@example.com", "scoped-jira-token"), 401, "scope does not match"},
		{cloud, jiraGatewayPath, basic("admin@example.com", "scoped-token"), 401, "scope does not match"},
		{cloud, "/_edge/tenant_info", nobody, 200, "cloudId"},
		{cloud, "/elsewhere", nobody, 404, "dead link"},
		{center, "/confluence" + dcPath, password, 200, `"type":"user"`},
		{center, "/jira" + dcPath, password, 200, `"system":"https://jira.example.com/jira"`},
		{center, "/jira/login.jsp", nobody, 200, `name="ajs-version-number" content="9.12.15"`},
		{center, "/confluence/login.action", nobody, 200, `name="ajs-version-number" content="9.2.4"`},
		{center, dcPath, password, 404, ""},
		{center, "/jirax" + dcPath, password, 404, ""},
	} {
		if w := recorder(t, c.site, http.MethodGet, c.path, c.signIn); w.Code != c.status || !strings.Contains(w.Body.String(), c.part) {
			t.Errorf("%s: %d %.300s", c.path, w.Code, w.Body)
		}
	}
}

func TestProductAtTheRootOfADataCenter(t *testing.T) {
	t.Parallel()
	o := simulate.Options{Deployment: simulate.DataCenter, Records: 1}
	jira, wiki := o, o
	jira.Product, wiki.ContextPath = simulate.Jira, "/wiki"
	rootJira := simulate.Site(simulate.New(wiki), simulate.New(jira))
	jira.ContextPath, wiki.ContextPath = "/jira", ""
	rootConfluence := simulate.Site(simulate.New(wiki), simulate.New(jira))
	for _, c := range []struct {
		site http.Handler
		path string
		part string
	}{
		{rootJira, "/wiki/rest/applinks/1.0/manifest", "<typeId>confluence<"},
		{rootJira, "/rest/applinks/1.0/manifest", "<typeId>jira<"},
		{rootConfluence, "/rest/applinks/1.0/manifest", "<typeId>confluence<"},
		{rootConfluence, "/jira/rest/applinks/1.0/manifest", "<typeId>jira<"},
	} {
		if w := recorder(t, c.site, http.MethodGet, c.path, nobody); !strings.Contains(w.Body.String(), c.part) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
}

func TestAccessTokenIsForBothProducts(t *testing.T) {
	t.Parallel()
	_, _, site := bothOn(simulate.Cloud)
	var token struct {
		AccessToken string `json:"access_token"`
		Scope       string
	}
	w := recorder(t, site, http.MethodPost, "/oauth/token", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.Scope != "read:audit-log:confluence read:audit-log:jira read:user:jira" {
		t.Fatalf("%v in %s", err, w.Body)
	}
	for _, path := range []string{gatewayPath, jiraGatewayPath} {
		if w := recorder(t, site, http.MethodGet, path, bearer(token.AccessToken)); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	resources := recorder(t, site, http.MethodGet, "/oauth/token/accessible-resources", bearer(token.AccessToken)).Body.String()
	if !strings.Contains(resources, `"scopes":["read:audit-log:confluence"]`) || !strings.Contains(resources, `"scopes":["read:audit-log:jira","read:user:jira"]`) {
		t.Errorf("resources %s", resources)
	}
}

func TestControlOfASiteNamesTheProduct(t *testing.T) {
	t.Parallel()
	confluence, jira, site := bothOn(simulate.Cloud)
	confluence.Add(simulate.Record{})
	for path, want := range map[string]string{
		"/_simulate/confluence/summary": `{"product":"confluence","deployment":"cloud",`,
		"/_simulate/jira/summary":       `{"product":"jira","deployment":"cloud",`,
		"/_simulate/jira/records":       `"record":{"id":`,
		"/_simulate/summary":            "say of which product",
	} {
		if w := recorder(t, site, http.MethodGet, path, nobody); !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := recorder(t, jira, http.MethodGet, "/_simulate/jira/summary", nobody); w.Code != http.StatusOK {
		t.Errorf("the product's own name: %d", w.Code)
	}
	if w := recorder(t, jira, http.MethodGet, "/_simulate/confluence/summary", nobody); w.Code != http.StatusNotFound {
		t.Errorf("the other product's name: %d", w.Code)
	}
}
