package collect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"fluent-bit-confluence/internal/document"
)

// A Key identifies a record among those of its site. Records have no id, so it is their time and a fingerprint of their content; identical
// records share a key and are told apart by counting them.
type Key struct {
	Time        int64 // Unix milliseconds; 0 for a record whose time cannot be read
	Fingerprint document.Fingerprint
}

// Seen says how many records with a key were delivered. None means that the key is to be forgotten.
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
	// Delivered returns all that was committed of the milliseconds with these Unix times, which rise, in the order of time.
	Delivered(times []int64) ([]Seen, error)
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
	waiting := l.waiting(from, to)
	counts, err := l.store.Count(keys)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
	}
	if len(waiting) > 0 {
		for i, k := range keys {
			if n, ok := waiting[k]; ok {
				counts[i] = n
			}
		}
	}
	return counts, nil
}

// delivered returns all that was delivered or waits to be of the milliseconds with these Unix times, which rise, in the order of time.
func (l *ledger) delivered(times []int64) ([]Seen, error) {
	if len(times) == 0 {
		return nil, nil
	}
	waiting := l.waiting(times[0], times[len(times)-1])
	all, err := l.store.Delivered(times)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
	}
	if len(waiting) == 0 {
		return all, nil
	}
	all = slices.DeleteFunc(all, func(s Seen) bool { _, ok := waiting[s.Key]; return ok })
	for key, n := range waiting {
		if n > 0 {
			all = append(all, Seen{key, n})
		}
	}
	slices.SortFunc(all, func(a, b Seen) int { return cmp.Compare(a.Key.Time, b.Key.Time) })
	return all, nil
}

// waiting returns what the batches in the queue say of keys with times from..to. It is taken before the store is asked, so that a batch that is
// committed in between is in one or in both; what waits is the younger truth, and holds for its key. A window mostly is newer than all that waits.
func (l *ledger) waiting(from, to int64) map[Key]uint32 {
	var waiting map[Key]uint32
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.open {
		if s.to < from || to < s.from {
			continue
		}
		if waiting == nil {
			waiting = make(map[Key]uint32)
		}
		for _, seen := range s.seen {
			if from <= seen.Key.Time && seen.Key.Time <= to {
				waiting[seen.Key] = seen.Count
			}
		}
	}
	return waiting
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
