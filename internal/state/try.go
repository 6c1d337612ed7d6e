package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Try tells whether Open would take the file at path for the site, and what it finds there. It neither makes nor changes a state file, and a
// collector that has it open does not notice.
func Try(path, site string) (found string, err error) {
	defer recoverDamage(path, &err)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "will be made", tryFolder(filepath.Dir(path))
	case err != nil:
		return "", tried(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", tried(err)
	}
	file.Close()
	if err := checkWhole(path); err != nil {
		return "", err
	}
	if info.Size() == 0 {
		return "is empty", nil
	}
	db, err := bolt.Open(path, 0, &bolt.Options{ReadOnly: true, Timeout: time.Millisecond})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return "is in use by " + holder(path), nil
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return "", &damageError{path, err}
	case err != nil:
		return "", tried(err)
	}
	defer db.Close()
	f := &File{db: db, path: path}
	newest := firstVersion + len(steps)
	version, err := f.version(site, newest)
	switch {
	case err != nil:
		return "", err
	case version == 0:
		return "is empty", nil
	case version < newest:
		return fmt.Sprintf("will be brought forward from layout version %d to %d", version, newest), nil
	}
	if err := f.walk(); err != nil {
		return "", err
	}
	c, err := f.Load()
	if err != nil || c.Head.IsZero() {
		return "is empty", err
	}
	return "goes on with records after " + c.Head.UTC().Format(time.RFC3339), nil
}

// tryFolder writes a file of its own into the folder, or into the nearest one that there is: Open makes the rest.
func tryFolder(dir string) error {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is no folder: set db to a file in a folder", dir)
		case errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir):
			dir = filepath.Dir(dir)
			continue
		}
		break
	}
	file, err := os.CreateTemp(dir, ".confluence-*")
	if err != nil {
		return tried(err)
	}
	file.Close()
	return os.Remove(file.Name())
}

func tried(err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w for user id %d: check as the user that Fluent Bit runs as, or give it the right to write there", err, os.Getuid())
	}
	return fmt.Errorf("%w: set db to a file on a sound local disk with room on it", err)
}

// IsDamage tells whether an error of Try is about a file that Open would move aside.
func IsDamage(err error) bool {
	_, ok := errors.AsType[*damageError](err)
	return ok
}
