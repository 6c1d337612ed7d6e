package state

import (
	"context"
	"maps"
	"sync"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// Memory is the store of an input without db: it is lost when the process ends. A fingerprint costs
// about 60 bytes.
type Memory struct {
	mu         sync.Mutex
	checkpoint outbox.Checkpoint
	// seen has one fingerprint of each millisecond, and more has the others: most milliseconds have
	// only one. Records without a time are at 0.
	seen   map[int64]counted
	more   map[int64]map[document.Fingerprint]uint32
	pruned int64 // horizon of the last pruning, Unix ms
	note   []byte
}

type counted struct {
	fingerprint document.Fingerprint
	count       uint32
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{seen: make(map[int64]counted), more: make(map[int64]map[document.Fingerprint]uint32)}
}

// Load returns the last committed checkpoint.
func (m *Memory) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.checkpoint, "", nil
}

// Count returns for each key how many records with it were committed.
func (m *Memory) Count(_ context.Context, keys []outbox.Key) ([]uint32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	counts := make([]uint32, len(keys))
	for i, k := range keys {
		if one := m.seen[k.Time]; one.fingerprint == k.Fingerprint {
			counts[i] = one.count
		} else {
			counts[i] = m.more[k.Time][k.Fingerprint]
		}
	}
	return counts, nil
}

// Delivered returns what was committed of the milliseconds with these Unix times, which rise. The
// result is in the order of time.
func (m *Memory) Delivered(_ context.Context, times []int64) (found []outbox.Seen, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range times {
		if one := m.seen[t]; one.count > 0 {
			found = append(found, outbox.Seen{Key: outbox.Key{Time: t, Fingerprint: one.fingerprint}, Count: one.count})
		}
		for fingerprint, n := range m.more[t] {
			found = append(found, outbox.Seen{Key: outbox.Key{Time: t, Fingerprint: fingerprint}, Count: n})
		}
	}
	return found, nil
}

// Replace applies c. It does not check the version: no other process can write to this memory.
// Records without a time are never removed: they are few.
func (m *Memory) Replace(_ context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	horizon := c.Horizon.UnixMilli()
	for _, s := range c.Seen {
		if s.Key.Time == 0 || s.Key.Time >= horizon {
			m.set(s)
		}
	}
	// A walk through all of them is expensive, so it waits until an hour has become too old.
	if horizon-m.pruned > 3_600_000 {
		maps.DeleteFunc(m.seen, func(t int64, _ counted) bool { return t != 0 && t < horizon })
		maps.DeleteFunc(m.more, func(t int64, _ map[document.Fingerprint]uint32) bool { return t != 0 && t < horizon })
		m.pruned = horizon
	}
	m.checkpoint = c.Checkpoint
	return version, nil
}

// Close does nothing: the garbage collector frees the memory.
func (m *Memory) Close() error { return nil }

func (m *Memory) set(s outbox.Seen) {
	t, fingerprint := s.Key.Time, s.Key.Fingerprint
	switch one := m.seen[t]; {
	case one.count > 0 && one.fingerprint != fingerprint:
		if m.more[t] == nil {
			m.more[t] = make(map[document.Fingerprint]uint32)
		}
		if m.more[t][fingerprint] = s.Count; s.Count == 0 {
			delete(m.more[t], fingerprint)
		}
	case s.Count > 0:
		// It may be among the others, if the first one was removed.
		m.seen[t] = counted{fingerprint, s.Count}
		delete(m.more[t], fingerprint)
	default:
		delete(m.seen, t)
		delete(m.more[t], fingerprint)
	}
}
