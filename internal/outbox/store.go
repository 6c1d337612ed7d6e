package outbox

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/document"
)

// A Key identifies a record among those of its site. Records have no id, so it is their time and a
// fingerprint of their content; identical records share a key and are told apart by counting them.
type Key struct {
	Time        int64 // Unix milliseconds; 0 for a record whose time cannot be read
	Fingerprint document.Fingerprint
}

// Seen says how many records with a key were delivered. None means that the key is to be forgotten.
type Seen struct {
	Key   Key
	Count uint32
}

// A Commit is what one settled run of batches makes durable, all of it or nothing.
type Commit struct {
	Seen       []Seen // later entries of the same key win
	Checkpoint Checkpoint
	Horizon    time.Time // fingerprints of older records may be forgotten
	Now        time.Time // to date the fingerprints of records that have no time
}

// A Version says whose the state of a site is, and may say after how many commits. It means nothing
// to anybody but its store.
type Version string

// ErrLost is wrapped by the errors of a [Store] that has another collector now. It is final: what
// is not durable is for the other to deliver.
var ErrLost = errors.New("the state belongs to another collector")

// A Store is the durable memory of one site's collector.
//   - Replace is atomic: after a crash at any instant either all of it is there or nothing.
//   - What Replace returned nil for survives a kill, and a power loss as far as the disk keeps its word.
//   - An error of Replace says nothing about whether it took effect, unless it wraps ErrLost. The same
//     commit, or one that begins with it, may be given again with the same version, and is no conflict.
//   - Replace refuses with ErrLost, and changes nothing, where somebody else has the site now.
//
// It is used from two goroutines at a time at most, none of them after Close.
type Store interface {
	// Load returns the last committed checkpoint, the zero one if there was none, and the store's
	// version.
	Load(context.Context) (Checkpoint, Version, error)
	// Count returns for each key how many records with it were committed.
	Count(ctx context.Context, keys []Key) ([]uint32, error)
	// Delivered returns all that was committed of the milliseconds with these Unix times, which
	// rise, in the order of time.
	Delivered(ctx context.Context, times []int64) ([]Seen, error)
	// Replace commits what follows the version that was loaded, or returned by the last Replace.
	Replace(context.Context, Version, Commit) (Version, error)
	// Close gives the site free for another collector.
	Close() error
}
