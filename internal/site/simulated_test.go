package site_test

import (
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// simulated returns a client of a simulated Atlassian, with only an address and a credential.
func simulated(t *testing.T, k kind, s simulate.Options, o atlassian.Options) (*simulate.Simulator, *site.Client) {
	t.Helper()
	sim := simulate.New(k.of(s))
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	o.APIURL = server.URL + s.ContextPath
	o.GatewayURL, o.TokenURL = server.URL, server.URL+"/oauth/token"
	return sim, k.client(t, o)
}

// expected returns the records of the log without our own searches, sorted.
func expected(sim *simulate.Simulator) []string {
	var want []string
	for r := range sim.Records() {
		if !strings.HasPrefix(r.Serial, "SEARCH-") {
			want = append(want, slices.Repeat([]string{string(r.JSON)}, r.Copies)...)
		}
	}
	slices.Sort(want)
	return want
}

func readWindow(t *testing.T, c *site.Client) []string {
	t.Helper()
	var got []string
	for range 5 { // the simulated log may move
		got = got[:0]
		err := c.Read(t.Context(), time.Time{}, time.Now(), func(r atlassian.Record) error {
			got = append(got, string(r.Raw))
			return nil
		})
		if err == nil {
			slices.Sort(got)
			return got
		}
		if !errors.Is(err, atlassian.ErrMoved) {
			t.Fatal(err)
		}
	}
	t.Fatal("the log moved at every try")
	return nil
}

// compare compares two sorted lists of records.
func compare(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	count := map[string]int{}
	for _, record := range got {
		count[record]++
	}
	for _, record := range want {
		count[record]--
	}
	missing, extra, example := 0, 0, ""
	for record, n := range count {
		switch {
		case n < 0:
			missing -= n
			example = record
		case n > 0:
			extra += n
			example = record
		}
	}
	t.Errorf("%d records instead of %d: %d missing, %d too many, among them %.300s", len(got), len(want), missing, extra, example)
}

func TestSimulatedCredentials(t *testing.T) {
	t.Parallel()
	secret := atlassian.NewSecret
	for _, product := range []string{simulate.Confluence, simulate.Jira} {
		cloud, center := kind{product, simulate.Cloud}, kind{product, simulate.DataCenter}
		scoped, service := "scoped-token", "service-token"
		if product == simulate.Jira {
			scoped, service = "scoped-jira-token", "service-jira-token"
		}
		robot := atlassian.Options{UserIdentifier: "robot@serviceaccount.atlassian.com", APIToken: secret(service)}
		for _, tt := range []struct {
			name    string
			kind    kind
			sim     simulate.Options
			options atlassian.Options
			route   atlassian.Route
			api     string
		}{
			{"token without scopes", cloud, simulate.Options{}, atlassian.Options{UserIdentifier: "admin@example.com", APIToken: secret("unscoped-token")}, "site", "audit"},
			{"token with scopes", cloud, simulate.Options{}, atlassian.Options{UserIdentifier: "admin@example.com", APIToken: secret(scoped)}, "gateway", "audit"},
			{"service account's token", cloud, simulate.Options{}, robot, "gateway", "audit"},
			{"service account's token alone", cloud, simulate.Options{}, atlassian.Options{APIToken: secret(service)}, "gateway", "audit"},
			{"service account's token that is taken alone only", cloud, simulate.Options{Faults: []simulate.Fault{{Kind: simulate.FaultBearerOnly}}}, robot, "gateway", "audit"},
			{"OAuth", cloud, simulate.Options{}, atlassian.Options{ClientID: "client-id", ClientSecret: secret("client-secret")}, "gateway", "audit"},
			{"personal access token", center, simulate.Options{ContextPath: "/" + product},
				atlassian.Options{PersonalAccessToken: secret("personal-access-token"), UserIdentifier: "ignored"}, "site", "auditing"},
			{"password", center, simulate.Options{}, atlassian.Options{UserIdentifier: "admin", APIToken: secret("password")}, "site", "auditing"},
			{"before the auditing API", center, simulate.Options{Legacy: true}, atlassian.Options{UserIdentifier: "admin", APIToken: secret("password")}, "site", "legacy"},
		} {
			t.Run(product+", "+tt.name, func(t *testing.T) {
				t.Parallel()
				tt.sim.Records, tt.sim.Twins, tt.options.PageSize = 700, 0.2, 50
				sim, c := simulated(t, tt.kind, tt.sim, tt.options)
				got := readWindow(t, c)
				compare(t, expected(sim), got)
				if site := c.Site(); site.Route != tt.route || site.API != tt.api || site.Product != product {
					t.Errorf("site %+v", site)
				}
			})
		}
	}
}

// 10,000 events on pages of 500, with links to a wrong host: all are read once, and none of our own
// searches.
func TestSimulatedDataCenter(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		if k.deployment != simulate.DataCenter {
			continue
		}
		sim, c := simulated(t, k, simulate.Options{Records: 10_000, Twins: 0.1}, atlassian.Options{PersonalAccessToken: atlassian.NewSecret("personal-access-token"), PageSize: 500})
		for range 2 { // the second time our first searches are in the log
			got := readWindow(t, c)
			compare(t, expected(sim), got)
		}
	}
}

