package organization

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// limits returns how many events the requests for pages asked for.
func limitsOf(sim *simulate.Simulator) (all []int) {
	for _, r := range sim.Requests() {
		query, _ := url.ParseQuery(r.Query)
		n, _ := strconv.Atoi(query.Get("limit"))
		all = append(all, n)
	}
	return all
}

// Pages that take too long become shorter, and longer again when the server is quick.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := play(t, simulate.Options{Records: 3000}, func(o *Options) { o.Timeout = 10 * time.Second })
		if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultSlowPages, Value: "100ms"}); err != nil {
			t.Fatal(err)
		}
		cursor := ""
		for tries := range 10 {
			page, err := c.Page(t.Context(), cursor, time.Time{})
			if err != nil && tries > 0 {
				t.Fatal(err)
			}
			cursor = page.Next
		}
		if all := limitsOf(sim); slices.Min(all) > 100 || slices.Min(all) < 20 {
			t.Errorf("asked a slow server for pages of %v", all)
		}
		setFaults(t, sim)
		time.Sleep(30 * time.Minute) // so long a length that was too slow is not tried
		walk(t, c, cursor, time.Time{})
		if all := limitsOf(sim); slices.Max(all[13:]) != MaxPage {
			t.Errorf("asked a quick server for pages of %v", all)
		}
	})
}

// A server that does not answer is told soon, not after it was asked for each length.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := play(t, simulate.Options{Records: 3000}, func(o *Options) { o.Timeout = time.Minute })
		setFaults(t, sim, simulate.FaultHang)
		began := time.Now()
		_, err := c.Page(t.Context(), "", time.Time{})
		if took := time.Since(began); atlassian.CauseOf(err) != atlassian.CauseTimeout || took > 3*time.Minute {
			t.Errorf("after %s: %v", took, err)
		}
		setFaults(t, sim)
		if events, _ := walk(t, c, "", time.Time{}); len(events) != 3000 {
			t.Errorf("%d events", len(events))
		}
	})
}

// It is not sure that Atlassian grants pages of 500. If it refuses, the usual 200 are asked for.
func TestLimitIsRefused(t *testing.T) {
	t.Parallel()
	sim, c := play(t, simulate.Options{Records: 900})
	setFaults(t, sim, simulate.FaultLimitRefused)
	if events, _ := walk(t, c, "", time.Time{}); len(events) != 900 {
		t.Errorf("%d events", len(events))
	}
	if all := limitsOf(sim); !slices.Equal(all, []int{500, 200, 200, 200, 200, 200, 200}) {
		t.Errorf("asked for pages of %v", all)
	}
	// A cursor that is refused says nothing about that.
	sim, c = play(t, simulate.Options{Records: 900})
	setFaults(t, sim, simulate.FaultCursorExpired)
	if _, err := c.Page(t.Context(), "eyJiIjowfQ", time.Time{}); !errors.Is(err, atlassian.ErrCursor) || len(sim.Requests()) != 1 {
		t.Errorf("%d requests, %v", len(sim.Requests()), err)
	}
	// What is refused in any case is refused for its own reason.
	_, c = play(t, simulate.Options{Records: 900}, func(o *Options) { o.OrgID = "33333333-3333-4444-8555-666666666666" })
	if _, err := c.Page(t.Context(), "", time.Time{}); atlassian.CauseOf(err) != atlassian.CauseNoOrganization {
		t.Error(err)
	}
}

// A page that is too large is asked for again with fewer events.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	sim, c := play(t, simulate.Options{})
	event := []byte(`{"id":"a","type":"events","attributes":{"time":"2026-01-02T03:04:05.678Z"},"x":"` + strings.Repeat("x", 1<<20) + `"}`)
	for range 40 {
		sim.Add(simulate.Record{JSON: event})
	}
	if events, _ := walk(t, c, "", time.Time{}); len(events) != 40 {
		t.Errorf("%d events, want 40", len(events))
	}
}

// The limits are kept without a refusal: 50 requests a minute for a path, 60 for all.
func TestLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sim, c := play(t, simulate.Options{Records: 1000}, func(o *Options) { o.PageSize = 5 }, key("admin-key"))
		began := time.Now()
		for range 20 {
			if _, err := c.Expires(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		walk(t, c, "", time.Time{})
		for _, r := range sim.Requests() {
			if r.Status != http.StatusOK {
				t.Fatalf("%s gets %d", r.Path, r.Status)
			}
		}
		// 221 requests, 201 of them for pages: the 40 beside the others, then 50 a minute.
		if took := time.Since(began); took < 4*time.Minute || took > 5*time.Minute {
			t.Errorf("took %s", took)
		}
	})
}
