//go:build unix

package state

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// Another program changes the file while it is in use. The next commit is still in a file at the
// path, and what was there is kept.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	later := now.Add(time.Hour)
	for name, tt := range map[string]struct {
		spoil func(path string, content []byte) error
		said  string // "" for nothing
		kept  bool   // what stood at the path is kept aside
		knows uint32 // of the record delivered before
	}{
		"touched":   {func(path string, _ []byte) error { return os.Chtimes(path, later, later) }, "", false, 1},
		"longer":    {func(path string, b []byte) error { return os.Truncate(path, 2*int64(len(b))) }, "", false, 1},
		"cut":       {func(path string, _ []byte) error { return os.Truncate(path, 5000) }, "written to while it was in use", true, 0},
		"emptied":   {func(path string, _ []byte) error { return os.Truncate(path, 0) }, "replaced while it was in use", true, 0},
		"garbage":   {func(path string, b []byte) error { return overwrite(path, bytes.Repeat([]byte("x"), len(b))) }, "it does not begin like one", true, 0},
		"a page":    {func(path string, b []byte) error { fill(b[8192:], 7); return overwrite(path, b) }, "written to while it was in use", true, 0},
		"restored":  {func(path string, _ []byte) error { return overwrite(path, older(path)) }, "replaced while it was in use", true, 0},
		"continued": {func(path string, _ []byte) error { return overwrite(path, continued(t, path)) }, "replaced while it was in use", true, 0},
		"deleted":   {func(path string, _ []byte) error { return os.Remove(path) }, "deleted, moved or replaced", false, 1},
		"moved":     {func(path string, _ []byte) error { return os.Rename(path, path+".old") }, "deleted, moved or replaced", false, 1},
		"with its folder": {func(path string, _ []byte) error { return os.RemoveAll(filepath.Dir(path)) },
			"deleted, moved or replaced", false, 1},
		"another in its place": {func(path string, _ []byte) error {
			return errors.Join(os.Remove(path), os.WriteFile(path, []byte("other"), 0o600))
		}, "deleted, moved or replaced", true, 1},
	} {
		for _, first := range []string{"commit", "count"} {
			t.Run(name+", then a "+first, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "folder", "s.db")
				f := open1(t, path)
				commit(t, f, now)
				copyTo(t, path, path+".backup")
				commit(t, f, now.Add(time.Minute))
				var said []string
				f.Renewed = func(why error, aside string) {
					said = append(said, why.Error())
					if (aside != "") != tt.kept {
						t.Errorf("kept aside as %q", aside)
					}
				}
				content, _ := os.ReadFile(path)
				if err := tt.spoil(path, content); err != nil {
					t.Fatal(err)
				}
				if first == "count" {
					counts(t, f, key(now, 1))
				}
				commit(t, f, later)
				if tt.said == "" && len(said) > 0 || tt.said != "" && (len(said) != 1 || !strings.Contains(said[0], tt.said)) {
					t.Errorf("said %q, want %q", said, tt.said)
				}
				if got := counts(t, f, key(now, 1), key(later, 1)); !slices.Equal(got, []uint32{tt.knows, 1}) {
					t.Errorf("counts %v, want %d and 1", got, tt.knows)
				}
				if found, err := Look(path); err != nil || !strings.HasPrefix(found.Holder, "process ") {
					t.Errorf("it is held by %q, %v", found.Holder, err)
				}
				f.Close()
				again := open1(t, path)
				if c, _, _ := again.Load(context.Background()); again.Damaged != "" || !c.Head.Equal(later) {
					t.Errorf("opened again: head %s, %v", c.Head, again.Why)
				}
			})
		}
	}
}

// overwrite changes the content of a file, which stays the same file.
func overwrite(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Close())
}

func older(path string) []byte {
	b, _ := os.ReadFile(path + ".backup")
	return b
}

// continued returns what the file would be after a commit by another program.
func continued(t *testing.T, path string) []byte {
	copied := filepath.Join(t.TempDir(), "copied.db")
	copyTo(t, path, copied)
	other, err := Open(copied, site)
	if err != nil {
		t.Error(err)
		return nil
	}
	commit(t, other, now.Add(time.Second))
	other.Close()
	b, _ := os.ReadFile(copied)
	return b
}

// A commit that has failed may still have taken effect: then the file is used on. If anything else
// is in the file, it was replaced.
func TestFailedCommitTookEffect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		commits int // in the file since the last one that is known to have succeeded
		renewed bool
	}{{0, false}, {1, false}, {2, true}} {
		f := open1(t, filepath.Join(t.TempDir(), "s.db"))
		renewed := false
		f.Renewed = func(error, string) { renewed = true }
		commit(t, f, now)
		known := f.disk.meta
		for n := range tt.commits {
			commit(t, f, now.Add(time.Duration(n)*time.Minute))
		}
		f.disk.meta, f.disk.doubt = known, true // as if the last one had returned an error
		if counts(t, f, key(now, 1)); renewed != tt.renewed {
			t.Errorf("%d commits later: renewed %t", tt.commits, renewed)
		}
	}
}

