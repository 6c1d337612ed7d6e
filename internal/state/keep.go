package state

import (
	"bytes"
	"context"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"fluent-bit-confluence/internal/outbox"
)

var (
	_ outbox.Keeper = (*File)(nil)
	_ outbox.Keeper = (*Memory)(nil)
)

var keptBucket, noteKey = []byte("kept"), []byte("note")

// Kept returns the last note. A file that was renewed has none.
func (f *File) Kept(context.Context) (note []byte, err error) {
	err = f.with(f.glance, func(d *disk) error {
		return d.db.View(func(tx *bolt.Tx) error {
			if kept := tx.Bucket(keptBucket); kept != nil {
				note = bytes.Clone(kept.Get(noteKey))
			}
			return nil
		})
	})
	return note, err
}

// Keep replaces the note in one transaction.
func (f *File) Keep(_ context.Context, note []byte) error {
	f.committing.Lock()
	defer f.committing.Unlock()
	look := func(d *disk) error { return d.unchanged(f.path, f.site, f.version) }
	err := f.with(look, func(d *disk) error {
		return d.update(func(tx *bolt.Tx) error {
			kept, err := tx.CreateBucketIfNotExists(keptBucket)
			if err != nil {
				return err
			}
			return kept.Put(noteKey, note)
		})
	})
	if err != nil {
		return fmt.Errorf("write state file %s: %w", f.path, err)
	}
	return nil
}

// Kept returns the last note.
func (m *Memory) Kept(context.Context) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.note), nil
}

// Keep replaces the note.
func (m *Memory) Keep(_ context.Context, note []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note = bytes.Clone(note)
	return nil
}
