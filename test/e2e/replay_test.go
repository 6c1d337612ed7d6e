package e2e

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// Records that a receiver has refused for good, because of a wrong token, are kept by Fluent Bit
// with the tags that a filter has set. A replay delivers all of them with their ids and timestamps.
func TestReplay(t *testing.T) {
	t.Parallel()
	tool := buildTool(t)
	dir := t.TempDir()
	s := newSite(t, simulate.Options{Seed: 61, Records: 1500, Twins: 0.1})
	receiver := newReceiver(t)
	metric, port := served(t)
	f := newInstance(t, rig.Config{
		Service: rig.Filesystem(dir).With(port).With(rig.Keys{"storage.keep.rejected": "on", "storage.rejected.path": "rejected"}),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"tag": "confluence.audit", "db": filepath.Join(dir, "state.db"), "storage.type": "filesystem", "start_from": "48h"})},
		Filters: []rig.Keys{
			{"name": "rewrite_tag", "match": "confluence.audit", "rule": "$atlassian['event_id'] ^([0-7]) spread.$1 false", "emitter_storage.type": "filesystem"},
		},
		Outputs: []rig.Keys{receiver.Output()},
	})
	records := f.throwAway(s, receiver, metric)

	// Fluent Bit by its usual name, as on an operator's machine.
	program, err := rig.Find()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.Symlink(program, filepath.Join(bin, "fluent-bit")); err != nil {
		t.Fatal(err)
	}
	replay := func() (string, error) {
		cmd := exec.Command(tool, "replay", "--config", f.config, "--yes")
		cmd.Env = append(os.Environ(), "PATH="+bin+":"+cmp.Or(os.Getenv("PATH"), "/usr/bin"))
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := replay(); err == nil || !strings.Contains(out, "refused the rest again") {
		t.Fatalf("replay to a receiver that still refuses: %v\n%s", err, out)
	}
	receiver.Be(rig.Takes)
	out, err := replay()
	if err != nil {
		t.Fatalf("replay: %v\n%s", err, out)
	}
	t.Log(out)
	c := rig.Compare(s.Records(), receiver.Events(), time.Time{})
	t.Log(c)
	if !c.Complete() || len(c.Surplus) > 0 || c.Events != records {
		t.Errorf("not all have come, each once: %s", c)
	}
}
