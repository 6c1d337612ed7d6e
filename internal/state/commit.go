package state

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/outbox"
)

const (
	keySize = 8 + 16
	// maxPruned bounds how many fingerprints one transaction removes; the next removes more.
	maxPruned = 20_000
)

// appendKey appends the bytes of k. They sort by time, also before 1970.
func appendKey(dst []byte, k outbox.Key) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(k.Time)^1<<63)
	return append(dst, k.Fingerprint[:]...)
}

// Replace writes c in one transaction.
func (f *File) Replace(_ context.Context, opening outbox.Version, c outbox.Commit) (outbox.Version, error) {
	f.committing.Lock()
	defer f.committing.Unlock()
	if opening != f.opening {
		return opening, fmt.Errorf("write state file %s: %w", f.path, outbox.ErrLost)
	}
	pruneAll := c.Now.Sub(f.pruned).Abs() >= time.Hour
	look := func(d *disk) error {
		if d.gone(f.path) {
			return errGone
		}
		return d.unchanged(f.path, f.site, f.version)
	}
	err := f.with(look, func(d *disk) error {
		err := d.update(func(tx *bolt.Tx) error { return f.write(tx, c, pruneAll) })
		if err == nil {
			f.last = c.Checkpoint
		}
		return err
	})
	if err != nil {
		return opening, fmt.Errorf("write state file %s: %w; free space, or mend the permissions of the file", f.path, err)
	}
	if pruneAll {
		f.pruned = c.Now
	}
	return opening, nil
}

func (f *File) write(tx *bolt.Tx, c outbox.Commit, pruneAll bool) error {
	seen, untimed := tx.Bucket(seenBucket), tx.Bucket(untimedBucket)
	// Keys come in the order of time, mostly at the end of the tree: pages may be filled up.
	seen.FillPercent = 0.9
	horizon := c.Horizon.UnixMilli()
	var key [keySize]byte // bbolt copies keys, and keeps values until the end of the transaction
	for _, s := range c.Seen {
		var err error
		switch {
		case s.Count == 0 && s.Key.Time == 0:
			err = untimed.Delete(s.Key.Fingerprint[:])
		case s.Count == 0:
			err = seen.Delete(appendKey(key[:0], s.Key))
		case s.Key.Time == 0:
			v := binary.AppendUvarint(nil, uint64(s.Count))
			err = untimed.Put(s.Key.Fingerprint[:], binary.AppendUvarint(v, uint64(c.Now.UnixMilli())))
		case s.Key.Time >= horizon:
			err = seen.Put(appendKey(key[:0], s.Key), countValue(s.Count))
		}
		if err != nil {
			return err
		}
	}
	if err := prune(seen, horizon); err != nil {
		return err
	}
	if pruneAll {
		if err := pruneUntimed(untimed, c.Untimed()); err != nil {
			return err
		}
	}
	return putCheckpoint(tx, c.Checkpoint, f.version, f.site)
}

// one is the value of nearly every key: the count 1.
var one = []byte{1}

func countValue(n uint32) []byte {
	if n == 1 {
		return one
	}
	return binary.AppendUvarint(nil, uint64(n))
}

// deliveredAt returns when the last record of an entry in the bucket untimed was delivered, in Unix
// milliseconds.
func deliveredAt(untimed []byte) int64 {
	_, n := binary.Uvarint(untimed)
	at, _ := binary.Uvarint(untimed[max(n, 0):])
	return int64(at)
}

// prune removes the fingerprints of records before horizon.
func prune(seen *bolt.Bucket, horizon int64) error {
	end := appendKey(nil, outbox.Key{Time: horizon})
	cursor := seen.Cursor()
	for range maxPruned {
		k, _ := cursor.First()
		if k == nil || bytes.Compare(k, end) >= 0 {
			return nil
		}
		if err := cursor.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// pruneUntimed removes the fingerprints of records without a time that were delivered before then.
// It walks through all of them, and on a site whose times cannot be read these are all records. So
// it does not run with every commit.
func pruneUntimed(untimed *bolt.Bucket, then time.Time) error {
	var old [][]byte
	err := untimed.ForEach(func(k, v []byte) error {
		if deliveredAt(v) < then.UnixMilli() {
			old = append(old, bytes.Clone(k))
		}
		return nil
	})
	for _, k := range old {
		if err == nil {
			err = untimed.Delete(k)
		}
	}
	return err
}
