package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// damageError says that the file is no state file any more.
type damageError struct {
	path string
	err  error
}

func (e *damageError) Error() string {
	return fmt.Sprintf("state file %s is damaged: %v", e.path, e.err)
}
func (e *damageError) Unwrap() error { return e.err }

// recoverDamage turns the panics with which bbolt meets impossible pages into an error.
func recoverDamage(path string, err *error) {
	if r := recover(); r != nil {
		*err = &damageError{path, fmt.Errorf("%v", r)}
	}
}

// checkWhole makes sure that the file is as long as its newest meta page says. bbolt maps the file into memory and does not look; reading
// behind the end of a file that was cut would raise SIGBUS and take the host down.
// Layout of the first two pages (bbolt internal/common): 16 bytes of page header, then magic, version, page size, flags (4 bytes each),
// root (16), freelist, page count, transaction id, checksum (8 each), in the machine's byte order.
func checkWhole(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open state file: %w; make it readable for the user that Fluent Bit runs as, or set db to another place", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("open state file: %s is a folder: set db to a file", path)
	}
	if info.Size() == 0 {
		return nil // bbolt creates it
	}
	var pages, newest uint64
	for _, size := range []int64{4096, 8192, 16384, 32768, 65536} {
		for _, offset := range []int64{0, size} {
			meta := make([]byte, 64)
			if _, err := file.ReadAt(meta, offset+16); err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read state file: %w; set db to a file on a sound local disk", err)
			}
			sum := fnv.New64a()
			sum.Write(meta[:56])
			valid := binary.NativeEndian.Uint32(meta) == 0xED0CDAED && int64(binary.NativeEndian.Uint32(meta[8:])) == size &&
				binary.NativeEndian.Uint64(meta[56:]) == sum.Sum64()
			if tx := binary.NativeEndian.Uint64(meta[48:]); valid && tx >= newest {
				newest, pages = tx, binary.NativeEndian.Uint64(meta[40:])*uint64(size)
			}
		}
	}
	switch {
	case pages == 0:
		return &damageError{path, errors.New("it does not begin like one")}
	case uint64(info.Size()) < pages:
		return &damageError{path, fmt.Errorf("it was cut from %d bytes to %d", pages, info.Size())}
	}
	return nil
}

// walk reads every page once, so that damage shows on opening and not in the middle of a night.
func (f *File) walk() error {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	return f.db.View(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{metaBucket, seenBucket, untimedBucket} {
			b := tx.Bucket(name)
			if b == nil {
				return &damageError{f.path, fmt.Errorf("it has no bucket %q", name)}
			}
			if err := b.ForEach(func(k, v []byte) error { return nil }); err != nil {
				return &damageError{f.path, err}
			}
		}
		return nil
	})
}
