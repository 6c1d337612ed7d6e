package state

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A busyFile is written to again and again while it is read: what is read between two meta pages is
// damaged, up to a version.
type busyFile struct {
	*os.File
	versions [][]byte
	sound    int // the first version that is
	metas    int // how often the first meta page was read, which each look does three times
}

func (f *busyFile) ReadAt(b []byte, offset int64) (int, error) {
	if offset == headerSize {
		f.metas++
	}
	n := (f.metas - 1) / 3
	if offset >= 2*minPage && n < f.sound {
		fill(b, 7)
		return len(b), nil
	}
	if (f.metas-1)%3 == 2 {
		n++ // it was written to after this look has begun
	}
	if offset >= int64(len(f.versions[n])) {
		return 0, io.EOF
	}
	return copy(b, f.versions[n][offset:]), nil
}

// A look at a file that is written to meanwhile begins again, but not without end.
func TestLookAtBusyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s.db")
	f := open1(t, path)
	var versions [][]byte
	for n := range maxLooks + 2 {
		commit(t, f, now.Add(time.Duration(n)*time.Minute))
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, content)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for sound, want := range map[int]time.Duration{0: 0, 1: time.Minute, maxLooks - 1: (maxLooks - 1) * time.Minute, maxLooks: -1} {
		found, err := lookAt(&busyFile{File: file, versions: versions, sound: sound}, path)
		switch {
		case want < 0 && !IsDamage(err):
			t.Errorf("damaged at %d looks: %v", sound, err)
		case want >= 0 && (err != nil || !found.Checkpoint.Head.Equal(now.Add(want))):
			t.Errorf("damaged at %d looks: found %s, %v", sound, found.Checkpoint.Head, err)
		}
	}
}
