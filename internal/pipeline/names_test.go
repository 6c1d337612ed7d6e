package pipeline

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

const named = "Did something that nobody knows"

// unknownEvent adds an event whose action is in no table, and returns the event that is delivered.
func unknownEvent(t *testing.T, sim *simulate.Simulator, p *Pipeline) string {
	t.Helper()
	now := time.Now().UTC().Format(time.RFC3339Nano)
	sim.Add(simulate.Record{JSON: []byte(`{"id":"` + now + `","type":"events","attributes":{"time":"` + now + `","processedAt":"` + now + `","action":"something_nobody_knows","actor":{"id":"confluence"},"context":[]}}`)})
	return drain(t, p, 1)
}

func asked(sim *simulate.Simulator, endpoint string) (n int) {
	for _, r := range sim.Requests() {
		if strings.HasSuffix(r.Path, endpoint) {
			n++
		}
	}
	return n
}

// What Atlassian calls an action is asked for once a day, and is known after a restart also if
// Atlassian refuses to tell it.
func TestNamesAreKept(t *testing.T) {
	t.Parallel()
	_, database := linked(t)
	for name, db := range map[string]string{"file": filepath.Join(t.TempDir(), "state.db"), "database": database} {
		t.Run(name, func(t *testing.T) {
			sim := simulate.New(simulate.Options{Product: simulate.Organization, Records: 5})
			server := httptest.NewServer(sim)
			defer server.Close()
			for run := range 2 {
				p, _, err := organizationPipeline(t, server.URL, map[string]string{"org_id": sim.OrgID(), "api_key": "org-key", "schema": "ecs", "db": db})
				if err != nil {
					t.Fatal(err)
				}
				p.Start(0)
				if run == 0 {
					drain(t, p, 5)
				}
				for p.names.Load() == nil {
					time.Sleep(time.Millisecond)
				}
				if events := unknownEvent(t, sim, p); !strings.Contains(events, named) || !strings.Contains(events, "Analytics actions") {
					t.Errorf("run %d: no name in %q", run, events)
				}
				if err := p.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
				if err := sim.SetFaults(simulate.Fault{Kind: simulate.FaultNotFound, Path: "/event-actions"}); err != nil {
					t.Fatal(err)
				}
			}
			if n := asked(sim, "/event-actions"); n != 1 {
				t.Errorf("asked for the names %d times", n)
			}
		})
	}
}

// Whatever becomes of the question for names, events are delivered, without delay.
func TestNamesAreRefused(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulate.Fault{
		{Kind: simulate.FaultNotFound}, {Kind: simulate.FaultForbidden}, {Kind: simulate.FaultUnauthorized}, {Kind: simulate.FaultRateLimit, Value: "3600"},
		{Kind: simulate.FaultUnavailable, Value: "3600"}, {Kind: simulate.FaultServerError}, {Kind: simulate.FaultHuge}, {Kind: simulate.FaultDeepNesting}, {Kind: simulate.FaultCut},
		{Kind: simulate.FaultOtherJSON}, {Kind: simulate.FaultLoginPage}, {Kind: simulate.FaultHang}, {Kind: simulate.FaultReset},
	} {
		t.Run(string(fault.Kind), func(t *testing.T) {
			t.Parallel()
			fault.Path = "/event-actions"
			sim := simulate.New(simulate.Options{Product: simulate.Organization, Records: 5, Faults: []simulate.Fault{fault}})
			server := httptest.NewServer(sim)
			defer server.Close()
			p, hook, err := organizationPipeline(t, server.URL, map[string]string{"org_id": sim.OrgID(), "api_key": "org-key"})
			if err != nil {
				t.Fatal(err)
			}
			p.Start(0)
			drain(t, p, 5)
			warned := func() bool {
				for _, line := range hook.AllEntries() {
					if strings.Contains(line.Message, "names of actions cannot be read") {
						return true
					}
				}
				return false
			}
			for fault.Kind != simulate.FaultHang && !warned() {
				time.Sleep(time.Millisecond)
			}
			unknownEvent(t, sim, p)
			if p.stats.Failing() {
				t.Error("reading fails")
			}
			if err := p.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := asked(sim, "/event-actions"); n > 1 {
				t.Errorf("asked for the names %d times", n)
			}
		})
	}
}
