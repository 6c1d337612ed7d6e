package storetest

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/outbox"
)

// Keeps checks that a keeper without a note keeps the last one, whatever is committed.
func Keeps(t *testing.T, store interface {
	outbox.Store
	outbox.Keeper
}) {
	if note, err := store.Kept(context.Background()); note != nil || err != nil {
		t.Fatalf("a new store has kept %q, %v", note, err)
	}
	large := []byte(strings.Repeat(`{"a":"it's \ \u0000 é"}`, 20_000))
	for _, note := range [][]byte{[]byte("first"), large} {
		if err := store.Keep(context.Background(), note); err != nil {
			t.Fatal(err)
		}
		if err := Replace(store, outbox.Commit{Checkpoint: outbox.Checkpoint{Head: Now}, Now: Now}); err != nil {
			t.Fatal(err)
		}
		if kept, err := store.Kept(context.Background()); !bytes.Equal(kept, note) || err != nil {
			t.Errorf("a note of %d bytes: kept %d, %v", len(note), len(kept), err)
		}
	}
}
