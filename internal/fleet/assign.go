package fleet

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// A peer is a living member, as its row tells.
type peer struct {
	id, name string
	most     int   // how many logs it takes; 0: any number; see guest
	joined   int64 // Unix milliseconds of the database, as the next
	renewed  int64 // when it last renewed its lease
	// settled is whether it joined long enough ago to be given logs that others hold.
	settled bool
	logs    []int64 // what it can read
}

// assign returns which member each log should have. Every member that sees the same rows comes to
// the same result.
//
// This is rendezvous hashing: each pair of log and member has a score, and a log belongs to the
// member with the highest one. So a member that comes takes only its own logs from the others, and
// of one that goes only its own logs move. With bounds the pairs are taken in the order of their
// scores, and a member that is full gets no more. This gives the one stable matching, whatever the
// order of rows. A guest comes before all others.
func assign(peers []peer) map[int64]string {
	type pair struct {
		score uint64
		log   int64
		peer  int
	}
	peers = current(peers)
	var pairs []pair
	for i, p := range peers {
		name := hash(place(peers, p))
		for _, log := range p.logs {
			best := pair{math.MaxUint64, log, i}
			if p.most != guest {
				best.score = score(name, log)
			}
			pairs = append(pairs, best)
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.log, b.log), cmp.Compare(peers[a.peer].name, peers[b.peer].name))
	})
	owner, has := make(map[int64]string), make([]int, len(peers))
	for _, p := range pairs {
		if _, given := owner[p.log]; given || peers[p.peer].most > 0 && has[p.peer] >= peers[p.peer].most {
			continue
		}
		owner[p.log] = peers[p.peer].id
		has[p.peer]++
	}
	return owner
}

// current returns the peers without those that are probably dead: a newer one has their name, and
// they have not renewed their lease since it joined. A process that was killed and started again
// has such a row, and nothing must be given to that.
func current(peers []peer) []peer {
	newest := make(map[string]int64)
	for _, p := range peers {
		newest[p.name] = max(newest[p.name], p.joined)
	}
	return slices.DeleteFunc(slices.Clone(peers), func(p peer) bool { return p.joined < newest[p.name] && p.renewed <= newest[p.name] })
}

// place returns the name by which logs are given to p. Several processes may have one name, such as
// two on one host: the oldest has it for itself, and the others have it with a number.
func place(peers []peer, p peer) string {
	older := 0
	for _, q := range peers {
		if q.name == p.name && cmp.Or(cmp.Compare(q.joined, p.joined), cmp.Compare(q.id, p.id)) < 0 {
			older++
		}
	}
	if older == 0 {
		return p.name
	}
	return fmt.Sprintf("%s %d", p.name, older)
}

// score says how much a log and a member belong together. It depends on the member's place alone,
// so that a process which is started again gets its logs back.
func score(name, log int64) uint64 { return mix(uint64(name) ^ mix(uint64(log))) }

// hash stands for the name of a log or a member.
func hash(name string) int64 {
	sum := sha256.Sum256([]byte(name))
	return int64(binary.BigEndian.Uint64(sum[:]))
}

// mix is the finalizer of SplitMix64: each bit of the result depends on each bit of x.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
