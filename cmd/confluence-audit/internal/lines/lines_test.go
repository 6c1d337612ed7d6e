package lines

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// After a full disk in the middle of a line, the file has whole lines only.
func TestKeepsWholeLines(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "records.ndjson")
	w, err := Create(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := errors.Join(w.Add([]byte("first\n")), w.Flush()); err != nil {
		t.Fatal(err)
	}
	w.to = fullDisk{w.file}
	if err := errors.Join(w.Add([]byte("second\n")), w.Flush()); err == nil || !strings.Contains(err.Error(), "free space") {
		t.Errorf("error %v", err)
	}
	if got, _ := os.ReadFile(path); string(got) != "first\n" {
		t.Errorf("the file holds %q", got)
	}
}

// fullDisk takes half of what it is given.
type fullDisk struct{ file *os.File }

func (d fullDisk) Write(p []byte) (int, error) {
	n, _ := d.file.Write(p[:len(p)/2])
	return n, syscall.ENOSPC
}
