package site_test

import (
	"errors"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

func TestSimulatedCredentials(t *testing.T) {
	t.Parallel()
	secret := atlassian.NewSecret
	for _, product := range []string{simulate.Confluence, simulate.Jira} {
		cloud, center := kind{Product: product, Deployment: simulate.Cloud}, kind{Product: product, Deployment: simulate.DataCenter}
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

// A password that has worked, on an account that somebody has locked since, has not expired: an
// account is locked whoever has failed to log in.
func TestSimulatedCaptchaLater(t *testing.T) {
	t.Parallel()
	sim, c := simulated(t, kinds[1], simulate.Options{Records: 10}, atlassian.Options{AllowHTTP: true})
	if err := read(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultCaptcha}); err != nil {
		t.Fatal(err)
	}
	if err := read(t.Context(), c); err == nil || !strings.Contains(err.Error(), "answer the CAPTCHA") {
		t.Errorf("error %v, want one that says what to do about the CAPTCHA", err)
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
			{simulate.DataCenter, simulate.FaultCaptcha, atlassian.CauseCredentials, "AUTHENTICATION_DENIED"},
			{simulate.DataCenter, simulate.FaultNotAdmin401, atlassian.CauseNotAdmin, "not authorized"},
			{simulate.DataCenter, simulate.FaultNotAdmin, atlassian.CauseNotAdmin, "The user is not allowed to view audit events"},
			{simulate.DataCenter, simulate.FaultAppLate, atlassian.CauseAPIAway, "null for uri"},
			{simulate.DataCenter, simulate.FaultForbidden, atlassian.CauseForbidden, "Request Rejected"},
		}
		for _, tt := range tests {
			if tt.deployment != k.Deployment {
				continue
			}
			if tt.fault == simulate.FaultNotAdmin && k.Product == simulate.Confluence && k.Deployment == simulate.Cloud {
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
				if other := map[string]string{simulate.Confluence: "Jira", simulate.Jira: "Confluence"}[k.Product]; strings.Contains(e.Message+e.Remedy, other) {
					t.Errorf("%v: %s is another product", e, other)
				}
			})
		}
	}
}
