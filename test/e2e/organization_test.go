package e2e

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// One process reads the logs of Confluence, Jira and the organization of one site, while cursors
// expire, pages repeat and the process is killed: every record arrives, each with one id, and when
// nothing is killed, once.
func TestThreeLogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBoth(t, simulate.Cloud)
	org := simulate.New(simulate.Options{Product: simulate.Organization, Seed: 72, Records: 3000, Rate: 5, Late: 0.1, LateBy: 20 * time.Second})
	server := httptest.NewServer(simulate.WithOrganization(simulate.Site(b.logs[simulate.Confluence], b.logs[simulate.Jira]), org))
	t.Cleanup(server.Close)
	b.server = server
	inputs := append(b.inputs(dir), rig.Keys{"name": "confluence", "product": "organization", "api_url": server.URL, "org_id": "22222222-3333-4444-8555-666666666666",
		"api_key": org.Credentials().APIKey, "poll_interval": "3s", "start_from": "48h", "db": filepath.Join(dir, "organization.db")})
	for i := range inputs {
		inputs[i]["storage.type"] = "filesystem"
	}
	receiver := newReceiver(t)
	receiver.Keep = true
	f := newInstance(t, rig.Config{Service: rig.Filesystem(dir), Inputs: inputs, Outputs: []rig.Keys{receiver.Output()}})
	faults := func(faults ...simulate.Fault) {
		if err := org.SetFaults(faults...); err != nil {
			t.Fatal(err)
		}
	}
	faults(simulate.Fault{Kind: simulate.FaultCursorExpired, After: 3, Count: 1}, simulate.Fault{Kind: simulate.FaultRepeat}, simulate.Fault{Kind: simulate.FaultServerError, After: 5, Count: 2})
	for n := range 2 {
		before := receiver.Count()
		f.start()
		rigtest.Await(t, "records", func() bool { return receiver.Count() > before+50+400*n })
		f.Kill()
	}
	faults(simulate.Fault{Kind: simulate.FaultCursorExpired, Count: 1}, simulate.Fault{Kind: simulate.FaultEndNull}, simulate.Fault{Kind: simulate.FaultRepeat})
	f.start()
	until := time.Now()
	compare := func() rig.Comparison {
		c := b.compare(receiver)
		return c.Add(rig.Compare(org.Records(), receiver.Of(simulate.Organization), until))
	}
	rigtest.Await(t, "all records of all", func() bool { return compare().Complete() })
	f.stop()
	c := compare()
	if len(c.Surplus) > 0 || !c.Complete() {
		t.Errorf("a record is lost, or has another id: %s", c)
	}
	// Nothing is killed any more, so nothing comes twice: not even after an expired cursor.
	repeated := len(c.Repeated)
	faults(simulate.Fault{Kind: simulate.FaultCursorExpired, Count: 1})
	f.start()
	f.AwaitLog("the site does not know the cursor any more", 1)
	until = time.Now()
	rigtest.Await(t, "later records", func() bool { return compare().Complete() })
	f.stop()
	if c := compare(); len(c.Repeated) != repeated || len(c.Surplus) > 0 {
		t.Errorf("an orderly restart repeats records: %s, %d repeated before", c, repeated)
	}
	t.Log(c)
}
