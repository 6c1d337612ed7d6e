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

// A Rewinding tells what Rewind is about to do. Commands know it by this name: outbox is not theirs.
type Rewinding = outbox.Rewinding

// Rewind makes the collector of a site deliver every record since then again, with the same event
// ids. An id depends on the record's fingerprint and on how many equal records are before it, so it
// is enough to remove the fingerprints. Rewind calls agree before it changes anything, and stops if
// that returns an error.
//
// The file is locked meanwhile. A file that is in use, missing or damaged is left as it is.
func Rewind(path, site string, then time.Time, agree func(Rewinding) error) error {
	file, err := openStopped(path, os.O_RDWR)
	if err != nil {
		return err
	}
	d, err := openDisk(file, path, site, steps)
	if err != nil {
		file.Close()
		return err
	}
	defer d.db.Close()
	writeHolder(path)
	defer removeHolder(path)

	before := d.content.checkpoint
	plan, err := before.Rewinding(then)
	if err != nil {
		return fmt.Errorf("state file %s: %w", path, err)
	}
	if err := d.db.View(func(tx *bolt.Tx) error { plan.Records = countSince(tx, plan); return nil }); err != nil {
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
		if err := forgetSince(tx, plan); err != nil {
			return err
		}
		return putCheckpoint(tx, before.Rewound(plan.To), version, site)
	})
	if err != nil {
		return fmt.Errorf("write state file %s: %w; nothing has changed", path, err)
	}
	return nil
}

// openStopped opens and locks a state file that exists and that no process uses.
func openStopped(path string, flag int) (*os.File, error) {
	file, err := openRegular(path, flag)
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

// countSince returns how many of the records that come again were delivered.
func countSince(tx *bolt.Tx, plan Rewinding) int {
	sum := 0
	cursor := tx.Bucket(seenBucket).Cursor()
	for k, v := cursor.Seek(appendKey(nil, outbox.Key{Time: plan.To.UnixMilli()})); k != nil; k, v = cursor.Next() {
		n, _ := binary.Uvarint(v)
		sum += int(n)
	}
	for _, k := range untimedSince(tx, plan.Untimed()) {
		n, _ := binary.Uvarint(tx.Bucket(untimedBucket).Get(k))
		sum += int(n)
	}
	return sum
}

// forgetSince removes the fingerprints of the records that come again.
func forgetSince(tx *bolt.Tx, plan Rewinding) error {
	from := appendKey(nil, outbox.Key{Time: plan.To.UnixMilli()})
	cursor := tx.Bucket(seenBucket).Cursor()
	for k, _ := cursor.Seek(from); k != nil; k, _ = cursor.Seek(from) {
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	for _, k := range untimedSince(tx, plan.Untimed()) {
		if err := tx.Bucket(untimedBucket).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// untimedSince returns the records without a time that were delivered since then.
func untimedSince(tx *bolt.Tx, then time.Time) (keys [][]byte) {
	_ = tx.Bucket(untimedBucket).ForEach(func(k, v []byte) error {
		if deliveredAt(v) >= then.UnixMilli() {
			keys = append(keys, bytes.Clone(k))
		}
		return nil
	})
	return keys
}
