package fleet

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

const acme = "https://acme.atlassian.net"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func key(t time.Time, n byte) outbox.Key {
	k := outbox.Key{Fingerprint: document.Fingerprint{n}}
	if !t.IsZero() {
		k.Time = t.UnixMilli()
	}
	return k
}

// held returns a store in an empty database.
func held(t testing.TB) *Tenure {
	t.Helper()
	return hold(t, joined(t, Options{URL: empty(t).url(), Lease: quick}).Take(acme))
}

// The store keeps the promises that the stores of package state keep.
func TestStore(t *testing.T) {
	t.Parallel()
	store := held(t)
	if c, _, err := store.Load(context.Background()); err != nil || !c.Head.IsZero() {
		t.Fatalf("new store has %v, %v", c, err)
	}
	old, young, none := key(now.Add(-50*time.Hour), 1), key(now, 2), key(time.Time{}, 3)
	want := outbox.Checkpoint{
		Origin: now.Add(-100 * time.Hour), Head: now, Polled: now, Rescanned: now.Add(-time.Hour),
		Pending: []window.Range{{From: now.Add(-60 * time.Hour), To: now}}, Watermark: now.Add(-60 * time.Hour),
	}
	commit := outbox.Commit{
		Seen:       []outbox.Seen{{Key: old, Count: 1}, {Key: young, Count: 1}, {Key: none, Count: 2}, {Key: young, Count: 2}},
		Checkpoint: want, Horizon: now.Add(-60 * time.Hour), Now: now,
	}
	for range 2 { // an error leaves open whether a commit took effect, so it may come twice
		if err := replace(store, commit); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, _ := store.Load(context.Background()); !gocmp.Equal(want, got) {
		t.Errorf("checkpoint (-want +got):\n%s", gocmp.Diff(want, got))
	}
	if diff := gocmp.Diff([]uint32{1, 2, 2, 0, 2}, counts(t, store, old, young, none, key(now, 9), young)); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if err := replace(store, outbox.Commit{Checkpoint: want, Horizon: now.Add(-48 * time.Hour), Now: now}); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff([]uint32{0, 2, 2}, counts(t, store, old, young, none)); diff != "" {
		t.Errorf("counts after the horizon has moved (-want +got):\n%s", diff)
	}
}

func TestUntimedAreForgottenInTheEnd(t *testing.T) {
	t.Parallel()
	store := held(t)
	none := key(time.Time{}, 3)
	for _, at := range []time.Time{now, now.Add(24 * time.Hour), now.Add(72 * time.Hour), now.Add(300 * time.Hour)} {
		c := outbox.Commit{Now: at, Horizon: at.Add(-48 * time.Hour)}
		if at.Equal(now) {
			c.Seen = []outbox.Seen{{Key: none, Count: 1}}
		}
		if err := replace(store, c); err != nil {
			t.Fatal(err)
		}
		want := uint32(1)
		if at.Sub(now) > 96*time.Hour {
			want = 0
		}
		if got := counts(t, store, none)[0]; got != want {
			t.Errorf("%s later: count %d, want %d", at.Sub(now), got, want)
		}
	}
}

// Delivered returns all fingerprints of some milliseconds and no others, and none that were
// removed.
func TestDelivered(t *testing.T) {
	t.Parallel()
	store := held(t)
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
}

// An attempt whose outcome is unknown may be followed by a commit that begins with it, on the same
// version. If it arrives after that, it changes nothing.
func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	store := held(t)
	_, version, err := store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := outbox.Commit{Seen: []outbox.Seen{{Key: key(now, 1), Count: 1}}, Checkpoint: outbox.Checkpoint{Head: now}, Now: now}
	longer := first
	longer.Seen = append(slices.Clone(first.Seen), outbox.Seen{Key: key(now, 1), Count: 2})
	longer.Checkpoint.Head = now.Add(time.Hour)
	if _, err := store.Replace(t.Context(), version, first); err != nil {
		t.Fatal(err)
	}
	next, err := store.Replace(t.Context(), version, longer) // the answer to the first was lost
	if err != nil {
		t.Fatal(err)
	}
	// The same message as the first attempt once more, which was under way all the time.
	store.commits.Lock()
	attempts := store.attempts
	store.attempts = 1
	err = store.seat.member.stores.do(t.Context(), storeLimit, func(ctx context.Context, conn *pgconn.PgConn) error {
		r := store.revise(conn, 0, "{}")
		store.changeOf(first).addTo(r)
		results, err := r.send(ctx)
		if err == nil && tookEffect(results) {
			t.Error("an attempt took effect after a later one")
		}
		return err
	})
	store.attempts = attempts
	store.commits.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if got := counts(t, store, key(now, 1))[0]; got != 2 {
		t.Errorf("count %d, want 2", got)
	}
	if c, _, err := store.Load(t.Context()); err != nil || !c.Head.Equal(longer.Checkpoint.Head) {
		t.Errorf("the checkpoint is %v, %v", c.Head, err)
	}
	if _, err := store.Replace(t.Context(), next, longer); err != nil {
		t.Error(err)
	}
	// A version that was replaced by a later one is not.
	if _, err := store.Replace(t.Context(), "999", longer); !errors.Is(err, outbox.ErrLost) {
		t.Errorf("on a version that the database does not have: %v", err)
	}
	if !closed(store.Lost()) || store.Held() {
		t.Error("the tenure goes on, although the database has lost commits")
	}
}

// everyKind returns commits that together run every statement.
func everyKind() []outbox.Commit {
	c := func(at time.Time, seen ...outbox.Seen) outbox.Commit {
		return outbox.Commit{Seen: seen, Checkpoint: outbox.Checkpoint{Origin: now, Head: at}, Horizon: at.Add(-time.Hour), Now: at}
	}
	timed, untimed := key(now, 1), key(time.Time{}, 2)
	return []outbox.Commit{
		c(now, outbox.Seen{Key: timed, Count: 1}, outbox.Seen{Key: untimed, Count: 1}),
		c(now, outbox.Seen{Key: timed}, outbox.Seen{Key: untimed}),
		c(now.Add(9 * time.Hour)),
	}
}
