package organization

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

const testID = "22222222-3333-4444-8555-666666666666"

// play returns a simulated organization and a client of it.
func play(t *testing.T, o simulate.Options, with ...func(*Options)) (*simulate.Simulator, *Client) {
	t.Helper()
	o.Product = simulate.Organization
	sim := simulate.New(o)
	return sim, clientOf(t, sim, with...)
}

func clientOf(t *testing.T, h http.Handler, with ...func(*Options)) *Client {
	t.Helper()
	options := Options{OrgID: testID}
	options.APIToken, options.Transport = atlassian.NewSecret("org-key"), simulate.InMemory(h)
	for _, f := range with {
		f(&options)
	}
	c, err := New(options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func key(secret string) func(*Options) {
	return func(o *Options) { o.APIToken = atlassian.NewSecret(secret) }
}

func setFaults(t *testing.T, sim *simulate.Simulator, faults ...simulate.FaultKind) {
	t.Helper()
	var all []simulate.Fault
	for _, kind := range faults {
		all = append(all, simulate.Fault{Kind: kind})
	}
	if err := sim.SetFaults(all...); err != nil {
		t.Fatal(err)
	}
}

// walk follows the stream to its present end, and returns the cursor to go on with.
func walk(t *testing.T, c *Client, cursor string, from time.Time) (events []atlassian.Event, last string) {
	t.Helper()
	for {
		page, err := c.Page(t.Context(), cursor, from)
		if err != nil {
			t.Fatal(err)
		}
		if page.Next != "" {
			cursor = page.Next
		}
		if page.Listed == 0 {
			return events, cursor
		}
		events = append(events, page.Events...)
	}
}

// Every event comes once, in the order of processing, as Atlassian sent it, with either end of
// data. Its last cursor leads to what comes later.
func TestPageByPage(t *testing.T) {
	t.Parallel()
	for _, end := range [][]simulate.FaultKind{nil, {simulate.FaultEndNull}} {
		sim, c := play(t, simulate.Options{Seed: 3, Records: 1200}, func(o *Options) { o.PageSize = 100 })
		setFaults(t, sim, end...)
		events, cursor := walk(t, c, "", time.Time{})
		var want [][]byte
		for r := range sim.Records() {
			want = append(want, r.JSON)
		}
		var got [][]byte
		for i, e := range events {
			got = append(got, e.Raw)
			if i > 0 && e.Processed.Before(events[i-1].Processed) {
				t.Fatalf("event %d was processed before the one before it", i)
			}
		}
		slices.SortFunc(got, bytes.Compare)
		slices.SortFunc(want, bytes.Compare)
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%v: %d events differ from the %d that exist", end, len(got), len(want))
		}
		sim.Add(simulate.Record{})
		if more, _ := walk(t, c, cursor, time.Time{}); len(more) != 1 {
			t.Errorf("%v: %d events after the end, want 1", end, len(more))
		}
		if late, _ := walk(t, c, "", events[700].Processed); len(late) != 501 {
			t.Errorf("%v: %d events from a time, want 501", end, len(late))
		}
	}
}

// Each refusal has a cause of its own, and says what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		key    string
		org    string // of the simulation
		fault  simulate.FaultKind
		before bool // the key was accepted before
		cause  atlassian.Cause
		says   string
		step   string
	}{
		{name: "no Guard", fault: simulate.FaultEntitlement, cause: atlassian.CauseNoGuard, says: "Atlassian Guard Standard or Premium", step: site.StepPermission},
		{name: "scope", fault: simulate.FaultScope, cause: atlassian.CauseScope, says: "read:events:admin", step: site.StepPermission},
		{name: "token of a person", key: "ATATT3xFfGF0", cause: atlassian.CauseSiteToken, says: "make an API key at admin.atlassian.com", step: site.StepCredential},
		{name: "wrong key", key: "ATCTT3xFfG", cause: atlassian.CauseCredentials, says: "has not expired", step: site.StepCredential},
		{name: "expired key", before: true, fault: simulate.FaultUnauthorized, cause: atlassian.CauseExpired, says: "make a new one", step: site.StepCredential},
		{name: "unknown organization", org: "33333333-3333-4444-8555-666666666666", cause: atlassian.CauseNoOrganization, says: "behind /o/", step: StepOrganization},
		{name: "firewall", fault: simulate.FaultForbidden, cause: atlassian.CauseForbidden, says: "firewall", step: site.StepPermission},
		{name: "other JSON", fault: simulate.FaultOtherJSON, cause: atlassian.CauseNotAuditList, step: site.StepPermission},
		{name: "login page", fault: simulate.FaultLoginPage, cause: atlassian.CauseLoginPage, step: site.StepCredential},
		{name: "broken server", fault: simulate.FaultServerError, cause: atlassian.CauseServer, step: site.StepPermission},
		{name: "rate limit", fault: simulate.FaultRateLimit, cause: atlassian.CauseRateLimited, step: site.StepPermission},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sim, c := play(t, simulate.Options{Records: 1, OrgID: cmp.Or(tt.org, testID)}, key(cmp.Or(tt.key, "org-key")))
				if tt.before {
					if _, err := c.Page(t.Context(), "", time.Time{}); err != nil {
						t.Fatal(err)
					}
				}
				if tt.fault != "" {
					setFaults(t, sim, tt.fault)
				}
				_, err := c.Page(t.Context(), "", time.Time{})
				if atlassian.CauseOf(err) != tt.cause || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got cause %q: %v", atlassian.CauseOf(err), err)
				}
				if of := []atlassian.Cause{atlassian.CauseNoGuard, atlassian.CauseSiteToken, atlassian.CauseNoOrganization}; slices.Contains(of, tt.cause) {
					wantExample(t, err)
				}
				failed := ""
				for _, s := range checked(t, c) {
					if s.Status == site.Fail {
						failed = s.Name
					}
				}
				if failed != tt.step {
					t.Errorf("check fails at %q, want %q", failed, tt.step)
				}
			})
		})
	}
}

