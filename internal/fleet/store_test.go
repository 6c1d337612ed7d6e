package fleet

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/outbox/storetest"
)

const acme = "https://acme.atlassian.net"

var now, key, replace, counts = storetest.Now, storetest.Key, storetest.Replace, storetest.Counts

// held returns a store in an empty database.
func held(t testing.TB) *Lease {
	t.Helper()
	return hold(t, joined(t, Options{URL: empty(t).url(), LeaseTime: quick}).NewCandidate(acme))
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) outbox.Store { return held(t) })
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
	err = store.candidate.member.stores.do(t.Context(), storeLimit, func(ctx context.Context, conn *pgconn.PgConn) error {
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
		t.Error("the lease goes on, although the database has lost commits")
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
