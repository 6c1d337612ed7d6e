package collect

import (
	"fmt"
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
	open  map[Key]uint32
}

func newLedger(s Store) *ledger { return &ledger{store: s, open: make(map[Key]uint32)} }

// count returns for each key how many records with it were delivered or wait to be.
func (l *ledger) count(keys []Key) ([]uint32, error) {
	// The memory is copied first: a batch that is committed in between is then counted by both, and the larger number wins.
	l.mu.Lock()
	open := make([]uint32, len(keys))
	for i, k := range keys {
		open[i] = l.open[k]
	}
	l.mu.Unlock()
	counts, err := l.store.Count(keys)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
	}
	for i, n := range open {
		counts[i] = max(counts[i], n)
	}
	return counts, nil
}

func (l *ledger) add(seen []Seen) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range seen {
		l.open[s.Key] = s.Count
	}
}

func (l *ledger) commit(c Commit) error {
	if err := l.store.Commit(c); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range c.Seen {
		// A twin delivered since has raised the count: that one is not committed yet.
		if l.open[s.Key] == s.Count {
			delete(l.open, s.Key)
		}
	}
	return nil
}
