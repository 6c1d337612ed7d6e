package paging_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
)

// 10,000 events on pages of 500, with links to a wrong host: all are read once, and none of our own
// searches.
func TestSimulatedDataCenter(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		if k.Deployment != simulate.DataCenter {
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
		if k.Deployment == simulate.Cloud {
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

// A cursor may be an object, as Jira's developers have documented it.
func TestCursorObject(t *testing.T) {
	t.Parallel()
	pages := map[string]string{
		"":    `{"entities":[{"timestamp":"2026-01-01T00:00:02Z"}],"pagingInfo":{"lastPage":false,"nextPageCursor":{"cursor":"1,2"}}}`,
		"1,2": `{"entities":[{"timestamp":"2026-01-01T00:00:01Z"}],"pagingInfo":{"lastPage":true}}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/auditing/1.0/events") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(pages[r.URL.Query().Get("pageCursor")]))
	}))
	t.Cleanup(server.Close)
	c := kinds[3].Client(t, atlassian.Options{APIURL: server.URL, Deployment: atlassian.DeploymentDataCenter})
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
		if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultNoSearchEvents}); err != nil && k.Deployment == simulate.DataCenter {
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
