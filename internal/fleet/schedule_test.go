package fleet

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var rounds = flag.Int("rounds", 3, "how many faults TestSchedule plays")

// Whatever happens to three members and the database, no log is held twice, no commit is lost, and
// in the end every log is held again.
//
// It does not run beside other tests: a machine that is too busy to renew a short lease proves
// nothing.
func TestSchedule(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	b, logs := empty(t), names(30)
	b.server = ownServer(t, b.name)
	rs := newReaders(t)
	stop := rs.watch()
	type node struct {
		*reader
		proxy *proxy
	}
	started := 0
	start := func(name string) node {
		started++
		p := proxied(t, b)
		var m *Member
		await(t, "the database to let a member join", func() (ok bool) {
			var err error
			m, err = Join(t.Context(), Options{URL: p.url(), Name: name, LeaseTime: short, Log: quiet(), Max: random.IntN(2) * 20})
			return err == nil
		})
		r := rs.read(m, logs)
		t.Cleanup(func() { p.unplug(); r.stop(); _ = m.Leave(context.Background()) })
		return node{r, p}
	}
	nodes := []node{start("node-0"), start("node-1"), start("node-2")}
	allHeld := func(what string) {
		t.Helper()
		await(t, "every log to be held after "+what, func() bool { return len(rs.holders()) == len(logs) })
	}
	allHeld("the start")
	for range *rounds {
		i := random.IntN(len(nodes))
		n := nodes[i]
		what := ""
		switch random.IntN(8) {
		case 0:
			what = "a kill"
			n.proxy.unplug()
			nodes[i] = start(fmt.Sprint("node-", started))
		case 1:
			what = "a kill and a start with the same name"
			n.proxy.unplug()
			nodes[i] = start(n.member.Name)
		case 2:
			what = "an orderly restart"
			n.stop()
			if err := n.member.Leave(t.Context()); err != nil {
				t.Log(err) // on a slow network: then the lease has to run out
			}
			nodes[i] = start(n.member.Name)
		case 3:
			what = "a freeze"
			n.proxy.block()
			await(t, "the lease to run out", func() bool { return !time.Now().Before(n.member.Until()) })
			n.proxy.pass()
			n.proxy.cut()
		case 4:
			what = "a cut"
			n.proxy.cut()
		case 5:
			what = "lost answers"
			n.proxy.deafen()
			await(t, "the lease to run out", func() bool { return !time.Now().Before(n.member.Until()) })
			n.proxy.pass()
			n.proxy.cut()
		case 6:
			what = "a slow network"
			n.proxy.set(func() { n.proxy.slow = 20 * time.Millisecond })
		case 7:
			what = "a crash of the database"
			b.server.Kill()
			if err := b.server.Begin(); err != nil {
				t.Fatal(err)
			}
		}
		t.Log(what)
		allHeld(what)
	}
	if looks := stop(); looks < *rounds {
		t.Errorf("looked only %d times", looks)
	}
}
