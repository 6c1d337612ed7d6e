package pipeline

import (
	"strings"
	"testing"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/simulate"
)

// A site with a new address is recognised in the database by its cloud id, and nothing is delivered
// again: also while a process still reads it at the former one. Other sites begin anew.
func TestMovedSharedSite(t *testing.T) {
	t.Parallel()
	sim := simulate.New(simulate.Options{Records: 20, Seed: 1})
	here, there := address(t, sim), address(t, sim)
	another, away := address(t, otherSite()), address(t, badGateway)
	center := address(t, simulate.New(simulate.Options{Records: 5, Deployment: simulate.DataCenter}))
	_, db := linked(t)
	process := func(url string) (*Pipeline, *logtest.Hook) {
		t.Helper()
		log, said := logtest.NewNullLogger()
		keys := map[string]string{"api_url": url, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "db": db, "start_from": "25h", "poll_interval": "1s"}
		if url == center {
			keys["user_identifier"], keys["api_token"] = "admin", "password"
		}
		p, err := New(settings(t, keys), log, host)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		t.Cleanup(func() { _ = p.Stop(t.Context()) })
		return p, said
	}
	says := func(said *logtest.Hook, text string) func() bool {
		return func() bool {
			for _, e := range said.AllEntries() {
				if strings.Contains(e.Message, text) {
					return true
				}
			}
			return false
		}
	}

	old, _ := process(here)
	drain(t, old, 20)
	await(t, func() bool {
		found, err := fleet.View(t.Context(), fleet.Options{URL: db})
		return err == nil && len(found.Logs) == 1 && found.Logs[0].Checkpoint.CloudID != ""
	})
	renamed, said := process(there)
	other, _ := process(another)
	company, _ := process(center)
	unreachable, complaints := process(away)
	await(t, says(said, "a process has it under its former name: this one waits until all processes have the new address"))
	if renamed.holds() || renamed.stats.Failing() || !old.holds() {
		t.Errorf("the new address is read: %t, fails: %t; the former one is read: %t", renamed.holds(), renamed.stats.Failing(), old.holds())
	}
	if err := old.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	added := sim.Add(simulate.Record{Time: time.Now()})
	if events := drain(t, renamed, 1); !strings.Contains(events, added) {
		t.Errorf("another record than the new one has come: %q", events)
	}
	if !says(said, "api_url was "+here+" and is "+there+" now: the cloud id is the same")() {
		t.Error("it is not said")
	}

	drain(t, other, 5)
	drain(t, company, 5)
	await(t, func() bool { return unreachable.stats.Failing() })
	await(t, says(complaints, "; or set cloud_id; this process stands by, and tries again"))
	await(t, func() bool { return renamed.stats.Polled.Load() > 0 })
	if got := renamed.stats.Records.Load(); got != 1 {
		t.Errorf("%d records came from the new address, want 1", got)
	}
	lines := 0
	for _, e := range complaints.AllEntries() {
		if strings.Contains(e.Message, "or set cloud_id") {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines say that the site is away, want 1", lines)
	}
}
