package fleet

import (
	"errors"
	"testing"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/outbox/storetest"
)

// The note stays when another member takes the log. Who has lost the log cannot change it.
func TestKeep(t *testing.T) {
	t.Parallel()
	b := empty(t)
	first := hold(t, joined(t, Options{URL: b.url(), LeaseTime: quick}).NewCandidate(acme))
	storetest.Keeps(t, first)
	if err := first.Keep(t.Context(), []byte("last")); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := hold(t, joined(t, Options{URL: b.url(), LeaseTime: quick}).NewCandidate(acme))
	if note, err := second.Kept(t.Context()); string(note) != "last" || err != nil {
		t.Errorf("the next holder finds %q, %v", note, err)
	}
	if err := first.Keep(t.Context(), []byte("too late")); !errors.Is(err, outbox.ErrLost) {
		t.Errorf("a member without the log: %v", err)
	}
	if note, _ := second.Kept(t.Context()); string(note) != "last" {
		t.Errorf("it has written %q", note)
	}
}
