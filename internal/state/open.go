package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockWait is how long openLocked waits for another process to unlock the file: long enough for one
// that is stopping.
const lockWait = 2 * time.Second

// openLocked opens the file at path, creates it when there is none, and locks it against every
// other process. The check of its content stays valid only because no other collector can write
// from then on.
func openLocked(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("create folder of state file: %w; make it writable or set db to another place", err)
	}
	for end := time.Now().Add(lockWait); ; {
		file, err := openRegular(path, os.O_RDWR)
		if errors.Is(err, fs.ErrNotExist) {
			// Never create a file through a symbolic link: the disk behind it may just not be
			// mounted, and the state is on that disk.
			if file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); errors.Is(err, fs.ErrExist) {
				if _, lost := os.Stat(path); errors.Is(lost, fs.ErrNotExist) {
					return nil, fmt.Errorf("open state file: %s is a link to nothing: mount or make what it leads to, or set db to a file", path)
				}
				continue // another process has just created it
			}
		}
		if err != nil {
			return nil, refused(err)
		}
		taken, err := lock(file, true)
		if err != nil {
			file.Close()
			return nil, fmt.Errorf("lock state file %s: %w; set db to a file on a local disk", path, err)
		}
		late := time.Now().After(end)
		// The process that had the lock may have moved or replaced the file. Some file systems
		// cannot tell.
		if taken && (late || isAt(file, path)) {
			return file, nil
		}
		file.Close()
		if late {
			return nil, fmt.Errorf("state file %s is in use by %s: one collector a file; stop the other one, or give each input a db of its own", path, holder(path))
		}
		time.Sleep(lockWait / 40)
	}
}

// openRegular opens a file only if it is a regular one. A named pipe would make the host wait for
// ever, and a device may do anything.
func openRegular(path string, flag int) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if err := regular(path, info); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, flag|openNow, 0)
	if err != nil {
		return nil, err
	}
	if info, err = file.Stat(); err == nil {
		err = regular(path, info) // the file may have been replaced since the first check
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// A kindError is the error of a path with something else than a regular file.
type kindError struct{ path, kind string }

func (e *kindError) Error() string {
	return fmt.Sprintf("%s is a %s: set db to a regular file, or to a name that is not taken", e.path, e.kind)
}

func regular(path string, info fs.FileInfo) error {
	kind := ""
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		kind = "folder"
	case mode&fs.ModeNamedPipe != 0:
		kind = "named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "socket"
	case mode&fs.ModeDevice != 0:
		kind = "device"
	default:
		kind = "special file"
	}
	return &kindError{path, kind}
}

// isAt reports whether the open file is the one at path.
func isAt(file *os.File, path string) bool {
	own, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(own, there)
}

// refused adds what to do to the error of a file that cannot be opened.
func refused(err error) error {
	switch _, kind := errors.AsType[*kindError](err); {
	case kind:
		return fmt.Errorf("open state file: %w", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("open state file: %w; make it writable for the user that Fluent Bit runs as (user id %d here), or set db to another place", err, os.Getuid())
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("open state file: %w; free space on that disk, or set db to another place", err)
	}
	return fmt.Errorf("open state file: %w; set db to a file on a local disk", err)
}
