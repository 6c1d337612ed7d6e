package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig"
)

// Two processes with the same inputs share them in a database. A process that comes gets some of
// the logs, and after its orderly end the other one has them again: nothing is lost, and nothing
// comes twice. After a kill nothing is lost.
func TestFleet(t *testing.T) {
	t.Parallel()
	database := postgres.Start(t)
	receiver := newReceiver(t)
	var sites []site
	var inputs []rig.Keys
	for n := range 10 { // so that each process has some
		s := newSite(t, simulate.Options{Seed: uint64(n), CloudID: fmt.Sprintf("%08d-2222-4333-8444-555555555555", n), Records: 50, Rate: 3, Twins: 0.1})
		sites = append(sites, s)
		inputs = append(inputs, s.input().With(rig.Keys{
			"db": "postgres:///postgres?user=postgres&host=" + url.QueryEscape(database.Dir), "storage.type": "filesystem", "start_from": "48h",
		}))
	}
	process := func() *instance {
		return newInstance(t, rig.Config{Service: rig.Filesystem(t.TempDir()), Inputs: inputs, Outputs: []rig.Keys{receiver.Output()}})
	}
	took := func(i *instance) int { return strings.Count(i.Log(), "] holds http://") }

	one, two := process(), process()
	one.start()
	one.AwaitLog("] holds http://", len(sites))
	two.start()
	two.AwaitLog("] holds http://", 1)
	two.stop()
	one.AwaitLog("] holds http://", len(sites)+took(two))
	for _, s := range sites {
		wantOnce(t, awaitAll(t, receiver, s))
	}

	before := took(one)
	two.start()
	two.AwaitLog("] holds http://", 1)
	two.Kill()
	one.AwaitLog("] holds http://", before+took(two))
	two.start() // it delivers what the killed one had
	for _, s := range sites {
		t.Log(awaitAll(t, receiver, s))
	}
	one.stop()
	two.stop()
}
