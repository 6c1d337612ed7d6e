package confluence_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// bubbled returns a client of a simulated site for a synctest bubble.
func bubbled(t *testing.T, s simulate.Options, o atlassian.Options) (*simulate.Simulator, *confluence.Client) {
	t.Helper()
	sim := simulate.New(s)
	return sim, bubbledTo(t, sim, s.Deployment, o)
}

// bubbledTo returns a client of a handler for a synctest bubble.
func bubbledTo(t *testing.T, h http.Handler, deployment string, o atlassian.Options) *confluence.Client {
	t.Helper()
	o.APIURL, o.Route, o.AllowHTTP = "http://wiki.example.com", atlassian.RouteSite, true
	o.UserIdentifier, o.APIToken, o.CloudID = "admin@example.com", atlassian.NewSecret("unscoped-token"), "some-cloud-id"
	if deployment == simulate.DataCenter {
		o.UserIdentifier, o.APIToken, o.Route, o.CloudID = "admin", atlassian.NewSecret("password"), "", ""
	}
	o.Transport = confluence.InMemory(h)
	c, err := confluence.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// limits returns how many records each request since the last call asked for.
func limits(sim *simulate.Simulator, since *int) (asked []int) {
	all := sim.Requests()
	for _, r := range all[*since:] {
		query, _ := url.ParseQuery(r.Query)
		if n, err := strconv.Atoi(query.Get("limit")); err == nil {
			asked = append(asked, n)
		}
	}
	*since = len(all)
	return asked
}

// A page that the site cannot send in time is asked for in smaller pages, which grow again slowly.
func TestPageSizeAfterTimeouts(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		synctest.Test(t, func(t *testing.T) {
			sim, c := bubbled(t, simulate.Options{Deployment: deployment, Records: 3000}, atlassian.Options{})
			if _, err := c.Connect(t.Context()); err != nil {
				t.Fatal(err)
			}
			since := 0
			limits(sim, &since)
			if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultSlowPages, Value: "100ms"}); err != nil {
				t.Fatal(err)
			}
			compare(t, expected(sim), readWindow(t, c))
			if asked := limits(sim, &since); len(asked) > 20 || asked[0] != 1000 || slices.Max(asked[1:]) != 250 {
				t.Errorf("%s: asked for pages of %v", deployment, asked)
			}
			if err := sim.SetFaults(); err != nil {
				t.Fatal(err)
			}
			compare(t, expected(sim), readWindow(t, c))
			if asked := limits(sim, &since); slices.Max(asked) != 500 {
				t.Errorf("%s: asked for pages of %v, and the site was too slow not long ago", deployment, asked)
			}
			time.Sleep(10 * time.Minute)
			for range 2 {
				compare(t, expected(sim), readWindow(t, c))
			}
			if asked := limits(sim, &since); slices.Max(asked) != 1000 {
				t.Errorf("%s: asked for pages of %v, and the site is quick again", deployment, asked)
			}
		})
	}
}

// If a site does not answer at all, the error is returned soon, and afterwards pages are at once as
// long as before.
func TestPageSizeAfterHanging(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := bubbled(t, simulate.Options{Records: 5000}, atlassian.Options{})
		since := 0
		compare(t, expected(sim), readWindow(t, c))
		limits(sim, &since)
		if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultHang}); err != nil {
			t.Fatal(err)
		}
		for range 8 {
			err := c.Read(t.Context(), time.Time{}, time.Now(), func(atlassian.Record) error { return nil })
			if e, ok := errors.AsType[*atlassian.Error](err); !ok || e.Cause != atlassian.CauseTimeout {
				t.Errorf("error %v", err)
			}
			if asked := limits(sim, &since); len(asked) > 2 {
				t.Errorf("asked for pages of %v before it told", asked)
			}
		}
		if err := sim.SetFaults(); err != nil {
			t.Fatal(err)
		}
		compare(t, expected(sim), readWindow(t, c))
		if asked := limits(sim, &since); slices.Max(asked) != 1000 || len(asked) > 30 {
			t.Errorf("asked for pages of %v", asked)
		}
	})
}
