package state

import (
	"maps"
	"sync"

	"fluent-bit-confluence/internal/collect"
)

// Memory is a store for those who set no db: what it knows is gone with the process. A fingerprint costs about 60 bytes.
type Memory struct {
	mu         sync.Mutex
	checkpoint collect.Checkpoint
	seen       map[collect.Key]uint32
	pruned     int64 // horizon of the last pruning, Unix ms
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{seen: make(map[collect.Key]uint32)} }

// Load returns the last committed checkpoint.
func (m *Memory) Load() (collect.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checkpoint, nil
}

// Count returns for each key how many records with it were committed.
func (m *Memory) Count(keys []collect.Key) ([]uint32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := make([]uint32, len(keys))
	for i, k := range keys {
		counts[i] = m.seen[k]
	}
	return counts, nil
}

// Commit takes over c. Records without a time are never forgotten: they are few.
func (m *Memory) Commit(c collect.Commit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	horizon := c.Horizon.UnixMilli()
	for _, s := range c.Seen {
		if s.Key.Time == 0 || s.Key.Time >= horizon {
			m.seen[s.Key] = s.Count
		}
	}
	// Looking through all of them is dear, so it waits until an hour has become too old.
	if horizon-m.pruned > 3_600_000 {
		maps.DeleteFunc(m.seen, func(k collect.Key, _ uint32) bool { return k.Time != 0 && k.Time < horizon })
		m.pruned = horizon
	}
	m.checkpoint = c.Checkpoint
	return nil
}
