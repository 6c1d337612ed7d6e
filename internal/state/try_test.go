package state

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// Try returns what Open would do, and changes nothing.
func TestTry(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare     func(t *testing.T, path string) string // returns the path to try
		found, fail string
	}{
		"new":              {func(_ *testing.T, path string) string { return path }, "will be made", ""},
		"in a new folder":  {func(_ *testing.T, path string) string { return filepath.Join(path, "x", "s.db") }, "will be made", ""},
		"of an older run":  {func(t *testing.T, _ string) string { return unpack(t) }, "goes on with records after 1999-12-31T23:45:00Z", ""},
		"in use":           {func(t *testing.T, path string) string { open1(t, path); return path }, "is in use by process", ""},
		"without content":  {func(t *testing.T, path string) string { write(t, path, ""); return path }, "is empty", ""},
		"without a start":  {func(t *testing.T, path string) string { open1(t, path).Close(); return path }, "is empty", ""},
		"damaged":          {func(t *testing.T, path string) string { write(t, path, strings.Repeat("x", 5000)); return path }, "", "is damaged"},
		"a file as folder": {func(t *testing.T, path string) string { write(t, path, "x"); return filepath.Join(path, "s.db") }, "", "set db to a file"},
		"of another site": {func(t *testing.T, path string) string {
			f, err := Open(path, "https://other.example.com")
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			return path
		}, "", "belongs to https://other.example.com"},
		"newer": {func(t *testing.T, path string) string {
			f, err := open(path, site, []step{func(*bolt.Tx) error { return nil }})
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
			return path
		}, "", "has layout version 2, this program knows up to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := tt.prepare(t, filepath.Join(dir, "s.db"))
			before, _ := os.ReadFile(path)
			names, _ := filepath.Glob(filepath.Join(dir, "*"))
			found, err := Try(path, site)
			switch {
			case tt.fail == "" && (err != nil || !strings.HasPrefix(found, tt.found)):
				t.Errorf("%q, %v, want %q", found, err, tt.found)
			case tt.fail != "" && (err == nil || !strings.Contains(err.Error(), tt.fail)):
				t.Errorf("%q, %v, want an error with %q", found, err, tt.fail)
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file has changed")
			}
			if now, _ := filepath.Glob(filepath.Join(dir, "*")); strings.Join(names, " ") != strings.Join(now, " ") {
				t.Errorf("the folder has %v, had %v", now, names)
			}
			if entries, _ := filepath.Glob(filepath.Join(dir, ".*")); len(entries) > 0 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
