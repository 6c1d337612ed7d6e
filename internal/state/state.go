// Package state is the durable memory of one site's collector: its checkpoint and the fingerprints
// of what was delivered.
//
// The file is a bbolt database:
//
//	meta        version, site, created
//	checkpoint  json: collect.Checkpoint
//	seen        time (8 bytes, Unix ms) + fingerprint (16 bytes) -> how many delivered (uvarint)
//	untimed     fingerprint -> how many, when the last of them was (uvarint, uvarint Unix ms)
//
// A transaction of bbolt is there after a crash as a whole or not at all, so the file needs no
// recovery. A record costs about 50 bytes while its fingerprint is kept, so a million records a day
// and a look back of 54 hours make about 110 MB; little of it is in memory at a time.
//
// What a file holds is not believed before it was proven (prove.go, content.go): bbolt maps it, and
// would take the host down. One that is not sound is kept aside and a new one begun (damage.go),
// also when somebody has written to it while it was in use (renew.go).
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
// collect.Store.
type File struct {
	path, site string
	version    int
	steps      []step
	// Damaged is where a file that could not be read was moved to, and DamagedSince when it was
	// last written; zero if all was well.
	Damaged      string
	DamagedSince time.Time
	// Why says what was wrong with it.
	Why error
	// Renewed is told when the like happens to a file that is open: what, and where what stood
	// there was moved to, if anywhere. It may be nil.
	Renewed func(why error, aside string)

	// swap is held for reading by whoever works with the file, for writing by whoever exchanges it.
	swap sync.RWMutex
	disk *disk

	committing sync.Mutex // also held to look whether somebody else has written
	last       outbox.Checkpoint
	pruned     time.Time // when the records without a time were last looked through
	renewals   int
	opening    outbox.Version
}

// Open opens or creates the state file at path for the site with the given URL. A damaged file is
// moved aside, never overwritten, and a new one begun; see File.Damaged.
func Open(path, site string) (*File, error) { return open(path, site, steps) }

// open takes the steps to the newest layout it knows: higher versions are refused, lower ones
// brought forward.
func open(path, site string, steps []step) (*File, error) {
	f := &File{path: path, site: site, version: firstVersion + len(steps), steps: steps, opening: outbox.Version(rand.Text())}
	file, err := take(path)
	if err != nil {
		return nil, err
	}
	f.disk, err = use(file, path, site, steps)
	if IsDamage(err) {
		f.Why = err
		if info, err := file.Stat(); err == nil {
			f.DamagedSince = info.ModTime()
		}
		if f.Damaged, err = setAside(path); err != nil {
			file.Close()
			return nil, fmt.Errorf("%w; %w", f.Why, err)
		}
		file.Close() // it was locked until now, so nobody else has moved it
		if file, err = take(path); err != nil {
			return nil, err
		}
		f.disk, err = use(file, path, site, steps)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	f.last = f.disk.content.checkpoint
	writeHolder(path)
	return f, nil
}

// Load returns the last committed checkpoint, the zero one in a new file. The version is that of
// this opening: while it is open nobody else can open the file.
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
			// One cursor for all keys: each Get would make its own.
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

// Delivered returns all that was committed of the milliseconds with these Unix times, which rise,
// in the order of time.
func (f *File) Delivered(_ context.Context, times []int64) (found []outbox.Seen, err error) {
	err = f.with(f.glance, func(d *disk) error {
		found = nil
		return d.db.View(func(tx *bolt.Tx) error {
			seen := tx.Bucket(seenBucket).Cursor()
			var buf [keySize]byte
			var k, v []byte
			for i, t := range times {
				// What is asked for mostly lies close together, or at the end where nothing is.
				first := binary.BigEndian.AppendUint64(buf[:0], uint64(t)^1<<63)
				if i > 0 && k == nil {
					break
				}
				if i == 0 || bytes.Compare(k, first) < 0 {
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

// glance looks at the file unless a commit is about to write to it, which has looked itself.
func (f *File) glance(d *disk) error {
	if !f.committing.TryLock() {
		return nil
	}
	defer f.committing.Unlock()
	return d.unchanged(f.path, f.site, f.version)
}

// Close gives the file free for others.
func (f *File) Close() error {
	f.swap.Lock()
	defer f.swap.Unlock()
	if f.disk == nil {
		return nil
	}
	removeHolder(f.path)
	return f.disk.db.Close()
}
