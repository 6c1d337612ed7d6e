package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// Records that an output has dropped, because of a wrong token, are delivered after a rewind. Those
// that had arrived are delivered again with the same event ids, twins too.
func TestRewind(t *testing.T) {
	t.Parallel()
	tool := buildTool(t)
	dir := t.TempDir()
	s := newSite(t, simulate.Options{Seed: 54, Records: 1500, Twins: 0.1})
	receiver := newReceiver(t)
	metric, port := served(t)
	f := newInstance(t, rig.Config{
		Service: rig.Filesystem(dir).With(port),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": filepath.Join(dir, "state.db"), "storage.type": "filesystem", "start_from": "48h"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	records := f.throwAway(s, receiver, metric)

	// The token is right now, but the dropped records do not come by themselves.
	receiver.Be(rig.Takes)
	f.start()
	added := s.Add(simulate.Record{})
	rigtest.Await(t, added, func() bool { return receiver.Count() > 0 })
	f.stop()
	if n := receiver.Count(); n != 1 {
		t.Fatalf("%d events have come before the rewind, want the new one", n)
	}
	records++

	for n := 1; n <= 2; n++ {
		rewind := exec.Command(tool, "rewind", "--config", f.config, "--to", "all", "--yes")
		if out, err := rewind.CombinedOutput(); err != nil {
			t.Fatalf("rewind: %v\n%s", err, out)
		}
		f.start()
		rigtest.Await(t, "all records", func() bool { return receiver.Count() >= 1+n*records })
		f.stop()
		c := rig.Compare(s.Records(), receiver.Events(), time.Time{})
		t.Log(c)
		if !c.Complete() || len(c.Surplus) > 0 || c.Events != 1+n*records {
			t.Errorf("after rewind %d not all have come, or not with the ids that they had: %s", n, c)
		}
	}
}

// buildTool builds the operator's tool.
func buildTool(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "confluence-audit")
	if out, err := exec.Command("go", "build", "-o", tool, "../../cmd/confluence-audit").CombinedOutput(); err != nil {
		t.Fatalf("build the tool: %v\n%s", err, out)
	}
	return tool
}

// throwAway runs Fluent Bit while its receiver refuses everything for good, until the output has
// dropped all records of the site. It returns how many they are.
func (i *instance) throwAway(s site, receiver *rig.Receiver, metric func(name string) float64) (records int) {
	i.t.Helper()
	for r := range s.Records() {
		records += r.Copies
	}
	receiver.Be(rig.Forbids)
	i.start()
	i.AwaitLog("chunk will not be retried", 1)
	rigtest.Await(i.t, "all records thrown away", func() bool {
		return metric("fluentbit_output_dropped_records_total") == float64(records)
	})
	i.stop()
	return records
}
