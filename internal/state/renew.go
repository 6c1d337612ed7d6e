package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// maxRenewals bounds how many damaged files one run moves aside, on a disk that damages all that is
// written to it.
const maxRenewals = 10

var (
	errGone     = errors.New("it was deleted, moved or replaced while it was in use")
	errNotBegun = errors.New("no new one could be begun")
)

// with calls work on the open file. If the file must be renewed, it calls work once more on the new
// file.
func (f *File) with(look, work func(*disk) error) error {
	used, err := f.attempt(look, work)
	switch {
	case errors.Is(err, errGone):
		err = f.putBack(used)
	case IsDamage(err):
		err = f.renew(used, err)
	default:
		return err
	}
	if err == nil {
		_, err = f.attempt(look, work)
	}
	return err
}

func (f *File) attempt(look, work func(*disk) error) (used *disk, err error) {
	f.swap.RLock()
	defer f.swap.RUnlock()
	used = f.disk
	if used == nil {
		return nil, &damageError{f.path, errNotBegun}
	}
	// When the file is cut between look and work, a read of its mapping faults.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverDamage(f.path, &err)
	if err := look(used); err != nil {
		return used, err
	}
	return used, work(used)
}

// renew moves a damaged file aside and begins a new one with the last checkpoint, so that no record
// is passed over. The fingerprints are lost: records that a look-back reads again are delivered
// again. used is the disk on which the damage was found.
func (f *File) renew(used *disk, why error) error {
	f.swap.Lock()
	defer f.swap.Unlock()
	if f.disk != used {
		return nil // another goroutine has renewed it already
	}
	if used != nil {
		if err := f.moveAside(why, !used.gone(f.path)); err != nil {
			return err
		}
		f.exchange(nil)
	}
	for {
		d, err := f.begin()
		if err == nil {
			f.exchange(d)
			return nil
		}
		if !IsDamage(err) {
			return fmt.Errorf("begin a new state file: %w", err)
		}
		// the new file was damaged or replaced at once
		if err := f.moveAside(err, true); err != nil {
			return err
		}
	}
}

// moveAside renames a damaged file, if it is there, and reports that to Renewed.
func (f *File) moveAside(why error, there bool) (err error) {
	if f.renewals == maxRenewals {
		return fmt.Errorf("%w, for the %dth time: look at the disk, and set db to a file on another", why, maxRenewals+1)
	}
	aside := ""
	if there {
		if aside, err = setAside(f.path); err != nil {
			return fmt.Errorf("%w; %w", why, err)
		}
	}
	f.renewals++
	f.tell(why, aside)
	return nil
}

// begin makes a new file that holds the last checkpoint and nothing else.
func (f *File) begin() (*disk, error) {
	file, err := openLocked(f.path)
	if err != nil {
		return nil, err
	}
	d, err := openDisk(file, f.path, f.site, f.steps)
	if err == nil && !f.last.Head.IsZero() {
		if err = f.writeLast(d); err != nil {
			go func() { _ = d.db.Close() }()
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	d.note()
	return d, nil
}

func (f *File) writeLast(d *disk) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer recoverDamage(f.path, &err)
	return d.db.Update(func(tx *bolt.Tx) error { return putCheckpoint(tx, f.last, f.version, f.site) })
}

// putBack writes a copy of the open file, with all its content, to the path where it should be.
// What stands there now is moved aside.
func (f *File) putBack(used *disk) (err error) {
	f.swap.Lock()
	defer f.swap.Unlock()
	if f.disk != used {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o750); err != nil {
		return fmt.Errorf("%w; create its folder: %w", errGone, err)
	}
	// Under another name until it is complete: a crash must not leave half a file.
	fresh := f.path + ".new"
	_ = os.Remove(fresh)
	file, err := os.OpenFile(fresh, os.O_RDWR|os.O_CREATE|os.O_EXCL|noLink, 0o600)
	if err != nil {
		return fmt.Errorf("%w; write it again: %w", errGone, err)
	}
	defer func() {
		if err != nil {
			file.Close()
			_ = os.Remove(fresh)
			err = fmt.Errorf("%w; write it again: %w", errGone, err)
		}
	}()
	if _, err := lock(file, true); err != nil {
		return err
	}
	err = used.db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(file)
		return err
	})
	if err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	aside, err := setAside(f.path)
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, f.path); err != nil {
		return err
	}
	d, err := openDisk(file, f.path, f.site, f.steps)
	if err != nil {
		return err
	}
	f.exchange(d)
	f.tell(errGone, aside)
	return nil
}

// exchange replaces the disk by d, which may be nil, and closes the old one.
func (f *File) exchange(d *disk) {
	if old := f.disk; old != nil {
		// A transaction that met damage may hold its locks for ever, so this must not be waited
		// for.
		go func() { _ = old.db.Close() }()
	}
	f.disk = d
	if d != nil {
		writeHolder(f.path)
	}
}

func (f *File) tell(why error, aside string) {
	if f.Renewed != nil {
		f.Renewed(why, aside)
	}
}