// movements are changes between two pages.
var movements = []simulate.Fault{
	{Kind: simulate.FaultInsert, After: 4, Count: 1}, {Kind: simulate.FaultInsert, After: 4, Count: 2, Value: "3"},
	{Kind: simulate.FaultVanish, After: 4, Count: 1}, {Kind: simulate.FaultExpire, After: 4, Count: 2},
	{Kind: simulate.FaultMalformed, After: 4, Count: 1},
}

// Whatever the server does between pages, all records are read, or there is an error.
func TestSimulatedFaults(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		faults := []simulate.Fault{
			{Kind: simulate.FaultGzip}, {Kind: simulate.FaultBOM}, {Kind: simulate.FaultPageCap, Value: "17"},
			{Kind: simulate.FaultPageCap, Value: "17", After: 5}, {Kind: simulate.FaultSizeTotal}, {Kind: simulate.FaultNextBare},
			{Kind: simulate.FaultNextWindow}, {Kind: simulate.FaultNextContext}, {Kind: simulate.FaultNextAbsolute},
			{Kind: simulate.FaultNextSkips}, {Kind: simulate.FaultNextOtherHost}, {Kind: simulate.FaultDateStill, Value: "24h"},
			{Kind: simulate.FaultNewestOnly, Value: "300"},
		}
		// with a Data Center's cursor a change behind it matters only to the next read
		if k.deployment == simulate.Cloud {
			faults = append(faults, movements...)
		}
		for _, fault := range faults {
			t.Run(k.String()+" "+string(fault.Kind)+" "+fault.Value, func(t *testing.T) {
				t.Parallel()
				sim, c := simulated(t, k, simulate.Options{Records: 700, Twins: 0.3, Seed: 7}, atlassian.Options{PageSize: 50})
				if err := sim.SetFaults(fault); err != nil {
					t.Skip(err)
				}
				got := readWindow(t, c)
				compare(t, expected(sim), got)
			})
		}
	}
}

// A site that allows one request a second is read, and a record is not asked for twice.
func TestSimulatedRateBucket(t *testing.T) {
	t.Parallel()
	sim, c := simulated(t, kinds[0], simulate.Options{Records: 20}, atlassian.Options{PageSize: 8})
	if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultRateBucket}); err != nil {
		t.Fatal(err)
	}
	compare(t, expected(sim), readWindow(t, c))
	if served, refused := c.Requests("2xx"), c.Requests("429"); refused > served {
		t.Errorf("%d requests were refused beside %d", refused, served)
	}
}

