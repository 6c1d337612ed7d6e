package fleet

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Members that start together take each its share, and move nothing. When one leaves and another
// comes, only what must moves.
func TestMoves(t *testing.T) {
	t.Parallel()
	const n = 30
	b, logs := empty(t), names(n)
	rs := newReaders(t)
	defer rs.watch()()
	var members []*reader
	add := func(name string) *reader {
		// The default, so that the members settle in spite of a busy machine.
		r := rs.read(joined(t, Options{URL: b.url(), Name: name}), logs)
		members = append(members, r)
		t.Cleanup(r.stop)
		return r
	}
	// shares returns who should hold what, and settled awaits it.
	shares := func() map[string]string {
		var peers []peer
		for _, r := range members {
			p := peer{id: r.member.Name, name: r.member.Name}
			for _, log := range logs {
				p.logs = append(p.logs, hash(log))
			}
			peers = append(peers, p)
		}
		want := make(map[string]string)
		for _, log := range logs {
			want[log] = assign(peers)[hash(log)]
		}
		return want
	}
	settled := func(what string) {
		t.Helper()
		want := shares()
		var got map[string]string
		await(t, what, func() bool {
			got = make(map[string]string)
			for log, holders := range rs.holders() {
				got[log] = holders[0].member.Name
			}
			return cmp.Equal(want, got)
		})
	}
	moves := func(before map[string]int) (moved int) {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		for log, n := range rs.begun {
			moved += n - before[log]
		}
		return moved
	}
	begun := func() map[string]int {
		rs.mu.Lock()
		defer rs.mu.Unlock()
		return maps.Clone(rs.begun)
	}
	changed := func(a, b map[string]string) (n int) {
		for log := range a {
			if a[log] != b[log] {
				n++
			}
		}
		return n
	}
	for i := range 3 {
		add(fmt.Sprint("node-", i))
	}
	settled("the first start")
	if got := moves(nil); got != n {
		t.Errorf("%d logs were taken %d times by members that started together", n, got)
	}
	before, held := shares(), begun()
	members[0].stop()
	if err := members[0].member.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	members = members[1:]
	settled("the others to have all")
	if got, want := moves(held), changed(before, shares()); got != want {
		t.Errorf("%d moves for a member that left, want %d", got, want)
	}
	before, held = shares(), begun()
	add("node-9")
	settled("the new one to have its share")
	if got, want := moves(held), changed(before, shares()); got != want {
		t.Errorf("%d moves for a member that came, want %d", got, want)
	}
	var counted int64
	for _, r := range members {
		counted += r.member.Stats().Moves
	}
	if want := int64(changed(before, shares())); counted != want {
		t.Errorf("%d moves were counted, want %d", counted, want)
	}
	o, err := members[0].member.stores.overview(t.Context(), storeLimit)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range o.Logs {
		if l.Holder != shares()[l.Name] || l.Expires.Before(o.Now) || l.Committed.IsZero() || l.Checkpoint.Head.IsZero() || l.Epoch == 0 {
			t.Errorf("seen as %+v", l)
		}
	}
	if len(o.Logs) != n || len(o.Members) != 3 || o.Members[0].Name != "node-1" || o.Members[0].Logs != n {
		t.Errorf("the overview has %d logs and the members %+v", len(o.Logs), o.Members)
	}
}

// Nobody holds more than it may. What one has no room for goes to the next, and what nobody has
// room for waits until somebody has.
func TestMax(t *testing.T) {
	t.Parallel()
	b, logs := empty(t), names(12)
	rs := newReaders(t)
	defer rs.watch()()
	add := func(name string, most int) *reader {
		r := rs.read(joined(t, Options{URL: b.url(), Name: name, LeaseTime: short, Max: most}), logs)
		t.Cleanup(r.stop)
		return r
	}
	held := func() map[string]int {
		all := make(map[string]int)
		for _, holders := range rs.holders() {
			all[holders[0].member.Name]++
		}
		return all
	}
	one, two := add("a", 5), add("b", 4)
	await(t, "both to be full", func() bool { h := held(); return h["a"] == 5 && h["b"] == 4 })
	if o, err := one.member.stores.overview(t.Context(), storeLimit); err != nil || len(o.Members) != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	add("c", 0)
	await(t, "all logs to be held", func() bool { return len(rs.holders()) == len(logs) })
	two.stop()
	if err := two.member.Leave(context.Background()); err != nil {
		t.Fatal(err)
	}
	await(t, "a and c to have all", func() bool { h := held(); return h["a"] <= 5 && h["a"]+h["c"] == len(logs) })
}

// Two processes of one host, which have its name, share the logs: the older one keeps some, the
// newer one gets some, and after its end the other has all again.
func TestTwins(t *testing.T) {
	t.Parallel()
	b, logs, rs := empty(t), names(12), newReaders(t)
	defer rs.watch()()
	holds := func(r *reader) (n int) {
		for _, holders := range rs.holders() {
			for _, holder := range holders {
				if holder == r {
					n++
				}
			}
		}
		return n
	}
	add := func() *reader {
		r := rs.read(joined(t, Options{URL: b.url(), Name: "host", LeaseTime: short}), logs)
		t.Cleanup(r.stop)
		return r
	}
	one := add()
	await(t, "the first to hold all logs", func() bool { return holds(one) == len(logs) })
	two := add()
	await(t, "both to hold some logs", func() bool { return holds(one) > 0 && holds(two) > 0 && holds(one)+holds(two) == len(logs) })
	if one.member.Stats().Lost > 0 {
		t.Error("the older one has lost logs")
	}
	two.stop()
	if err := two.member.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "the first to hold all logs again", func() bool { return holds(one) == len(logs) })
}
