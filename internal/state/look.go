package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// A Found is what a state file tells about its collector.
type Found struct {
	Site       string // "" for a file that was never written to
	Checkpoint outbox.Checkpoint
	Written    time.Time // when the file was last written to
	// Holder is the process that has the file open. After a kill the name of the killed process
	// remains.
	Holder string
}

// maxLooks is how often Look starts again because the file was written to meanwhile.
const maxLooks = 5

// Look reads a state file without a lock and changes nothing, so that a collector never waits for
// it. The error is an fs.ErrNotExist when there is no file.
func Look(path string) (Found, error) {
	file, err := openRegular(path, os.O_RDONLY)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Found{}, fmt.Errorf("there is no state file %s: %w", path, fs.ErrNotExist)
	case err != nil:
		return Found{}, refused(err)
	}
	defer file.Close()
	return lookAt(file, path)
}

// lookAt looks at the open file of a path.
func lookAt(file interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}, path string) (Found, error) {
	for n := 1; ; n++ {
		info, err := file.Stat()
		if err != nil {
			return Found{}, refused(err)
		}
		found := Found{Written: info.ModTime()}
		if _, err := os.Lstat(holderPath(path)); err == nil {
			found.Holder = holder(path)
		}
		if info.Size() == 0 {
			return found, nil
		}
		var c content
		before, _ := newestMeta(file, info.Size())
		if _, err = verify(file, info.Size(), c.visit); err == nil {
			err = c.check()
		}
		if err == nil {
			found.Site, found.Checkpoint = c.site, c.checkpoint
			return found, nil
		}
		// What was read during a write is not consistent.
		if after, _ := newestMeta(file, info.Size()); after == before || n == maxLooks {
			return Found{}, &damageError{path, err}
		}
	}
}
