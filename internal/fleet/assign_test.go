package fleet

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func peersOf(n, most int, logs []int64) (all []peer) {
	for i := range n {
		all = append(all, peer{id: fmt.Sprintf("id%d", i), name: fmt.Sprintf("node-%d", i), most: most, joined: int64(i), settled: true, logs: logs})
	}
	return all
}

func logsOf(n int) (logs []int64) {
	for i := range n {
		logs = append(logs, hash(fmt.Sprintf("https://site-%d.atlassian.net", i)))
	}
	return logs
}

// Without bounds, whoever goes moves only its own logs, and whoever comes takes only what is its
// own from the others.
func TestOnlyWhatMustMoves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		peers := peersOf(rapid.IntRange(2, 9).Draw(t, "members"), 0, logsOf(rapid.IntRange(0, 60).Draw(t, "logs")))
		gone := rapid.IntRange(0, len(peers)-1).Draw(t, "gone")
		with, without := assign(peers), assign(slices.Delete(slices.Clone(peers), gone, gone+1))
		for log, id := range with {
			if id != peers[gone].id && without[log] != id {
				t.Fatalf("log %d has moved from %s to %s, because %s has gone", log, id, without[log], peers[gone].id)
			}
			if without[log] == "" || without[log] == peers[gone].id {
				t.Fatalf("log %d belongs to %q", log, without[log])
			}
		}
	})
}

// The result does not depend on the order of rows, keeps the bounds, gives every log to somebody if
// there is room, and is stable: no log and member would both rather have each other.
func TestShares(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := logsOf(rapid.IntRange(0, 40).Draw(t, "logs"))
		peers := peersOf(rapid.IntRange(1, 6).Draw(t, "members"), 0, nil)
		room := 0
		for i := range peers {
			peers[i].most = rapid.IntRange(0, 12).Draw(t, "most")
			peers[i].logs = all
			if peers[i].most == 0 {
				room += len(all)
			}
			room += peers[i].most
		}
		owner := assign(peers)
		shuffled := rapid.Permutation(peers).Draw(t, "order")
		if !maps.Equal(owner, assign(shuffled)) {
			t.Fatal("the result depends on the order")
		}
		has := make(map[string]int)
		for _, id := range owner {
			has[id]++
		}
		for _, p := range peers {
			if p.most > 0 && has[p.id] > p.most {
				t.Fatalf("%s has %d logs of %d", p.id, has[p.id], p.most)
			}
		}
		if want := min(room, len(all)); len(owner) != want {
			t.Fatalf("%d logs were given, want %d", len(owner), want)
		}
		score := func(p int, log int64) uint64 { return score(hash(peers[p].name), log) }
		index := func(id string) int { return slices.IndexFunc(peers, func(p peer) bool { return p.id == id }) }
		for _, log := range all {
			for p := range peers {
				if id, given := owner[log]; given && score(index(id), log) >= score(p, log) {
					continue
				}
				// The log would rather be with p, so p is full of logs that it would rather have.
				if peers[p].most == 0 || has[peers[p].id] < peers[p].most {
					t.Fatalf("%s has room for log %d", peers[p].id, log)
				}
				for other, id := range owner {
					if id == peers[p].id && score(p, other) < score(p, log) {
						t.Fatalf("%s has log %d, and would rather have %d", id, other, log)
					}
				}
			}
		}
	})
}

// A log is given only to members that can read it, also while a new configuration is rolled out.
func TestOnlyWhoCanReadIt(t *testing.T) {
	t.Parallel()
	logs := logsOf(30)
	peers := peersOf(3, 0, logs)
	peers[1].logs = logs[:10]
	for i, log := range logs {
		if id := assign(peers)[log]; id == "" || id == "id1" && i >= 10 {
			t.Errorf("log %d belongs to %q", i, id)
		}
	}
}

// A process that is started again has the share of the one that had its name. Nothing else moves
// meanwhile, above all not to the row of the dead one, which is still there.
func TestNameIsKept(t *testing.T) {
	t.Parallel()
	peers := peersOf(3, 0, logsOf(50))
	before := assign(peers)
	again := peers[1]
	again.id, again.joined = "new", 99
	for _, after := range []map[int64]string{assign(append(peers, again)), assign([]peer{peers[0], again, peers[2]})} {
		for log, id := range before {
			if want := map[string]string{"id0": "id0", "id1": "new", "id2": "id2"}[id]; after[log] != want {
				t.Errorf("log %d of %s belongs to %s, want %s", log, id, after[log], want)
			}
		}
	}
}

// Members with one name share the logs as others do. One that has not renewed its lease since
// another one has joined with its name is dead, and gets nothing.
func TestOneName(t *testing.T) {
	t.Parallel()
	logs := logsOf(60)
	peers := peersOf(3, 0, logs)
	for i := range peers {
		peers[i].name, peers[i].joined, peers[i].renewed = "host", int64(10*i), 15
	}
	count := func(want ...string) {
		t.Helper()
		has, owner := make(map[string]int), assign(peers)
		for _, id := range owner {
			has[id]++
		}
		others := slices.Clone(peers)
		slices.Reverse(others)
		if !maps.Equal(owner, assign(others)) {
			t.Error("the result depends on the order")
		}
		if got := slices.Sorted(maps.Keys(has)); !slices.Equal(got, want) {
			t.Errorf("the logs are given to %v, want %v", has, want)
		}
	}
	count("id2") // it has joined at 20
	peers[0].renewed = 21
	count("id0", "id2")
	peers[1].renewed = 21
	count("id0", "id1", "id2")
	before := assign(peers)
	peers[2].id = "started again"
	peers[2].joined = 30
	peers = append(peers, peer{id: "id2", name: "host", joined: 20, renewed: 29, settled: true, logs: logs})
	peers[0].renewed, peers[1].renewed = 31, 31
	count("id0", "id1", "started again")
	for log, id := range assign(peers) {
		if was := before[log]; id != was && was != "id2" {
			t.Errorf("a log has moved from %s to %s", was, id)
		}
	}
}

// A guest gets what it asks for, and nothing else moves.
func TestGuestsComeFirst(t *testing.T) {
	t.Parallel()
	logs := logsOf(30)
	peers := peersOf(3, 0, logs)
	before := assign(peers)
	visited := logs[:7]
	after := assign(append(peers, peer{id: "visitor", name: "visitor", most: guest, settled: true, logs: visited}))
	for _, log := range logs {
		want := before[log]
		if slices.Contains(visited, log) {
			want = "visitor"
		}
		if after[log] != want {
			t.Errorf("log %d belongs to %s, want %s", log, after[log], want)
		}
	}
}
