package outbox_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

var epoch = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func at(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }

// key is one of the few keys of a test. It is of a Unix time, because the outbox looks at no other.
func key(ms int64, n byte) outbox.Key {
	k := outbox.Key{Time: ms}
	k.Fingerprint[0] = n
	return k
}

// outcome is what happens to a commit.
type outcome int

const (
	works outcome = iota
	fails
	failsLate // an error, although the commit took effect
	lost      // another collector has the state
	outcomes
)

func (o outcome) String() string { return [...]string{"works", "fails", "fails late", "lost"}[o] }

var errDisk = errors.New("simulated fault of the disk")

// store is a store whose next commits come out as the test wants.
type store struct {
	checkpoint outbox.Checkpoint
	seen       map[outbox.Key]uint32
	version    int
	next       outcome
	err        error           // of a look-up
	commits    []outbox.Commit // all that were tried
}

func (s *store) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	return s.checkpoint, s.current(), s.err
}

func (s *store) current() outbox.Version { return outbox.Version(strconv.Itoa(s.version)) }

func (s *store) Count(_ context.Context, keys []outbox.Key) ([]uint32, error) {
	counts := make([]uint32, len(keys))
	for i, k := range keys {
		counts[i] = s.seen[k]
	}
	return counts, s.err
}

func (s *store) Delivered(_ context.Context, times []int64) (found []outbox.Seen, err error) {
	for k, n := range s.seen {
		if slices.Contains(times, k.Time) {
			found = append(found, outbox.Seen{Key: k, Count: n})
		}
	}
	slices.SortFunc(found, func(a, b outbox.Seen) int { return cmp.Compare(a.Key.Time, b.Key.Time) })
	return found, s.err
}

func (s *store) Replace(_ context.Context, version outbox.Version, c outbox.Commit) (outbox.Version, error) {
	s.commits = append(s.commits, c)
	switch {
	case s.next == fails:
		return "", errDisk
	case s.next == lost:
		return "", fmt.Errorf("simulated: %w", outbox.ErrLost)
	case version != s.current():
		return "", fmt.Errorf("the commit replaces version %q, which is now %q", version, s.current())
	}
	s.checkpoint, s.seen = c.Checkpoint, counted(s.seen, c.Seen)
	if s.next == failsLate {
		return "", errDisk
	}
	s.version++
	return s.current(), nil
}

func (s *store) Close() error { return nil }

// counted returns the counts with later ones applied.
func counted(counts map[outbox.Key]uint32, later []outbox.Seen) map[outbox.Key]uint32 {
	counts = maps.Clone(counts)
	if counts == nil {
		counts = make(map[outbox.Key]uint32)
	}
	for _, s := range later {
		if counts[s.Key] = s.Count; s.Count == 0 {
			delete(counts, s.Key)
		}
	}
	return counts
}

// newOutbox returns an outbox with room for 100 bytes, whose full batches have about 40.
func newOutbox(t *testing.T, st outbox.Store) *outbox.Outbox {
	t.Helper()
	o, err := outbox.New(t.Context(), st, 100, 40)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// push queues a batch of so many bytes, for which there must be room.
func push(t *testing.T, o *outbox.Outbox, size int) *outbox.Batch {
	t.Helper()
	b := &outbox.Batch{Events: make([]byte, size)}
	if err := o.Push(t.Context(), b, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// pass lets the host take everything, and commits it.
func pass(t *testing.T, o *outbox.Outbox) {
	t.Helper()
	for b := o.Next(); b != nil; b = o.Next() {
		o.Acknowledge([]*outbox.Batch{b})
	}
	if err := o.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
}
