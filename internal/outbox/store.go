package outbox

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/document"
)

// A Key identifies a record of a site by its time and its fingerprint, because most records have no
// id, see document.Fingerprint. Identical records share a key, so they are counted.
type Key struct {
	Time        int64 // Unix milliseconds; 0 for a record whose time cannot be read
	Fingerprint document.Fingerprint
}

// Seen says how many records with a key were delivered. A count of 0 removes the key.
type Seen struct {
	Key   Key
	Count uint32
}

// A Commit is what a Store makes durable in one transaction, for one or more acknowledged batches.
type Commit struct {
	Seen       []Seen // later entries of the same key win
	Checkpoint Checkpoint
	Horizon    time.Time // older fingerprints may be forgotten
	Now        time.Time // dates the fingerprints of records without a time
}

// Untimed returns the time before which a record without a time was delivered long enough ago that
// its fingerprint may be forgotten: that part of the log is not read again.
func (c Commit) Untimed() time.Time { return c.Now.Add(-2 * c.Now.Sub(c.Horizon).Abs()) }

// A Version identifies the state that a commit replaces, and the collector that owns it. Only the
// store understands it.
type Version string

// ErrLost is wrapped by the errors of a [Store] whose state another collector has taken over. It is
// final: the other collector delivers everything that is not committed.
var ErrLost = errors.New("the state belongs to another collector")

// ErrStore matches the errors of an [Outbox] whose store could not be read or written.
var ErrStore = errors.New("the state cannot be read or saved")

type storeError struct{ error }

func (e storeError) Unwrap() error        { return e.error }
func (e storeError) Is(target error) bool { return target == ErrStore }

// A Store is the durable memory of one site's collector.
//   - Replace is atomic: after a crash at any instant either all of the commit is there or nothing.
//   - A commit for which Replace returned nil survives a kill, and a power loss if the disk keeps
//     what it has confirmed.
//   - An error of Replace does not say whether the commit took effect, unless it wraps ErrLost. The
//     same commit, or one that begins with it, may follow with the same version: no conflict.
//   - Replace fails with ErrLost, and changes nothing, if another collector has the site now.
//
// At most two goroutines use it at a time, and none after Close.
type Store interface {
	// Load returns the last committed checkpoint, zero if there is none, and the version.
	Load(context.Context) (Checkpoint, Version, error)
	// Count returns for each key how many of its records were committed.
	Count(ctx context.Context, keys []Key) ([]uint32, error)
	// Delivered returns the committed counts of all records with these times, oldest first. The
	// times are Unix milliseconds, oldest first.
	Delivered(ctx context.Context, times []int64) ([]Seen, error)
	// Replace commits on top of the version that Load or the last Replace returned.
	Replace(context.Context, Version, Commit) (Version, error)
	// Close releases the site for another collector.
	Close() error
}
