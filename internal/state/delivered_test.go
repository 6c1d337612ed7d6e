package state

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

// Delivered returns all fingerprints of some milliseconds and no others, and none that were
// removed.
func TestDelivered(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]outbox.Store{"file": open1(t, filepath.Join(t.TempDir(), "s.db")), "memory": NewMemory()} {
		t.Run(name, func(t *testing.T) {
			var seen []outbox.Seen
			times := []int64{now.UnixMilli() - 5, now.UnixMilli(), now.UnixMilli() + 1, now.UnixMilli() + 7}
			for i, ms := range times {
				for n := range i + 1 {
					seen = append(seen, outbox.Seen{Key: key(time.UnixMilli(ms), byte(n)), Count: uint32(n + 1)})
				}
			}
			check := func(want []outbox.Seen, times ...int64) {
				t.Helper()
				got, err := store.Delivered(context.Background(), times)
				if !slices.IsSortedFunc(got, func(a, b outbox.Seen) int { return cmp.Compare(a.Key.Time, b.Key.Time) }) {
					t.Errorf("not in the order of time: %v", got)
				}
				order := func(a, b outbox.Seen) int {
					return cmp.Or(cmp.Compare(a.Key.Time, b.Key.Time), bytes.Compare(a.Key.Fingerprint[:], b.Key.Fingerprint[:]))
				}
				slices.SortFunc(got, order)
				slices.SortFunc(want, order)
				if diff := gocmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("at %v (-want +got):\n%s%v", times, diff, err)
				}
			}
			check(nil, times...)
			none := outbox.Seen{Key: key(time.Time{}, 1), Count: 1}
			if err := replace(store, outbox.Commit{Seen: append(slices.Clone(seen), none), Horizon: now.Add(-time.Hour), Now: now}); err != nil {
				t.Fatal(err)
			}
			check(seen, times...)
			check(slices.Clone(seen[1:3]), times[1])
			check(slices.Concat(seen[:1], seen[6:]), times[0]-1, times[0], times[0]+1, times[3], times[3]+9)
			check(nil, times[0]-9, times[3]+9)
			// The first of a millisecond, its last, and one without a time.
			forget := []outbox.Seen{{Key: seen[3].Key}, {Key: seen[9].Key}, {Key: seen[0].Key}, {Key: none.Key}}
			if err := replace(store, outbox.Commit{Seen: append(forget, outbox.Seen{Key: seen[4].Key, Count: 7}), Horizon: now.Add(-time.Hour), Now: now}); err != nil {
				t.Fatal(err)
			}
			seven := outbox.Seen{Key: seen[4].Key, Count: 7}
			check(slices.Concat(seen[1:3], []outbox.Seen{seven}, seen[5:9]), times...)
			if diff := gocmp.Diff([]uint32{0, 7, 0, 0, 0}, counts(t, store, seen[3].Key, seen[4].Key, seen[9].Key, seen[0].Key, none.Key)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}
