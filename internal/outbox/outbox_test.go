package outbox_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/state"
)

// A record that is in a waiting batch and in the store is counted once.
func TestOutboxCountsOnce(t *testing.T) {
	t.Parallel()
	st := state.NewMemory()
	l, err := outbox.New(t.Context(), st, 1<<20, 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	add := func(seen []outbox.Seen) {
		if err := l.Push(t.Context(), &outbox.Batch{Seen: seen}, nil); err != nil {
			t.Fatal(err)
		}
	}
	key := func(ms int64, n byte) outbox.Key {
		k := outbox.Key{Time: ms}
		k.Fingerprint[0] = n
		return k
	}
	a, b, c, d := key(1000, 1), key(1000, 2), key(1001, 3), key(1002, 4)
	first := []outbox.Seen{{Key: a, Count: 1}, {Key: b, Count: 1}, {Key: c, Count: 2}, {Key: d, Count: 1}}
	add(first)
	// committed in the store, but still in the outbox
	if _, err := st.Replace(t.Context(), "", outbox.Commit{Seen: first}); err != nil {
		t.Fatal(err)
	}
	// A later batch has newer counts: one more of a, and none of b, whose content has changed.
	add([]outbox.Seen{{Key: a, Count: 2}, {Key: b, Count: 0}})
	counts, err := l.Count(t.Context(), []outbox.Key{a, b, c, key(1, 1)})
	if diff := cmp.Diff([]uint32{2, 0, 2, 0}, counts); diff != "" || err != nil {
		t.Errorf("counts (-want +got):\n%s%v", diff, err)
	}
	found, err := l.Delivered(t.Context(), []int64{1000, 1001})
	// d was not asked for, and may be returned
	found = slices.DeleteFunc(found, func(s outbox.Seen) bool { return s.Key == d })
	if diff := cmp.Diff([]outbox.Seen{{Key: a, Count: 2}, {Key: c, Count: 2}}, found); diff != "" || err != nil {
		t.Errorf("delivered (-want +got):\n%s%v", diff, err)
	}
}