// If a site refuses or cuts one request in eight, a read costs one more request in eight, whatever
// a window holds.
func TestSimulatedOneInEight(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]simulate.Fault{
		"refused": {{Kind: simulate.FaultUnavailable, Value: "0", Share: 1.0 / 8}},
		"cut":     {{Kind: simulate.FaultCut, Share: 1.0 / 8}},
		"both":    {{Kind: simulate.FaultServerError, Share: 1.0 / 16}, {Kind: simulate.FaultReset, Share: 1.0 / 16}},
	} {
		for _, k := range kinds {
			t.Run(name+" "+k.String(), func(t *testing.T) {
				t.Parallel()
				sim, c := simulated(t, k, simulate.Options{Records: 12_000, Seed: 3}, atlassian.Options{PageSize: 200})
				if _, err := c.Connect(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := sim.SetFaults(faults...); err != nil {
					t.Fatal(err)
				}
				before := len(sim.Requests())
				compare(t, expected(sim), readWindow(t, c))
				// 61 pages of 200, each of which repeats a few records, and one request in seven
				// more.
				if requests := len(sim.Requests()) - before; requests > 90 {
					t.Errorf("%d requests", requests)
				}
			})
		}
	}
}

// Cursors that form a circle end the walk.
func TestSimulatedCursorCircle(t *testing.T) {
	t.Parallel()
	sim, c := simulated(t, kinds[1], simulate.Options{Records: 100}, atlassian.Options{PageSize: 10})
	if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultCursorCircle}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(sim.Requests())
	err := c.Read(t.Context(), time.Time{}, time.Now(), func(atlassian.Record) error { return nil })
	refusal, ok := errors.AsType[*atlassian.Error](err)
	if !ok || refusal.Cause != atlassian.CauseEndless || len(sim.Requests())-before > 10 {
		t.Errorf("%d requests, %v", len(sim.Requests()), err)
	}
}

// A refusal of the simulator has the cause that it stands for, and ends with the server's words.
func TestSimulatedRefusals(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		tests := []struct {
			deployment string
			fault      simulate.FaultKind
			cause      atlassian.Cause
			says       string
		}{
			{simulate.Cloud, simulate.FaultForbidden, atlassian.CauseForbidden, "Request Rejected: The requested URL was rejected."},
			{simulate.Cloud, simulate.FaultIPBlocked, atlassian.CauseIPBlocked, "The IP address has been rejected"},
			{simulate.Cloud, simulate.FaultGone, atlassian.CauseGone, "The requested API has been removed."},
			{simulate.Cloud, simulate.FaultNotAdmin, atlassian.CauseNotAdmin, "dministrator"},
			{simulate.Cloud, simulate.FaultFreePlan, atlassian.CauseFreePlan, "Free"},
			{simulate.DataCenter, simulate.FaultBasicOff, atlassian.CausePasswordsOff, "Basic Authentication has been disabled on this instance."},
			{simulate.DataCenter, simulate.FaultAppLate, atlassian.CauseAPIAway, "null for uri"},
			{simulate.DataCenter, simulate.FaultForbidden, atlassian.CauseForbidden, "Request Rejected"},
		}
		for _, tt := range tests {
			if tt.deployment != k.deployment {
				continue
			}
			if tt.fault == simulate.FaultNotAdmin && k.product == simulate.Confluence {
				tt.says = "User is not permitted to view the audit log"
			}
			t.Run(k.String()+" "+string(tt.fault), func(t *testing.T) {
				t.Parallel()
				_, c := simulated(t, k, simulate.Options{Faults: []simulate.Fault{{Kind: tt.fault}}}, atlassian.Options{AllowHTTP: true})
				_, err := c.Connect(t.Context())
				var e *atlassian.Error
				if !errors.As(err, &e) || e.Cause != tt.cause || !strings.Contains(e.Said, tt.says) {
					t.Fatalf("error %v, want cause %q saying %q", err, tt.cause, tt.says)
				}
				if other := map[string]string{simulate.Confluence: "Jira", simulate.Jira: "Confluence"}[k.product]; strings.Contains(e.Message+e.Remedy, other) {
					t.Errorf("%v: %s is another product", e, other)
				}
			})
		}
	}
}
