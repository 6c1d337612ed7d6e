package site_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// A site has both products at one address, and each client reads the log of its own.
func TestBothProducts(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		wiki, tracker := kind{simulate.Confluence, deployment}, kind{simulate.Jira, deployment}
		ofWiki, ofTracker := simulate.Options{Records: 300, Seed: 1}, simulate.Options{Records: 200, Seed: 2}
		if deployment == simulate.DataCenter {
			ofWiki.ContextPath, ofTracker.ContextPath = "/confluence", "/jira"
		}
		first, second := simulate.New(wiki.of(ofWiki)), simulate.New(tracker.of(ofTracker))
		server := httptest.NewServer(simulate.Site(first, second))
		t.Cleanup(server.Close)
		for k, sim := range map[kind]*simulate.Simulator{wiki: first, tracker: second} {
			o := atlassian.Options{APIURL: server.URL, PageSize: 50}
			if deployment == simulate.DataCenter {
				o.APIURL += "/" + k.product
			}
			compare(t, expected(sim), readWindow(t, k.client(t, o)))
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
		other := kind{simulate.Jira, k.deployment}
		absent, says := atlassian.CauseNoConfluence, "there is no Confluence at "
		if k.product == simulate.Jira {
			other.product, absent, says = simulate.Confluence, atlassian.CauseNoJira, "there is no Jira at "
		}
		server := httptest.NewServer(simulate.New(other.of(simulate.Options{Records: 1})))
		t.Cleanup(server.Close)
		_, err := k.client(t, atlassian.Options{APIURL: server.URL}).Connect(t.Context())
		if atlassian.CauseOf(err) != absent || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", k, err)
		}
	}
}

// An address as copied from the browser or at the gateway is understood, one of the other product
// is refused.
func TestAddresses(t *testing.T) {
	t.Parallel()
	sim := simulate.New(kinds[2].of(simulate.Options{Records: 5}))
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
		at, err := kinds[2].client(t, o).Connect(t.Context())
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
		if got := kinds[2].client(t, atlassian.Options{APIURL: address}).Site().URL; got != want {
			t.Errorf("%s: the site is %s, want %s", address, got, want)
		}
	}
	if got := kinds[0].client(t, atlassian.Options{APIURL: "https://wiki.example.com/wiki"}).Site().URL; got != "https://wiki.example.com" {
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

// A cursor may be an object, as Jira's developers have documented it.
func TestCursorObject(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"":    `{"entities":[{"timestamp":"2026-01-01T00:00:02Z"}],"pagingInfo":{"lastPage":false,"nextPageCursor":{"cursor":"1,2"}}}`,
		"1,2": `{"entities":[{"timestamp":"2026-01-01T00:00:01Z"}],"pagingInfo":{"lastPage":true}}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !audits(r) {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(pages[r.URL.Query().Get("pageCursor")]))
	}))
	t.Cleanup(server.Close)
	c := kinds[3].client(t, atlassian.Options{APIURL: server.URL, Deployment: atlassian.DeploymentDataCenter})
	n := 0
	err := c.Read(t.Context(), time.Time{}, time.Now(), func(atlassian.Record) error {
		n++
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d records, %v", n, err)
	}
}

// Jira lists nothing for a window whose ends are equal, and may round times to seconds.
func TestNarrowWindow(t *testing.T) {
	t.Parallel()
	sim, c := simulated(t, kinds[2], simulate.Options{Records: 200, Twins: 0.3, Seed: 9}, atlassian.Options{})
	want := map[int64]int{}
	var at []time.Time
	for r := range sim.Records() {
		want[r.Time.UnixMilli()] += r.Copies
		at = append(at, r.Time)
	}
	for _, moment := range at {
		n := 0
		err := c.Read(t.Context(), moment, moment, func(r atlassian.Record) error {
			if !r.Time.Equal(moment) {
				return errors.New("a record of another time")
			}
			n++
			return nil
		})
		if err != nil || n != want[moment.UnixMilli()] {
			t.Fatalf("%v: %d records, want %d; %v", moment, n, want[moment.UnixMilli()], err)
		}
	}
}

// Records that a site lists because more than the window is asked for are no sign of a broken
// query.
func TestNothingPassedOver(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		sim, c := simulated(t, k, simulate.Options{}, atlassian.Options{})
		if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultNoSearchEvents}); err != nil && k.deployment == simulate.DataCenter {
			t.Fatal(err)
		}
		start := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
		for minute := range 50 {
			for _, after := range []time.Duration{0, 400 * time.Millisecond, 800 * time.Millisecond} {
				sim.Add(simulate.Record{Time: start.Add(time.Duration(minute)*time.Minute + after)})
			}
		}
		n := 0
		for minute := range 50 {
			from := start.Add(time.Duration(minute)*time.Minute - 30*time.Second)
			err := c.Read(t.Context(), from, from.Add(time.Minute-time.Millisecond), func(atlassian.Record) error {
				n++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if passed := c.PassedOver(); passed > 0 || n != 150 {
			t.Errorf("%v: %d records, %d are passed over", k, n, passed)
		}
	}
}
