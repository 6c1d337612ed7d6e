package fleet

import (
	"errors"
	"testing"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/test/postgres"
)

// ownServer returns a server with an empty database, for a test that stops it.
func ownServer(t testing.TB, database string) *postgres.Server {
	t.Helper()
	s := postgres.Start(t)
	if _, err := s.Query("postgres", "create database "+database); err != nil {
		t.Fatal(err)
	}
	return s
}

// A standby that lacks the last commits takes the place of the database. A log that was taken
// meanwhile looks free in it, and is given to nobody before its holder has stopped. What was
// committed meanwhile is delivered again.
func TestLostCommits(t *testing.T) {
	t.Parallel()
	b := base{ownServer(t, "audit"), "audit"}
	p := proxied(t, b)
	a := joined(t, Options{URL: p.url(), Name: "a", LeaseTime: short})
	other := joined(t, Options{URL: b.url(), Name: "b", LeaseTime: short})
	kept, taken := "https://kept.example.com", logOf("a", "b")
	b.lastOf(t, kept, "b")
	b.lastOf(t, taken, "a")
	free := logOf("b", "a")
	b.lastOf(t, free, "b")
	// b holds a log, and commits to it before and after the copy is made.
	first := hold(t, other.NewCandidate(free))
	_, version, err := first.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if version, err = first.Replace(t.Context(), version, everyKind()[0]); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Save("standby"); err != nil {
		t.Fatal(err)
	}
	lost := everyKind()[2]
	if version, err = first.Replace(t.Context(), version, lost); err != nil {
		t.Fatal(err)
	}
	// a takes a log that is free in the copy, and is cut off.
	held := hold(t, a.NewCandidate(taken))
	p.unplug()
	b.server.Kill()
	if err := b.server.Restore("standby"); err != nil {
		t.Fatal(err)
	}
	if err := b.server.Begin(); err != nil {
		t.Fatal(err)
	}
	next := waiting(t, other.NewCandidate(taken))
	got := receive(t, next)
	if held.Held() {
		t.Error("the log is held by two members")
	}
	if !closed(held.Lost()) {
		t.Error("the former holder does not know")
	}
	if got.Epoch() != 1 {
		t.Errorf("epoch %d: the copy had the acquisition", got.Epoch())
	}
	later := lost
	later.Checkpoint.Head = lost.Checkpoint.Head.Add(1)
	if _, err := first.Replace(t.Context(), version, later); !errors.Is(err, outbox.ErrLost) {
		t.Errorf("a commit on top of one that was lost: %v", err)
	}
	again := receive(t, waiting(t, first.candidate))
	if c, _, err := again.Load(t.Context()); err != nil || !c.Head.Equal(now) {
		t.Errorf("goes on from %v, %v, want what the copy has", c.Head, err)
	}
}
