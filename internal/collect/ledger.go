package collect

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/record"
)

// A Key identifies a record among those of its site. Records have no id, so it is their time and a fingerprint of their content; identical
// records share a key and are told apart by counting them.
type Key struct {
	Time        int64 // Unix milliseconds; 0 for a record whose time cannot be read
	Fingerprint record.Fingerprint
}

// Seen says how many records with a key were delivered.
type Seen struct {
	Key   Key
	Count uint32
}

// A Commit is what one settled stretch of the queue makes durable, all of it or nothing.
type Commit struct {
	Seen       []Seen // later entries of the same key win
	Checkpoint Checkpoint
	Horizon    time.Time // fingerprints of older records may be forgotten
	Now        time.Time // to date the fingerprints of records that have no time
}

// A Store is the durable memory of one site's collector.
//   - Commit is atomic: after a crash at any instant either all of it is there or nothing.
//   - What Commit returned nil for survives a kill, and a power loss as far as the disk keeps its word.
//   - An error from Commit says nothing about whether it took effect; the same commit may be given again.
//
// It is used from two goroutines at a time at most.
type Store interface {
	// Load returns the last committed checkpoint, the zero one if there was none.
	Load() (Checkpoint, error)
	// Count returns for each key how many records with it were committed.
	Count(keys []Key) ([]uint32, error)
	Commit(Commit) error
}

// ledger knows every record delivered so far: the committed ones from the store, the others, which wait in the queue, from memory.
type ledger struct {
	store Store
	mu    sync.Mutex
	open  []stretch // one for each batch in the queue, oldest first
}

// stretch is what one batch holds.
type stretch struct {
	seen     []Seen
	from, to int64 // the times of its keys lie between, both included
}

func newLedger(s Store) *ledger { return &ledger{store: s} }

func stretchOf(seen []Seen) stretch {
	s := stretch{seen: seen, from: math.MaxInt64, to: math.MinInt64}
	for i := range seen {
		s.from, s.to = min(s.from, seen[i].Key.Time), max(s.to, seen[i].Key.Time)
	}
	return s
}

// count returns for each key how many records with it were delivered or wait to be.
func (l *ledger) count(keys []Key) ([]uint32, error) {
	from, to := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range keys {
		from, to = min(from, keys[i].Time), max(to, keys[i].Time)
	}
	// The memory is copied first: a batch that is committed in between is then counted by both, and the larger number wins. A window mostly
	// is newer than all that waits.
	var open map[Key]uint32
	l.mu.Lock()
	for _, s := range l.open {
		if s.to < from || to < s.from {
			continue
		}
		if open == nil {
			open = make(map[Key]uint32)
		}
		for _, seen := range s.seen {
			open[seen.Key] = max(open[seen.Key], seen.Count)
		}
	}
	l.mu.Unlock()
	counts, err := l.store.Count(keys)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
	}
	if len(open) > 0 {
		for i, k := range keys {
			counts[i] = max(counts[i], open[k])
		}
	}
	return counts, nil
}

// add notes what the next batch in the queue holds.
func (l *ledger) add(seen []Seen) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, stretchOf(seen))
}

// commit makes c durable, which is what the first batches of the queue hold.
func (l *ledger) commit(c Commit, batches int) error {
	if err := l.store.Commit(c); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = slices.Delete(l.open, 0, batches)
	return nil
}