func copyTo(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, string(b))
}

// The last checkpoint survives damage of the file, even without another commit.
func TestRenewedKeepsTheCheckpoint(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	commit(t, f, now)
	if err := os.Truncate(path, 5000); err != nil {
		t.Fatal(err)
	}
	counts(t, f, key(now, 1))
	f.Close()
	if c, _, _ := open1(t, path).Load(context.Background()); !c.Head.Equal(now) {
		t.Errorf("head %s, want %s", c.Head, now)
	}
}

// A disk that damages all that is written to it is not filled with damaged files.
func TestRenewedNotForEver(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	var err error
	for n := 0; n <= maxRenewals && err == nil; n++ {
		commit(t, f, now.Add(time.Duration(n)*time.Minute))
		if err := os.Truncate(path, 5000); err != nil {
			t.Fatal(err)
		}
		_, err = f.Count(context.Background(), []outbox.Key{key(now, 1)})
	}
	if err == nil || !strings.Contains(err.Error(), "for the 11th time: look at the disk") {
		t.Errorf("error %v", err)
	}
	if kept, _ := filepath.Glob(path + ".damaged-*"); len(kept) > maxRenewals {
		t.Errorf("%d files are kept", len(kept))
	}
}

// The file may be cut again and again while both goroutines of a collector work, also during a
// commit.
func TestMeanwhileTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(shm(t), "s.db")
	f := open1(t, path)
	commit(t, f, now)
	var both sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	both.Go(func() {
		for ctx.Err() == nil {
			_, _ = f.Count(context.Background(), []outbox.Key{key(now, 1), key(time.Time{}, 1)})
		}
	})
	var done atomic.Int64
	both.Go(func() {
		random := rand.New(rand.NewPCG(7, 8))
		for n := 0; ctx.Err() == nil; n++ {
			_ = replace(f, someCommit(random, n, 100))
			done.Add(1)
		}
	})
	for n := range int64(maxRenewals) {
		for done.Load() < 3*n { // it is under way again
			runtime.Gosched()
		}
		_ = os.Truncate(path, 5000*n)
	}
	stop()
	both.Wait()
	commit(t, f, now.Add(1000*time.Hour))
	f.Close()
	again := open1(t, path)
	if c, _, _ := again.Load(context.Background()); again.Damaged != "" || !c.Head.Equal(now.Add(1000*time.Hour)) {
		t.Errorf("opened again: head %s, %v", c.Head, again.Why)
	}
}

// A full disk causes errors until there is room, and no damage.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("STATE_TEST_FULL"); path != "" {
		fillDisk(t, path)
		return
	}
	// The limit is one of the process.
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiskFull$")
	cmd.Env = append(os.Environ(), "STATE_TEST_FULL="+filepath.Join(t.TempDir(), "s.db"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func fillDisk(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	f := open1(t, path)
	f.Renewed = func(why error, _ string) { t.Errorf("taken for damage: %v", why) }
	commit(t, f, now)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	setLimit := func(n uint64) {
		limit.Cur = n
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
	}
	roomy := limit.Cur
	setLimit(40_000)
	big := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: now, Head: now.Add(time.Hour)}, Horizon: now, Now: now}
	for n := range 5000 {
		big.Seen = append(big.Seen, outbox.Seen{Key: key(now.Add(time.Duration(n)*time.Second), 2), Count: 1})
	}
	for range 3 {
		if err := replace(f, big); err == nil {
			t.Fatal("there is no room for it, and it was written")
		}
		if got := counts(t, f, key(now, 1)); got[0] != 1 {
			t.Errorf("meanwhile what was committed before is counted %d", got[0])
		}
	}
	setLimit(roomy)
	if err := replace(f, big); err != nil {
		t.Fatal(err)
	}
	f.Close()
	again := open1(t, path)
	if again.Damaged != "" || counts(t, again, big.Seen[4999].Key)[0] != 1 {
		t.Errorf("opened again: %v", again.Why)
	}
}

// A sector that cannot be read is damage like any other.
type badSector struct{ io.ReaderAt }

func (b badSector) ReadAt(p []byte, at int64) (int, error) {
	if at > 8192 {
		return 0, syscall.EIO
	}
	return b.ReaderAt.ReadAt(p, at)
}

func TestBadSector(t *testing.T) {
	t.Parallel()
	spoilt, _ := worn(t, t.TempDir(), 3, 20)
	var found content
	if _, err := verify(badSector{bytes.NewReader(spoilt)}, int64(len(spoilt)), found.visit); !errors.Is(err, syscall.EIO) {
		t.Errorf("error %v", err)
	}
}
