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

// A Rewinding is what Rewind is about to do.
type Rewinding struct {
	From, To time.Time // the newest record delivered, and from when on records come again
	Records  int       // delivered since then, as far as they were counted
	// Counted is where the fingerprints begin that are kept. Of the records between To and there,
	// if that is later, nobody knows how many there are.
	Counted time.Time
	// Began is where the first run began. Records between To and there were never asked for.
	Began time.Time
}

// untimedMargin is how much earlier than its time a record may seem to have been delivered, by
// clocks that disagree.
const untimedMargin = time.Hour

// Rewind makes the collector of a site deliver every record since then again, with the event ids
// that they had: an id comes from the fingerprint of a record and how many like it are before it,
// so it is enough to forget that they were delivered. agree is told before anything changes, and
// its error ends it.
//
// The file is locked meanwhile. One that is in use, missing or damaged is left as it is.
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
	// Somebody has thought about it meanwhile.
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

// takeStopped opens and locks a state file that there is, and that nobody uses.
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

// countSince is how many records were delivered since then.
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

// forgetSince forgets that records since then were delivered.
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

// untimedSince are the records without a time that may be of then or later. None was delivered
// before it was written.
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
