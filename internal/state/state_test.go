package state

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/outbox/storetest"
)

const site = "https://acme.atlassian.net"

var now, key, replace, counts = storetest.Now, storetest.Key, storetest.Replace, storetest.Counts

func open1(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path, site)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// Both stores keep the same promises, except those that only a file can keep.
func TestStore(t *testing.T) {
	t.Parallel()
	t.Run("file", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) outbox.Store { return open1(t, filepath.Join(t.TempDir(), "s.db")) })
	})
	t.Run("memory", func(t *testing.T) { storetest.Run(t, func(*testing.T) outbox.Store { return NewMemory() }) })
}

func TestReopened(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "s.db")
	f := open1(t, path)
	if err := replace(f, outbox.Commit{Seen: []outbox.Seen{{Key: key(now, 1), Count: 7}}, Checkpoint: outbox.Checkpoint{Head: now}}); err != nil {
		t.Fatal(err)
	}
	f.Close()
	f = open1(t, path)
	if c, _, err := f.Load(context.Background()); err != nil || !c.Head.Equal(now) {
		t.Errorf("after reopening: %v, %v", c, err)
	}
	if got := counts(t, f, key(now, 1))[0]; got != 7 {
		t.Errorf("after reopening: count %d, want 7", got)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"held by another": {func(t *testing.T, path string) { open1(t, path) }, fmt.Sprintf("in use by process %d (%s) on ", os.Getpid(), os.Args[0])},
		"of another site": {func(t *testing.T, path string) {
			f, err := Open(path, "https://other.example.com")
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}, "belongs to https://other.example.com, not to " + site},
		"newer": {func(t *testing.T, path string) {
			f := open1(t, path)
			err := f.disk.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(metaBucket).Put(versionKey, []byte("2")) })
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}, "has layout version 2, this program knows up to 1"},
		"a folder": {func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "is a folder: set db to a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "s.db")
			tt.prepare(t, path)
			f, err := Open(path, site)
			if err == nil {
				f.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one with %q", err, tt.want)
			}
		})
	}
}

// A damaged file is kept, and a new one is begun.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(content []byte) []byte{
		"cut in the middle":   func(b []byte) []byte { return b[:len(b)/2] },
		"cut to a few bytes":  func(b []byte) []byte { return b[:100] },
		"something else":      func([]byte) []byte { return []byte(strings.Repeat("not a database\n", 1000)) },
		"both metas gone":     func(b []byte) []byte { clear(b[:2*os.Getpagesize()]); return b },
		"pages overwritten":   func(b []byte) []byte { fill(b[2*os.Getpagesize():], 0xa5); return b },
		"pages of only zeros": func(b []byte) []byte { clear(b[2*os.Getpagesize():]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "s.db")
			f := open1(t, path)
			var seen []outbox.Seen
			for n := range 2000 {
				seen = append(seen, outbox.Seen{Key: key(now.Add(time.Duration(n)*time.Second), byte(n)), Count: 1})
			}
			if err := replace(f, outbox.Commit{Seen: seen, Checkpoint: outbox.Checkpoint{Head: now}, Horizon: now}); err != nil {
				t.Fatal(err)
			}
			f.Close()
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			spoilt := spoil(content)
			if err := os.WriteFile(path, spoilt, 0o600); err != nil {
				t.Fatal(err)
			}
			f = open1(t, path)
			if f.Damaged == "" || f.DamagedSince.IsZero() {
				t.Fatal("the damage was not noticed")
			}
			if kept, err := os.ReadFile(f.Damaged); err != nil || string(kept) != string(spoilt) {
				t.Errorf("the damaged file was not kept: %v", err)
			}
			if c, _, err := f.Load(context.Background()); err != nil || !c.Head.IsZero() {
				t.Errorf("the new file has %v, %v", c, err)
			}
		})
	}
}

func fill(b []byte, with byte) {
	for i := range b {
		b[i] = with
	}
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("nothing is read-only for root")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	wantRemedy := func(err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "make it writable") {
			t.Errorf("error %v, want one that says what to do", err)
		}
	}
	_, err := Open(filepath.Join(dir, "s.db"), site)
	wantRemedy(err)

	for _, mode := range []os.FileMode{0o400, 0} {
		path := filepath.Join(t.TempDir(), "s.db")
		write(t, path, "")
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, site)
		wantRemedy(err)
		if _, err := Try(path, site); err == nil || !strings.Contains(err.Error(), "check as the user that Fluent Bit runs as") {
			t.Errorf("Try: %v", err)
		}
	}

	// A damaged file that cannot be moved aside is left in place.
	path := filepath.Join(t.TempDir(), "s.db")
	write(t, path, strings.Repeat("x", 5000))
	if err := os.Chmod(filepath.Dir(path), 0o500); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, site); err == nil || !strings.Contains(err.Error(), "make its folder writable") {
		t.Errorf("error %v, want one that says what to do", err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
}

// After a kill during commits, the file has one of them as a whole.
func TestKilled(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("STATE_TEST_KILLED"); path != "" {
		commitForEver(path)
	}
	path := filepath.Join(t.TempDir(), "s.db")
	for round := range 5 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "STATE_TEST_KILLED="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// One line a commit: some have been when it dies.
		buf := make([]byte, 20+round*7)
		if _, err := out.Read(buf); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		f := open1(t, path)
		if f.Damaged != "" {
			t.Fatalf("round %d: damaged", round)
		}
		c, _, err := f.Load(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		n := c.Head.Sub(now) / time.Second
		if got := counts(t, f, key(c.Head, 1))[0]; got != uint32(n) {
			t.Errorf("round %d: checkpoint of commit %d with count %d", round, n, got)
		}
		f.Close()
	}
}

func commitForEver(path string) {
	f, err := Open(path, site)
	if err != nil {
		panic(err)
	}
	for n := 1; ; n++ {
		head := now.Add(time.Duration(n) * time.Second)
		err := replace(f, outbox.Commit{Seen: []outbox.Seen{{Key: key(head, 1), Count: uint32(n)}}, Checkpoint: outbox.Checkpoint{Head: head}, Horizon: now})
		if err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func commit(t *testing.T, f *File, at time.Time) {
	t.Helper()
	err := replace(f, outbox.Commit{
		Seen: []outbox.Seen{{Key: key(at, 1), Count: 1}}, Checkpoint: outbox.Checkpoint{Origin: now, Head: at}, Horizon: now, Now: at,
	})
	if err != nil {
		t.Fatal(err)
	}
}
