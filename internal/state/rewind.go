package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/outbox"
)

// A Rewinding tells what Rewind is about to do.
type Rewinding struct {
	From, To time.Time // newest record delivered; records from To on come again
	Records  int       // records delivered since To, as far as they are counted
	// Counted is the time of the oldest fingerprint that is kept. If it is after To, the records
	// between To and Counted are delivered again too, but their number is not known.
	Counted time.Time
	// Began is the time from which the first run read. Records before it were never read.
	Began time.Time
}

// untimedMargin is how far the clocks of site and collector may disagree: by that much a record may
// seem to be delivered before its time.
const untimedMargin = time.Hour

// Rewind makes the collector of a site deliver every record since then again, with the same event
// ids. An id depends on the record's fingerprint and on how many equal records are before it, so it
// is enough to remove the fingerprints. Rewind calls agree before it changes anything, and stops if
// that returns an error.
//
// The file is locked meanwhile. A file that is in use, missing or damaged is left as it is.
func Rewind(path, site string, then time.Time, agree func(Rewinding) error) error {
	file, err := takeStopped(path)
	if err != nil {
		return err
	}
	d, err := use(file, path, site, steps)
	if err != nil {
		file.Close()
		return err
	}
	defer d.db.Close()
	writeHolder(path)
	defer removeHolder(path)

	then = then.UTC().Truncate(time.Millisecond)
	before := d.content.checkpoint
	switch {
	case before.Head.IsZero():
		return fmt.Errorf("state file %s is empty: nothing was delivered yet, set start_from instead", path)
	case then.After(before.Head):
		return fmt.Errorf("the newest record delivered is of %s: no record since %s can come again", before.Head.Format(time.RFC3339Nano), then.Format(time.RFC3339Nano))
	}
	plan := Rewinding{From: before.Head, To: then, Counted: before.Forgotten, Began: before.Origin}
	if err := d.db.View(func(tx *bolt.Tx) error { plan.Records = countSince(tx, then); return nil }); err != nil {
		return fmt.Errorf("read state file %s: %w", path, err)
	}
	if err := agree(plan); err != nil {
		return err
	}
	// agree may have waited for the operator, so the file is checked again.
	version := firstVersion + len(steps)
	if d.gone(path) {
		return errGone
	}
	if err := d.unchanged(path, site, version); err != nil {
		return err
	}
	err = d.db.Update(func(tx *bolt.Tx) error {
		if err := forgetSince(tx, then); err != nil {
			return err
		}
		return putCheckpoint(tx, before.Rewound(then), version, site)
	})
	if err != nil {
		return fmt.Errorf("write state file %s: %w; nothing has changed", path, err)
	}
	return nil
}

// takeStopped opens and locks a state file that exists and that no process uses.
func takeStopped(path string) (*os.File, error) {
	file, err := openRegular(path, os.O_RDWR)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no state file %s: run this where Fluent Bit runs, in the same folder and with the same variables", path)
	case err != nil:
		return nil, refused(err)
	}
	taken, err := lock(file, true)
	switch {
	case err == nil && taken && isAt(file, path):
		return file, nil
	case err == nil:
		err = fmt.Errorf("state file %s is in use by %s: stop it first", path, holder(path))
	default:
		err = fmt.Errorf("lock state file %s: %w", path, err)
	}
	file.Close()
	return nil, err
}

// countSince returns how many records were delivered since then.
func countSince(tx *bolt.Tx, then time.Time) int {
	sum := 0
	cursor := tx.Bucket(seenBucket).Cursor()
	for k, v := cursor.Seek(appendKey(nil, outbox.Key{Time: then.UnixMilli()})); k != nil; k, v = cursor.Next() {
		n, _ := binary.Uvarint(v)
		sum += int(n)
	}
	for _, k := range untimedSince(tx, then) {
		n, _ := binary.Uvarint(tx.Bucket(untimedBucket).Get(k))
		sum += int(n)
	}
	return sum
}

// forgetSince removes the fingerprints of records since then.
func forgetSince(tx *bolt.Tx, then time.Time) error {
	from := appendKey(nil, outbox.Key{Time: then.UnixMilli()})
	cursor := tx.Bucket(seenBucket).Cursor()
	for k, _ := cursor.Seek(from); k != nil; k, _ = cursor.Seek(from) {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	for _, k := range untimedSince(tx, then) {
		if err := tx.Bucket(untimedBucket).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// untimedSince returns the records without a time that may be from then or later. A record is never
// delivered before it was written, so those delivered before then are older.
func untimedSince(tx *bolt.Tx, then time.Time) (keys [][]byte) {
	_ = tx.Bucket(untimedBucket).ForEach(func(k, v []byte) error {
		_, n := binary.Uvarint(v)
		if at, _ := binary.Uvarint(v[max(n, 0):]); int64(at) >= then.Add(-untimedMargin).UnixMilli() {
			keys = append(keys, bytes.Clone(k))
		}
		return nil
	})
	return keys
}
