// Package storetest tests that a store keeps the promises of outbox.Store.
package storetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// Now is the present of the tests.
var Now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Key returns the key of a record, with a zero time that of one without.
func Key(t time.Time, n byte) outbox.Key {
	k := outbox.Key{Fingerprint: document.Fingerprint{n}}
	if !t.IsZero() {
		k.Time = t.UnixMilli()
	}
	return k
}

// Replace calls Replace with the loaded version.
func Replace(s outbox.Store, c outbox.Commit) error {
	_, version, err := s.Load(context.Background())
	if err == nil {
		_, err = s.Replace(context.Background(), version, c)
	}
	return err
}

// Counts returns how many records with each key were committed.
func Counts(t testing.TB, s outbox.Store, keys ...outbox.Key) []uint32 {
	t.Helper()
	n, err := s.Count(context.Background(), keys)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Run runs the tests that every store passes, each with an empty store.
func Run(t *testing.T, empty func(t *testing.T) outbox.Store) {
	t.Run("commits", func(t *testing.T) { commits(t, empty(t)) })
	t.Run("delivered", func(t *testing.T) { delivered(t, empty(t)) })
	t.Run("without a time", func(t *testing.T) { forgetsUntimed(t, empty(t)) })
}

// commits checks what is there after a commit, and after one that moves the horizon.
func commits(t *testing.T, store outbox.Store) {
	if c, _, err := store.Load(context.Background()); err != nil || !c.Head.IsZero() {
		t.Fatalf("new store has %v, %v", c, err)
	}
	old, young, none := Key(Now.Add(-50*time.Hour), 1), Key(Now, 2), Key(time.Time{}, 3)
	want := outbox.Checkpoint{
		Origin: Now.Add(-100 * time.Hour), Head: Now, Polled: Now, Rescanned: Now.Add(-time.Hour),
		Pending: []timerange.Range{{From: Now.Add(-60 * time.Hour), To: Now}}, Watermark: Now.Add(-60 * time.Hour),
	}
	commit := outbox.Commit{
		Seen:       []outbox.Seen{{Key: old, Count: 1}, {Key: young, Count: 1}, {Key: none, Count: 2}, {Key: young, Count: 2}},
		Checkpoint: want, Horizon: Now.Add(-60 * time.Hour), Now: Now,
	}
	for range 2 { // an error leaves open whether a commit took effect, so it may come twice
		if err := Replace(store, commit); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, _ := store.Load(context.Background()); !gocmp.Equal(want, got) {
		t.Errorf("checkpoint (-want +got):\n%s", gocmp.Diff(want, got))
	}
	if diff := gocmp.Diff([]uint32{1, 2, 2, 0, 2}, Counts(t, store, old, young, none, Key(Now, 9), young)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if err := Replace(store, outbox.Commit{Checkpoint: want, Horizon: Now.Add(-48 * time.Hour), Now: Now}); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]uint32{0, 2, 2}, Counts(t, store, old, young, none)); diff != "" {
		t.Errorf("counts after the horizon has moved (-want +got):\n%s", diff)
	}
}

// delivered checks that Delivered returns all fingerprints of some milliseconds and no others, and
// none that were removed.
func delivered(t *testing.T, store outbox.Store) {
	var seen []outbox.Seen
	times := []int64{Now.UnixMilli() - 5, Now.UnixMilli(), Now.UnixMilli() + 1, Now.UnixMilli() + 7}
	for i, ms := range times {
		for n := range i + 1 {
			seen = append(seen, outbox.Seen{Key: Key(time.UnixMilli(ms), byte(n)), Count: uint32(n + 1)})
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
	none := outbox.Seen{Key: Key(time.Time{}, 1), Count: 1}
	if err := Replace(store, outbox.Commit{Seen: append(slices.Clone(seen), none), Horizon: Now.Add(-time.Hour), Now: Now}); err != nil {
		t.Fatal(err)
	}
	check(seen, times...)
	check(slices.Clone(seen[1:3]), times[1])
	check(slices.Concat(seen[:1], seen[6:]), times[0]-1, times[0], times[0]+1, times[3], times[3]+9)
	check(nil, times[0]-9, times[3]+9)
	// The first of a millisecond, its last, and one without a time.
	forget := []outbox.Seen{{Key: seen[3].Key}, {Key: seen[9].Key}, {Key: seen[0].Key}, {Key: none.Key}}
	if err := Replace(store, outbox.Commit{Seen: append(forget, outbox.Seen{Key: seen[4].Key, Count: 7}), Horizon: Now.Add(-time.Hour), Now: Now}); err != nil {
		t.Fatal(err)
	}
	seven := outbox.Seen{Key: seen[4].Key, Count: 7}
	check(slices.Concat(seen[1:3], []outbox.Seen{seven}, seen[5:9]), times...)
	if diff := gocmp.Diff([]uint32{0, 7, 0, 0, 0}, Counts(t, store, seen[3].Key, seen[4].Key, seen[9].Key, seen[0].Key, none.Key)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// forgetsUntimed checks that a record without a time is forgotten long after it was delivered.
func forgetsUntimed(t *testing.T, store outbox.Store) {
	none := Key(time.Time{}, 3)
	for _, at := range []time.Time{Now, Now.Add(24 * time.Hour), Now.Add(72 * time.Hour), Now.Add(300 * time.Hour)} {
		c := outbox.Commit{Now: at, Horizon: at.Add(-48 * time.Hour)}
		if at.Equal(Now) {
			c.Seen = []outbox.Seen{{Key: none, Count: 1}}
		}
		if err := Replace(store, c); err != nil {
			t.Fatal(err)
		}
		want := uint32(1)
		if at.Sub(Now) > 96*time.Hour {
			want = 0
		}
		if got := Counts(t, store, none)[0]; got != want {
			t.Errorf("%s later: count %d, want %d", at.Sub(Now), got, want)
		}
	}
}
