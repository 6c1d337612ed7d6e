package paging_test

import (
	"errors"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
)

// bubbled returns a client of a simulated site for a synctest bubble.
func bubbled(t *testing.T, k kind, s simulate.Options, o atlassian.Options) (*simulate.Simulator, *site.Client) {
	t.Helper()
	sim := simulate.New(k.Of(s))
	return sim, bubbledTo(t, k, sim, o)
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
	for _, k := range kinds {
		synctest.Test(t, func(t *testing.T) {
			sim, c := bubbled(t, k, simulate.Options{Records: 3000}, atlassian.Options{})
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
				t.Errorf("%v: asked for pages of %v", k, asked)
			}
			if err := sim.SetFaults(); err != nil {
				t.Fatal(err)
			}
			compare(t, expected(sim), readWindow(t, c))
			if asked := limits(sim, &since); slices.Max(asked) != 500 {
				t.Errorf("%v: asked for pages of %v, and the site was too slow not long ago", k, asked)
			}
			time.Sleep(10 * time.Minute)
			for range 2 {
				compare(t, expected(sim), readWindow(t, c))
			}
			if asked := limits(sim, &since); slices.Max(asked) != 1000 {
				t.Errorf("%v: asked for pages of %v, and the site is quick again", k, asked)
			}
		})
	}
}

// If a site does not answer at all, the error is returned soon, and afterwards pages are at once as
// long as before.
func TestPageSizeAfterHanging(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := bubbled(t, kinds[0], simulate.Options{Records: 5000}, atlassian.Options{})
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
