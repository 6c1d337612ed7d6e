package state

import (
	"path/filepath"
	"testing"

	"fluent-bit-confluence/internal/outbox/storetest"
)

// The note is there after a restart too, and in no other file.
func TestKeep(t *testing.T) {
	t.Parallel()
	storetest.Keeps(t, NewMemory())
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	storetest.Keeps(t, f)
	before, _ := f.Kept(t.Context())
	f.Close()
	f = open1(t, path)
	if f.Damaged != "" {
		t.Fatalf("damaged: %v", f.Why)
	}
	if after, err := f.Kept(t.Context()); len(after) == 0 || len(after) != len(before) || err != nil {
		t.Errorf("%d bytes after the restart, %d before, %v", len(after), len(before), err)
	}
	if c, _, err := f.Load(t.Context()); !c.Head.Equal(now) || err != nil {
		t.Errorf("checkpoint %v, %v", c, err)
	}
}
