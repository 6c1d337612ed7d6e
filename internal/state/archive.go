package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// An Archive is the state file of an input that is stopped, opened to be copied. The file is locked
// meanwhile, and never written to.
type Archive struct {
	Site       string // whose log it is, see site.Site.Log
	Checkpoint outbox.Checkpoint
	Records    int // with a fingerprint in the file

	file *os.File
	size int64
}

// OpenArchive opens and verifies the state file at path. A file that is in use, missing, damaged or
// of another layout is refused.
func OpenArchive(path string) (*Archive, error) { return openArchive(path, steps) }

func openArchive(path string, steps []step) (*Archive, error) {
	file, err := openStopped(path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	a, err := archiveOf(file, path, firstVersion+len(steps))
	if err != nil {
		file.Close()
		return nil, err
	}
	return a, nil
}

func archiveOf(file *os.File, path string, known int) (*Archive, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, refused(err)
	}
	a := &Archive{file: file, size: info.Size()}
	var c content
	if a.size > 0 {
		err = a.each(c.visit, func(s outbox.Seen, _ time.Time) error { a.Records += int(s.Count); return nil })
		if err == nil {
			err = c.check()
		}
	}
	a.Site, a.Checkpoint = c.site, c.checkpoint
	switch {
	case err != nil:
		return nil, &damageError{path, err}
	case c.version != 0 && c.version < known:
		return nil, fmt.Errorf("state file %s has the older layout version %d: let the input run with it once, which brings it forward to %d", path, c.version, known)
	case c.version > known:
		return nil, tooNew(path, c.version, known)
	case !c.checkpoint.Started():
		return nil, fmt.Errorf("state file %s: %w", path, ErrEmpty)
	}
	return a, nil
}

// ErrEmpty is wrapped by the error of a state file of which nothing was delivered yet.
var ErrEmpty = errors.New("nothing was delivered yet")

// Each calls do for each fingerprint, in the order of time, those without a time last. Of these
// delivered is when the last record was delivered; else it is zero.
func (a *Archive) Each(do func(s outbox.Seen, delivered time.Time) error) error {
	return a.each(func(string, []byte, []byte, bool) error { return nil }, do)
}

func (a *Archive) each(visit visitor, do func(outbox.Seen, time.Time) error) error {
	_, err := verify(a.file, a.size, func(bucket string, key, value []byte, isBucket bool) error {
		if err := visit(bucket, key, value, isBucket); err != nil || bucket == "" {
			return err
		}
		count, rest, sound := cutCount(value)
		s := outbox.Seen{Count: count}
		switch name := bucket[1:]; {
		case !sound: // visit keeps in mind what is invalid
		case name == string(seenBucket) && len(key) == keySize:
			s.Key.Time, s.Key.Fingerprint = int64(binary.BigEndian.Uint64(key)^1<<63), document.Fingerprint(key[8:])
			return do(s, time.Time{})
		case name == string(untimedBucket) && len(key) == keySize-8:
			s.Key.Fingerprint = document.Fingerprint(key)
			at, _ := binary.Uvarint(rest)
			return do(s, time.UnixMilli(int64(at)))
		}
		return nil
	})
	return err
}

// Close unlocks the file.
func (a *Archive) Close() error { return a.file.Close() }
