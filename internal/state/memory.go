package state

import (
	"context"
	"maps"
	"sync"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// Memory is the store of an input without db: it is lost when the process ends. A fingerprint costs
// about 60 bytes.
type Memory struct {
	mu         sync.Mutex
	checkpoint outbox.Checkpoint
	// seen has one fingerprint of each millisecond, and more has the others: most milliseconds have
	// only one.
	seen    map[int64]counted
	more    map[int64]map[document.Fingerprint]uint32
	pruned  int64 // horizon of the last pruning, Unix ms
	untimed map[document.Fingerprint]dated
	looked  time.Time // when the records without a time were last pruned
	note    []byte
}

type counted struct {
	fingerprint document.Fingerprint
	count       uint32
}

// dated is how often a record without a time was delivered, and when last.
type dated struct {
	count     uint32
	delivered time.Time
}

// NewMemory returns an empty store.
func NewMemory() *Memory {
	return &Memory{seen: make(map[int64]counted), more: make(map[int64]map[document.Fingerprint]uint32), untimed: make(map[document.Fingerprint]dated)}
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
		switch one := m.seen[k.Time]; {
		case k.Time == 0:
			counts[i] = m.untimed[k.Fingerprint].count
		case one.fingerprint == k.Fingerprint:
			counts[i] = one.count
		default:
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
func (m *Memory) Replace(_ context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	horizon := c.Horizon.UnixMilli()
	for _, s := range c.Seen {
		switch {
		case s.Key.Time == 0 && s.Count == 0:
			delete(m.untimed, s.Key.Fingerprint)
		case s.Key.Time == 0:
			m.untimed[s.Key.Fingerprint] = dated{s.Count, c.Now}
		case s.Key.Time >= horizon:
			m.set(s)
		}
	}
	// A walk through all of them is expensive, so it waits until an hour has become too old.
	if horizon-m.pruned > 3_600_000 {
		maps.DeleteFunc(m.seen, func(t int64, _ counted) bool { return t < horizon })
		maps.DeleteFunc(m.more, func(t int64, _ map[document.Fingerprint]uint32) bool { return t < horizon })
		m.pruned = horizon
	}
	if c.Now.Sub(m.looked).Abs() >= time.Hour {
		oldest := c.Untimed()
		maps.DeleteFunc(m.untimed, func(_ document.Fingerprint, u dated) bool { return u.delivered.Before(oldest) })
		m.looked = c.Now
	}
	m.checkpoint = c.Checkpoint
	return version, nil
}

// Close does nothing: the garbage collector frees the memory.
func (m *Memory) Close() error { return nil }

// set sets the count of a record with a time.
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
