package site_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// A site has both products at one address, and each client reads the log of its own.
func TestBothProducts(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		wiki, tracker := kind{Product: simulate.Confluence, Deployment: deployment}, kind{Product: simulate.Jira, Deployment: deployment}
		ofWiki, ofTracker := simulate.Options{Records: 300, Seed: 1}, simulate.Options{Records: 200, Seed: 2}
		if deployment == simulate.DataCenter {
			ofWiki.ContextPath, ofTracker.ContextPath = "/confluence", "/jira"
		}
		first, second := simulate.New(wiki.Of(ofWiki)), simulate.New(tracker.Of(ofTracker))
		server := httptest.NewServer(simulate.Site(first, second))
		t.Cleanup(server.Close)
		for k, sim := range map[kind]*simulate.Simulator{wiki: first, tracker: second} {
			o := atlassian.Options{APIURL: server.URL, PageSize: 50}
			if deployment == simulate.DataCenter {
				o.APIURL += "/" + k.Product
			}
			compare(t, expected(sim), readWindow(t, k.Client(t, o)))
		}
	}
}

// A token for the other product, and an address of it, are told apart from everything else.
func TestOtherProduct(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		kind    kind
		sim     simulate.Options
		options atlassian.Options
		cause   atlassian.Cause
		text    string
	}{
		{"Jira with Confluence's token", kinds[2], simulate.Options{}, atlassian.Options{UserIdentifier: "admin@example.com", APIToken: atlassian.NewSecret("scoped-token")},
			atlassian.CauseScope, "make a token for Jira, not for Confluence, with the scopes read:audit-log:jira and read:user:jira"},
		{"Confluence with Jira's token", kinds[0], simulate.Options{}, atlassian.Options{UserIdentifier: "admin@example.com", APIToken: atlassian.NewSecret("scoped-jira-token")},
			atlassian.CauseScope, "make a token for Confluence, not for Jira, with the scope read:audit-log:confluence"},
		{"Jira with Confluence's service account", kinds[2], simulate.Options{}, atlassian.Options{APIToken: atlassian.NewSecret("service-token")},
			atlassian.CauseScope, "make a token for Jira"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, c := simulated(t, tt.kind, tt.sim, tt.options)
			_, err := c.Connect(t.Context())
			if atlassian.CauseOf(err) != tt.cause || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %v, want cause %s saying %q", err, tt.cause, tt.text)
			}
		})
	}
}

// A site without the product, or a Data Center with another one, is told by name.
func TestNoProduct(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		other := kind{Product: simulate.Jira, Deployment: k.Deployment}
		absent, says := atlassian.CauseNoConfluence, "there is no Confluence at "
		if k.Product == simulate.Jira {
			other.Product, absent, says = simulate.Confluence, atlassian.CauseNoJira, "there is no Jira at "
		}
		server := httptest.NewServer(simulate.New(other.Of(simulate.Options{Records: 1})))
		t.Cleanup(server.Close)
		_, err := k.Client(t, atlassian.Options{APIURL: server.URL}).Connect(t.Context())
		if atlassian.CauseOf(err) != absent || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", k, err)
		}
	}
}

// An address as copied from the browser or at the gateway is understood, one of the other product
// is refused.
func TestAddresses(t *testing.T) {
	t.Parallel()
	sim := simulate.New(kinds[2].Of(simulate.Options{Records: 5}))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	gateway := server.URL + "/ex/"
	id := "11111111-2222-4333-8444-555555555555"
	for address, cause := range map[string]atlassian.Cause{
		server.URL + "/jira":             "",
		server.URL + "/jira/":            "",
		gateway + "jira/" + id:           "",
		gateway + "confluence/" + id:     atlassian.CauseWrongAddress,
		gateway + "jira/not/an/id":       atlassian.CauseWrongAddress,
		server.URL + "/some/other/place": atlassian.CauseWrongAddress,
	} {
		o := atlassian.Options{APIURL: address}
		if strings.HasPrefix(address, gateway) {
			o.UserIdentifier, o.APIToken = "admin@example.com", atlassian.NewSecret("scoped-jira-token")
		}
		at, err := kinds[2].Client(t, o).Connect(t.Context())
		if atlassian.CauseOf(err) != cause || cause == "" && err != nil {
			t.Errorf("%s: %v, want cause %q", address, err, cause)
		}
		if want := strings.TrimRight(address, "/"); cause == "" && at.URL != want {
			t.Errorf("%s: the site is %s", address, at.URL)
		}
	}
}

// The context path of a Data Center is part of its address, that of Cloud's pages is not.
func TestSiteURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://acme.atlassian.net/jira":     "https://acme.atlassian.net",
		"https://issues.example.com/jira/":    "https://issues.example.com/jira",
		"https://issues.example.com":          "https://issues.example.com",
		"https://issues.example.com/a/jira":   "https://issues.example.com/a/jira",
		"https://api.atlassian.com/ex/jira/1": "https://api.atlassian.com/ex/jira/1",
	} {
		if got := kinds[2].Client(t, atlassian.Options{APIURL: address}).Site().URL; got != want {
			t.Errorf("%s: the site is %s, want %s", address, got, want)
		}
	}
	if got := kinds[0].Client(t, atlassian.Options{APIURL: "https://wiki.example.com/wiki"}).Site().URL; got != "https://wiki.example.com" {
		t.Errorf("Confluence: %s", got)
	}
}

// All steps of a check, and what a Jira without a retention says.
func TestCheckJira(t *testing.T) {
	t.Parallel()
	for _, k := range kinds[2:] {
		_, c := simulated(t, k, simulate.Options{Records: 5}, atlassian.Options{})
		got := map[string]site.Step{}
		c.Check(t.Context(), func(s site.Step) { got[s.Name] = s })
		for _, name := range site.Steps() {
			if s, ok := got[name]; !ok || s.Status == site.Fail {
				t.Errorf("%v: %s is %v", k, name, s)
			}
		}
		if s := got[site.StepDeployment]; !strings.HasPrefix(s.Detail, "Jira ") {
			t.Errorf("%v: deployment %s", k, s.Detail)
		}
		if s := got[site.StepRetention]; s.Status != site.Skip {
			t.Errorf("%v: retention %v", k, s)
		}
	}
}
