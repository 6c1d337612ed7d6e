package state

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/outbox"
)

// A disk is an open state file: locked, verified, and not changed by others as far as its meta
// pages tell.
type disk struct {
	db      *bolt.DB
	file    *os.File
	content content

	// whether the file was at its path when it was opened. Some file systems cannot tell; then it
	// is not checked later.
	named bool

	// What the file looked like after our last write.
	meta    meta
	size    int64
	written time.Time
	doubt   bool // a write has failed, and may have taken effect
}

// inspect verifies the pages of a locked file, and checks its content. An empty file is new.
func inspect(file *os.File, path, site string, known int) (c content, m meta, err error) {
	info, err := file.Stat()
	if err != nil {
		return c, m, refused(err)
	}
	if info.Size() == 0 {
		return c, m, nil
	}
	if m, err = verify(file, info.Size(), c.visit); err == nil {
		err = c.check()
	}
	switch {
	case err != nil:
		return c, m, &damageError{path, err}
	case c.version > known:
		return c, m, tooNew(path, c.version, known)
	case c.version > 0 && c.site != site:
		return c, m, &OtherSite{path, c.site, site, c.checkpoint.CloudID}
	}
	return c, m, nil
}

func tooNew(path string, version, known int) error {
	return fmt.Errorf("state file %s has layout version %d, this program knows up to %d: run the newer program again, or set db to a new file", path, version, known)
}

// openDisk opens a file that openLocked has returned with bbolt. After an error the caller closes
// the file.
func openDisk(file *os.File, path, site string, steps []step) (d *disk, err error) {
	// another program may cut the file meanwhile
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverDamage(path, &err)
	d = &disk{file: file, named: isAt(file, path)}
	if d.content, _, err = inspect(file, path, site, firstVersion+len(steps)); err != nil {
		return nil, err
	}
	d.db, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout: lockWait, FreelistType: bolt.FreelistMapType, NoStatistics: true,
		OpenFile: func(string, int, os.FileMode) (*os.File, error) { return file, nil },
	})
	if err != nil {
		return nil, refused(err)
	}
	if err := d.prepare(site, steps); err != nil {
		_ = d.db.Close()
		return nil, fmt.Errorf("open state file %s: %w", path, err)
	}
	d.note()
	return d, nil
}

// prepare creates the buckets of a new file, and upgrades an old one.
func (d *disk) prepare(site string, steps []step) error {
	if d.content.version > 0 {
		return upgrade(d.db, d.content.version, site, steps)
	}
	return d.db.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{metaBucket, seenBucket, untimedBucket} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(metaBucket)
		if err := meta.Put(siteKey, []byte(site)); err != nil {
			return err
		}
		return meta.Put(versionKey, []byte(strconv.Itoa(firstVersion+len(steps))))
	})
}

// update runs a transaction that writes.
func (d *disk) update(write func(*bolt.Tx) error) error {
	d.doubt = true // until it has succeeded
	err := d.db.Update(write)
	if err == nil {
		d.note()
	}
	return err
}

// note remembers what the file looks like after our write.
func (d *disk) note() {
	info, err := d.file.Stat()
	if err == nil {
		d.size, d.written = info.Size(), info.ModTime()
		d.meta, err = newestMeta(d.file, d.size)
	}
	d.doubt = err != nil
}

// unchanged checks, with one system call, that no other program has written to the file since our
// last write. If one has, or has only changed its times, the whole file is verified again before
// bbolt reads its mapping.
func (d *disk) unchanged(path, site string, known int) error {
	info, err := d.file.Stat()
	if err != nil {
		return err
	}
	if !d.doubt && info.Size() == d.size && info.ModTime().Equal(d.written) {
		return nil
	}
	c, m, err := inspect(d.file, path, site, known)
	// A commit that failed may still have taken effect.
	tookEffect := d.doubt && m.tx == d.meta.tx+1
	switch {
	case err != nil:
		return &damageError{path, fmt.Errorf("it was written to while it was in use: %w", err)}
	case m != d.meta && !tookEffect || c.version != known:
		return &damageError{path, errors.New("it was replaced while it was in use")}
	}
	d.meta, d.size, d.written, d.doubt = m, info.Size(), info.ModTime(), false
	return nil
}

// gone reports whether the file is no longer at its path. What is written to it then is lost when
// the process ends.
func (d *disk) gone(path string) bool { return d.named && !isAt(d.file, path) }

// putCheckpoint writes c as the checkpoint.
func putCheckpoint(tx *bolt.Tx, c outbox.Checkpoint, version int, site string) error {
	saved, err := encode(c, version, site)
	if err != nil {
		return err
	}
	return tx.Bucket(metaBucket).Put(checkpointKey, saved)
}
