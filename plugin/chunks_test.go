package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// On a quiet site the first chunk comes late, and is mapped for a moment only.
func TestChunksAreFoundLate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "confluence.7")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "1-1.flb")
	if err := os.WriteFile(path, make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	var c chunkFiles
	for range 100 {
		if _, path, known := c.room(); known {
			t.Fatalf("chunks at %s, where none is mapped", path)
		}
	}
	c.since = c.since.Add(-time.Second) // time passes

	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	chunk, err := syscall.Mmap(int(f.Fd()), 0, 4096, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	bytes, found, known := c.room()
	if err := syscall.Munmap(chunk); err != nil {
		t.Fatal(err)
	}
	if !known || found != dir || bytes <= 0 {
		t.Errorf("room is %d at %q, known: %v; want some at %s", bytes, found, known, dir)
	}
	if _, again, known := c.room(); !known || again != dir {
		t.Errorf("forgotten when no chunk is mapped: %q, %v", again, known)
	}
}
