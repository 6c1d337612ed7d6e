// Package state stores the checkpoint of one audit log's collector and the fingerprints of what it
// has delivered: in a file or, without db, in memory.
//
// The file is a bbolt database with these buckets:
//
//	meta     version, site, checkpoint (JSON of outbox.Checkpoint, with a checksum)
//	seen     time (8 bytes, Unix ms) + fingerprint (16 bytes) -> how many delivered (uvarint)
//	untimed  fingerprint -> how many delivered, and when the last of them (uvarint, uvarint Unix ms)
//	kept     note, see outbox.Keeper; there is none before the first note
//
// After a crash a transaction of bbolt has taken effect as a whole or not at all, so the file needs
// no recovery. A record costs about 50 bytes while its fingerprint is kept: a million records a day
// and a look-back of 54 hours make about 110 MB. Little of it is in memory at a time.
//
// A file is used only after every page and entry of it was checked (verify.go, content.go): bbolt
// maps the file, and a damaged one could end the host. A damaged file is moved aside and a new one
// begun (damage.go), also when another program has written to it while it was in use (renew.go).
package state

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

var (
	metaBucket    = []byte("meta")
	seenBucket    = []byte("seen")
	untimedBucket = []byte("untimed")
	checkpointKey = []byte("checkpoint")
	versionKey    = []byte("version")
	siteKey       = []byte("site")
)

// A File is the state of one site on disk, locked against every other process. It implements
// outbox.Store.
type File struct {
	path, site string
	version    int
	steps      []step
	// Damaged is the path to which Open has moved a damaged file, and DamagedSince is when that was
	// last written. Both are zero if the file was sound.
	Damaged      string
	DamagedSince time.Time
	// Why is what was wrong with the damaged file.
	Why error
	// Renewed is called after an open file was renewed: with the reason, and the path to which the
	// old file was moved, "" if there was none. It may be nil.
	Renewed func(why error, aside string)

	// swap is held for reading while the disk is used, and for writing while it is replaced.
	swap sync.RWMutex
	disk *disk

	committing sync.Mutex // held for a commit, and to check for writes of others
	last       outbox.Checkpoint
	pruned     time.Time // when the records without a time were last pruned
	renewals   int
	opening    outbox.Version
}

// Open opens or creates the state file at path for an audit log, see site.Site.Log. A damaged file
// is moved aside, never overwritten, and a new one is begun; see File.Damaged.
func Open(path, site string) (*File, error) { return open(path, site, steps) }

// open is Open with the steps up to the newest layout. A file of a newer layout is refused, one of
// an older layout is upgraded.
func open(path, site string, steps []step) (*File, error) {
	f := &File{path: path, site: site, version: firstVersion + len(steps), steps: steps, opening: outbox.Version(rand.Text())}
	file, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	f.disk, err = openDisk(file, path, site, steps)
	if IsDamage(err) {
		f.Why = err
		if info, err := file.Stat(); err == nil {
			f.DamagedSince = info.ModTime()
		}
		if f.Damaged, err = setAside(path); err != nil {
			file.Close()
			return nil, fmt.Errorf("%w; %w", f.Why, err)
		}
		file.Close() // it was locked until now, so no other process has moved it
		if file, err = openLocked(path); err != nil {
			return nil, err
		}
		f.disk, err = openDisk(file, path, site, steps)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	f.last = f.disk.content.checkpoint
	writeHolder(path)
	return f, nil
}

// Load returns the last committed checkpoint, the zero value for a new file. The version stands for
// this opening: no other process can open the file meanwhile.
func (f *File) Load(context.Context) (outbox.Checkpoint, outbox.Version, error) {
	f.committing.Lock()
	defer f.committing.Unlock()
	return f.last, f.opening, nil
}

// Count returns for each key how many records with it were committed.
func (f *File) Count(_ context.Context, keys []outbox.Key) (counts []uint32, err error) {
	err = f.with(f.glance, func(d *disk) error {
		counts = make([]uint32, len(keys))
		return d.db.View(func(tx *bolt.Tx) error {
			// One cursor for all keys, because each Get would create one.
			seen, untimed := tx.Bucket(seenBucket).Cursor(), tx.Bucket(untimedBucket)
			var buf [keySize]byte
			for i, k := range keys {
				var v []byte
				if k.Time == 0 {
					v = untimed.Get(k.Fingerprint[:])
				} else {
					key := appendKey(buf[:0], k)
					if found, value := seen.Seek(key); bytes.Equal(found, key) {
						v = value
					}
				}
				n, _ := binary.Uvarint(v)
				counts[i] = uint32(n)
			}
			return nil
		})
	})
	return counts, err
}

// Delivered returns what was committed of the milliseconds with these Unix times, which rise. The
// result is in the order of time.
func (f *File) Delivered(_ context.Context, times []int64) (found []outbox.Seen, err error) {
	err = f.with(f.glance, func(d *disk) error {
		found = nil
		return d.db.View(func(tx *bolt.Tx) error {
			seen := tx.Bucket(seenBucket).Cursor()
			var buf [keySize]byte
			var k, v []byte
			for i, t := range times {
				// The wanted keys mostly lie close together, or behind the last one.
				first := binary.BigEndian.AppendUint64(buf[:0], uint64(t)^1<<63)
				if i > 0 && k == nil {
					break
				}
				if bytes.Compare(k, first) < 0 {
					k, v = seen.Seek(first)
				}
				for ; len(k) == keySize && bytes.HasPrefix(k, first); k, v = seen.Next() {
					n, _ := binary.Uvarint(v)
					found = append(found, outbox.Seen{Key: outbox.Key{Time: t, Fingerprint: document.Fingerprint(k[8:])}, Count: uint32(n)})
				}
			}
			return nil
		})
	})
	return found, err
}

// glance checks the file, unless a commit is running, which checks it itself.
func (f *File) glance(d *disk) error {
	if !f.committing.TryLock() {
		return nil
	}
	defer f.committing.Unlock()
	return d.unchanged(f.path, f.site, f.version)
}

// Close closes the file, so that others can open it.
func (f *File) Close() error {
	f.swap.Lock()
	defer f.swap.Unlock()
	if f.disk == nil {
		return nil
	}
	removeHolder(f.path)
	return f.disk.db.Close()
}
