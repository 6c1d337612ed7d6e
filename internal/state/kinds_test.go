//go:build unix

package state

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A path with anything but a regular file is refused at once, and not changed: the host must not
// wait for the other end of a named pipe.
func TestOnlyRegularFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		make func(path string) error
		want string
	}{
		"named pipe":      {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "is a named pipe: set db to a regular file"},
		"folder":          {func(path string) error { return os.Mkdir(path, 0o700) }, "is a folder: set db to a regular file"},
		"device":          {func(path string) error { return os.Symlink("/dev/zero", path) }, "is a device: set db to a regular file"},
		"link to nothing": {func(path string) error { return os.Symlink("/nowhere/at/all", path) }, "is a link to nothing: mount or make what it leads to"},
		"socket": {func(path string) error {
			l, err := net.Listen("unix", path)
			if err == nil {
				t.Cleanup(func() { l.Close() })
			}
			return err
		}, "is a socket: set db to a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "s") // the name of a socket must be short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			path := filepath.Join(dir, "s.db")
			if err := tt.make(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(path)
			if _, err := Open(path, site); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: %v, want an error with %q", err, tt.want)
			}
			if _, err := Try(path, site); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Try: %v, want an error with %q", err, tt.want)
			}
			after, err := os.Lstat(path)
			if err != nil || !os.SameFile(before, after) {
				t.Errorf("it was replaced: %v", err)
			}
			if names, _ := os.ReadDir(dir); len(names) != 1 {
				t.Errorf("the folder holds %v", names)
			}
		})
	}
}

// A link to a file works like the file.
func TestLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	link := filepath.Join(dir, "s.db")
	write(t, filepath.Join(dir, "real"), "")
	if err := os.Symlink("real", link); err != nil {
		t.Fatal(err)
	}
	open1(t, link)
	if found, err := Try(filepath.Join(dir, "real"), site); err != nil || !strings.HasPrefix(found, "is in use") {
		t.Errorf("%q, %v: the file behind the link is not locked", found, err)
	}
}

// A link in place of the holder file is neither written to nor read.
func TestHolderFollowsNoLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "s.db"), filepath.Join(dir, "victim")
	write(t, victim, "mine")
	if err := os.Symlink(victim, holderPath(path)); err != nil {
		t.Fatal(err)
	}
	open1(t, path)
	if content, _ := os.ReadFile(victim); string(content) != "mine" {
		t.Errorf("the victim holds %q", content)
	}
	if info, err := os.Lstat(holderPath(path)); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the holder file is %v, %v", info, err)
	}
	for name, put := range map[string]func() error{
		"link": func() error { return os.Symlink(victim, holderPath(path)) },
		"pipe": func() error { return syscall.Mkfifo(holderPath(path), 0o600) },
	} {
		os.Remove(holderPath(path))
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if got := holder(path); got != "another process" {
			t.Errorf("a %s says that the holder is %q", name, got)
		}
	}
}
