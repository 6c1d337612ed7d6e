package e2e

import (
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// standing is the status of an input.
type standing struct {
	Name          string
	Up            *bool
	Failing       []string
	Records       float64
	Newest        time.Time `json:"newest_record"`
	CatchUp       float64   `json:"catch_up_seconds"`
	CatchUpTakes  float64   `json:"catch_up_estimate_seconds"`
	UsedBy        string    `json:"state_used_by"`
	Chunks        *int
	Findings      []struct{ Level, Message, Remedy string }
	StateWritten  time.Time `json:"state_written"`
	TokenExpires  time.Time `json:"token_expires"`
	RecordsHourly float64   `json:"records_per_hour"`
}

// status is right for an input that is well, one that is refused, and one with a backfill: while
// Fluent Bit runs, after a stop, and after a kill.
func TestStatus(t *testing.T) {
	t.Parallel()
	tool, dir := buildTool(t), t.TempDir()
	receiver := newReceiver(t)
	wiki := newSite(t, simulate.Options{Seed: 80, Records: 200})
	legal := newSite(t, simulate.Options{Seed: 81, Records: 10, Faults: []simulate.Fault{{Kind: simulate.FaultFreePlan}}})
	// It becomes slow when the backfill has begun, so that this is still going on at each check.
	archive := newSite(t, simulate.Options{Seed: 82, Records: 60_000, Faults: []simulate.Fault{{Kind: simulate.FaultSlow, Value: "1s", After: 25}}})
	input := func(s site, alias string) rig.Keys {
		return s.input().With(rig.Keys{"alias": alias, "db": filepath.Join(dir, alias+".db"), "storage.type": "filesystem", "start_from": "25h"})
	}
	f := newInstance(t, rig.Config{
		Service: rig.Filesystem(dir).With(rig.Keys{"http_server": "on", "http_listen": "127.0.0.1", "http_port": strconv.Itoa(rigtest.FreePort(t))}),
		Inputs:  []rig.Keys{input(wiki, "wiki"), input(legal, "legal"), input(archive, "archive")},
		Outputs: []rig.Keys{receiver.Output()},
	})
	status := func() (inputs map[string]standing, answers bool) {
		t.Helper()
		out, code := runTool(t, tool, "status", "--config", f.config, "--json")
		var all struct {
			OK, Answers bool
			Inputs      []standing
		}
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if (code == 0) != all.OK || code > 1 {
			t.Errorf("exit code %d, ok %v", code, all.OK)
		}
		inputs = make(map[string]standing)
		for _, in := range all.Inputs {
			inputs[in.Name] = in
		}
		return inputs, all.Answers
	}

	f.start()
	rigtest.Await(t, "what Fluent Bit says of the three", func() bool {
		in, answers := status()
		w, l, a := in["wiki"], in["legal"], in["archive"]
		return answers && w.Up != nil && *w.Up && w.Records >= 200 && len(w.Findings) == 0 && !w.Newest.IsZero() &&
			l.Up != nil && !*l.Up && len(l.Failing) == 1 && l.Failing[0] == "free-plan" &&
			len(l.Findings) == 1 && l.Findings[0].Level == "person" && l.Findings[0].Remedy == "upgrade Confluence to Standard or higher" &&
			a.CatchUp > 0 && a.CatchUpTakes > 0
	})
	out, code := runTool(t, tool, "status", "--config", f.config)
	t.Logf("running:\n%s", out)
	if code != 1 || !strings.HasPrefix(out, "✗ 1 of 3 inputs need attention\n  Fluent Bit ") {
		t.Errorf("exit code %d, or the summary is another:\n%s", code, out)
	}

	f.stop()
	stopped := func(usedBy bool) {
		t.Helper()
		out, code := runTool(t, tool, "status", "--config", f.config)
		t.Logf("it was stopped in order: %v\n%s", !usedBy, out)
		if code != 1 || !strings.Contains(out, "nobody answers at 127.0.0.1:") {
			t.Errorf("exit code %d, or it is not said that Fluent Bit does not run:\n%s", code, out)
		}
		in, answers := status()
		w, l, a := in["wiki"], in["legal"], in["archive"]
		if answers || w.Up != nil || w.Newest.IsZero() || w.CatchUp > 0 || !l.Newest.IsZero() || a.Newest.IsZero() || a.CatchUp == 0 || w.Chunks == nil {
			t.Errorf("the state files tell otherwise: %+v", in)
		}
		for name, i := range in {
			if (i.UsedBy != "") != usedBy || usedBy && !strings.Contains(i.UsedBy, "process "+strconv.Itoa(f.PID())+" ") {
				t.Errorf("%s was used by %q", name, i.UsedBy)
			}
			if i.StateWritten.IsZero() {
				t.Errorf("%s: nobody has written the state", name)
			}
		}
	}
	stopped(false)

	f.start()
	f.AwaitLog("goes on with the catch-up at", 1)
	f.Kill()
	stopped(true)
}

// runTool returns the output of the tool and its exit code.
func runTool(t *testing.T, tool string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(rigtest.Patient(t), tool, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if errs.Len() > 0 {
		t.Errorf("%s: %s", args[0], &errs)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