// wantExample checks that an error says what the table of causes has as an example.
func wantExample(t *testing.T, err error) {
	t.Helper()
	refusal, _ := errors.AsType[*atlassian.Error](err)
	if !slices.ContainsFunc(atlassian.Causes(), func(row atlassian.CauseInfo) bool {
		return row.Cause == refusal.Cause && row.Example == refusal.Message && row.Remedy == refusal.Remedy
	}) {
		t.Errorf("the table of causes does not have %v", err)
	}
}

// Without org_id the key is asked. A key that is bound to one organization lists none, so the
// message says what to set.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	without := func(o *Options) { o.OrgID = "" }
	_, c := play(t, simulate.Options{Records: 3}, without, key("admin-key"))
	if found, err := c.Connect(t.Context()); err != nil || found.OrgID != testID || !strings.HasSuffix(found.URL, "/admin/v1/orgs/"+testID) {
		t.Errorf("found %+v, %v", found, err)
	}
	_, c = play(t, simulate.Options{Records: 3}, without)
	_, err := c.Connect(t.Context())
	wantExample(t, err)
	for _, second := range []string{"", `{"data":[{"id":"two"}],"links":{}}`} {
		c = clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case second == "":
				_, _ = w.Write([]byte(`{"data":[{"id":"one"},{"id":"two"},{"id":"not/an/id"}]}`))
			case r.URL.Query().Get("cursor") == "2":
				_, _ = w.Write([]byte(second))
			default:
				_, _ = w.Write([]byte(`{"data":[{"id":"one"}],"links":{"next":"https://api.atlassian.com/admin/v1/orgs?cursor=2"}}`))
			}
		}), without)
		if _, err := c.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "one of one, two") {
			t.Errorf("got %v", err)
		}
	}
	// There is always another page.
	c = clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"data":[{"id":"one"}],"meta":{"next":"%sx"}}`, r.URL.Query().Get("cursor"))
	}), without)
	if _, err := c.Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "lists 20 organizations") {
		t.Errorf("got %v", err)
	}
}

// The expiry is known only if one key stands out.
func TestExpires(t *testing.T) {
	t.Parallel()
	const reads, other = `"scopes":["read:events:admin"]`, `"scopes":["read:users:admin"]`
	for list, want := range map[string]string{
		`{"expiresAt":"2099-01-02T00:00:00Z",` + reads + `}`:                                                    "2099-01-02",
		`{"expiresAt":"2099-01-02T00:00:00Z","scopes":[]},{"expiresAt":"2099-02-02T00:00:00Z",` + other + `}`:   "2099-01-02",
		`{"expiresAt":"2099-01-02T00:00:00Z",` + reads + `},{"expiresAt":"2001-01-02T00:00:00Z",` + reads + `}`: "2099-01-02",
		`{"expiresAt":"2099-01-02T00:00:00Z",` + reads + `},{"expiresAt":"2099-02-02T00:00:00Z"}`:               "0001-01-01",
		`{"expiresAt":null,` + reads + `}`:                                                                      "0001-01-01",
	} {
		c := clientOf(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"data":[` + list + `]}`)) }))
		if at, err := c.Expires(t.Context()); err != nil || at.Format(time.DateOnly) != want {
			t.Errorf("%s: %v, %v", list, at, err)
		}
	}
}

// The newest come first, within the range of time only.
func TestReadRange(t *testing.T) {
	t.Parallel()
	sim, c := play(t, simulate.Options{Records: 500, History: 10 * time.Hour}, func(o *Options) { o.PageSize = 50 })
	now := c.Now()
	for _, fault := range [][]simulate.FaultKind{nil, {simulate.FaultFilterTime}} {
		setFaults(t, sim, fault...)
		from, to := now.Add(-5*time.Hour), now.Add(-3*time.Hour)
		want := 0
		for r := range sim.Records() {
			if !r.Time.Before(from) && !r.Time.After(to) {
				want++
			}
		}
		n := 0
		err := c.Read(t.Context(), from, to, func(r atlassian.Record) error {
			if r.Time.Before(from) || r.Time.After(to) {
				t.Errorf("an event of %s", r.Time)
			}
			n++
			return nil
		})
		if err != nil || n != want || n < 50 {
			t.Errorf("%v: %d events, want %d; %v", fault, n, want, err)
		}
	}
	newest, found, err := c.Newest(t.Context())
	if err != nil || !found || now.Sub(newest.Time) > time.Hour {
		t.Errorf("newest of %s, %v, %v", newest.Time, found, err)
	}
	_, c = play(t, simulate.Options{})
	if _, found, err := c.Newest(t.Context()); found || err != nil {
		t.Errorf("an empty log has an event: %v", err)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]Options{
		"org_id":        {OrgID: "https://admin.atlassian.com/o/x", Options: atlassian.Options{APIToken: atlassian.NewSecret("k")}},
		"no credential": {OrgID: testID},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	c, err := New(Options{OrgID: testID, Options: atlassian.Options{APIToken: atlassian.NewSecret("k")}})
	if err != nil || c.Site().Log() != "organization https://api.atlassian.com/admin/v1/orgs/"+testID {
		t.Errorf("%v, %v", c.Site().Log(), err)
	}
}
