// Package state is the durable memory of one site's collector: its checkpoint and the fingerprints of what was delivered.
//
// The file is a bbolt database:
//
//	meta        version, site, created
//	checkpoint  json: collect.Checkpoint
//	seen        time (8 bytes, Unix ms) + fingerprint (16 bytes) -> how many such records were delivered (uvarint)
//	untimed     fingerprint -> how many, and when the last of them was (two uvarints, the second Unix ms)
//
// A transaction of bbolt is there after a crash as a whole or not at all, so the file needs no recovery. A record costs about 50 bytes while
// its fingerprint is kept, so a million records a day and a look back of 54 hours make about 110 MB; little of it is in memory at a time.
package state

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/record"
)

var (
	metaBucket    = []byte("meta")
	seenBucket    = []byte("seen")
	untimedBucket = []byte("untimed")
	checkpointKey = []byte("checkpoint")
	versionKey    = []byte("version")
	siteKey       = []byte("site")
)

// lockWait is how long Open waits for another process to give up the file: long enough for one that is just stopping.
const lockWait = 2 * time.Second

// A File is the state of one site on disk, locked against every other process. It implements collect.Store.
type File struct {
	db   *bolt.DB
	path string
	// pruned is when the records without a time were last looked through; of Commit alone.
	pruned time.Time
	// Damaged is where a file that could not be read was moved to, and DamagedSince when it was last written; zero if all was well.
	Damaged      string
	DamagedSince time.Time
}

// Open opens or creates the state file at path for the site with the given URL.
// A damaged file is moved aside, never overwritten, and a new one begun; see File.Damaged.
func Open(path, site string) (*File, error) {
	f, err := open(path, site, steps)
	var damage *damageError
	if !errors.As(err, &damage) {
		return f, err
	}
	info, statErr := os.Stat(path)
	if statErr != nil {
		return nil, statErr
	}
	aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().UTC().Format("20060102T150405.000"))
	if err := os.Rename(path, aside); err != nil {
		return nil, fmt.Errorf("%w; moving it aside failed too: %w", damage, err)
	}
	f, err = open(path, site, steps)
	if err != nil {
		return nil, err
	}
	f.Damaged, f.DamagedSince = aside, info.ModTime()
	return f, nil
}

// open takes the steps to the newest layout it knows: higher versions are refused, lower ones brought forward.
func open(path, site string, steps []step) (f *File, err error) {
	defer recoverDamage(path, &err)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("create folder of state file: %w; make it writable or set db to another place", err)
	}
	if err := checkWhole(path); err != nil {
		return nil, err
	}
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockWait, FreelistType: bolt.FreelistMapType})
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, fmt.Errorf("state file %s is in use by %s: one collector a file; stop the other one, or give each input a db of its own", path, holder(path))
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, &damageError{path, err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return nil, fmt.Errorf("open state file: %w; make it writable for the user that Fluent Bit runs as, or set db to another place", err)
	case errors.Is(err, syscall.ENOSPC):
		return nil, fmt.Errorf("open state file: %w; free space on that disk, or set db to another place", err)
	case err != nil:
		return nil, fmt.Errorf("open state file %s: %w; set db to a file on a local disk", path, err)
	}
	f = &File{db: db, path: path}
	defer func() {
		if err != nil {
			db.Close()
		}
	}()
	if err := f.prepare(site, steps); err != nil {
		return nil, err
	}
	if err := f.walk(); err != nil {
		return nil, err
	}
	writeHolder(path)
	return f, nil
}

// prepare creates the buckets of a new file, and brings an old one forward when it is of this site.
func (f *File) prepare(site string, steps []step) error {
	version := firstVersion + len(steps)
	found, err := f.version(site, version)
	if err != nil {
		return err
	}
	if found > 0 {
		if err := upgrade(f.db, found, steps); err != nil {
			return fmt.Errorf("open state file %s: %w", f.path, err)
		}
		return nil
	}
	return f.db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{metaBucket, seenBucket, untimedBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaBucket)
		if err := meta.Put(siteKey, []byte(site)); err != nil {
			return err
		}
		return meta.Put(versionKey, []byte(strconv.Itoa(version)))
	})
}

// version returns the version of the file's layout, 0 when it is new, and refuses a file of another site and one newer than known.
func (f *File) version(site string, known int) (int, error) {
	var found, owner string
	err := f.db.View(func(tx *bolt.Tx) error {
		if b := tx.Bucket(metaBucket); b != nil {
			found, owner = string(b.Get(versionKey)), string(b.Get(siteKey))
		}
		return nil
	})
	if err != nil || found == "" {
		return 0, err
	}
	v, err := strconv.Atoi(found)
	switch {
	case err != nil || v < firstVersion:
		return 0, &damageError{f.path, fmt.Errorf("its version is %q", found)}
	case v > known:
		return 0, fmt.Errorf("state file %s has layout version %d, this program knows up to %d: run the newer program again, or set db to a new file", f.path, v, known)
	case owner != site:
		return 0, fmt.Errorf("state file %s belongs to %s, not to %s: give each site a db of its own, or set api_url back", f.path, owner, site)
	}
	return v, nil
}

// Load returns the last committed checkpoint, the zero one in a new file.
func (f *File) Load() (c collect.Checkpoint, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file cut meanwhile faults where it is mapped
	defer recoverDamage(f.path, &err)
	err = f.db.View(func(tx *bolt.Tx) error {
		saved := tx.Bucket(metaBucket).Get(checkpointKey)
		if saved == nil {
			return nil
		}
		return json.Unmarshal(saved, &c)
	})
	return c, err
}

// Count returns for each key how many records with it were committed.
func (f *File) Count(keys []collect.Key) (counts []uint32, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file cut meanwhile faults where it is mapped
	defer recoverDamage(f.path, &err)
	counts = make([]uint32, len(keys))
	err = f.db.View(func(tx *bolt.Tx) error {
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
	return counts, err
}

// Delivered returns all that was committed of the milliseconds with these Unix times, which rise, in the order of time.
func (f *File) Delivered(times []int64) (found []collect.Seen, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a file cut meanwhile faults where it is mapped
	defer recoverDamage(f.path, &err)
	err = f.db.View(func(tx *bolt.Tx) error {
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
				found = append(found, collect.Seen{Key: collect.Key{Time: t, Fingerprint: record.Fingerprint(k[8:])}, Count: uint32(n)})
			}
		}
		return nil
	})
	return found, err
}

// Close gives the file free for others.
func (f *File) Close() error {
	removeHolder(f.path)
	return f.db.Close()
}
