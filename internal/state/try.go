package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Try returns whether Open would accept the file at path for the site, and what it would find. It
// does not create or change a state file, and does not disturb a collector that has it open.
func Try(path, site string) (found string, err error) {
	file, err := openRegular(path, os.O_RDWR) // as Open does
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if link, err := os.Readlink(path); err == nil {
			return "", fmt.Errorf("%s is a link to nothing: mount or make what it leads to (%s), or set db to a file", path, link)
		}
		return "will be made", tryFolder(filepath.Dir(path))
	case err != nil:
		return "", tried(err)
	}
	defer file.Close()
	taken, err := lock(file, false)
	switch {
	case err != nil:
		return "", tried(err)
	case !taken:
		return "is in use by " + holder(path), nil
	}
	newest := firstVersion + len(steps)
	c, _, err := inspect(file, path, site, newest)
	switch {
	case err != nil:
		return "", err
	case c.version > 0 && c.version < newest:
		return fmt.Sprintf("will be brought forward from layout version %d to %d", c.version, newest), nil
	case c.checkpoint.Head.IsZero():
		return "is empty", nil
	}
	return "goes on with records after " + c.checkpoint.Head.UTC().Format(time.RFC3339), nil
}

// tryFolder writes and removes a file in the folder, or in the nearest parent that exists: Open
// creates the rest.
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
	if _, kind := errors.AsType[*kindError](err); kind {
		return err
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w for user id %d: check as the user that Fluent Bit runs as, or give it the right to write there", err, os.Getuid())
	}
	return fmt.Errorf("%w: set db to a file on a sound local disk with room on it", err)
}
