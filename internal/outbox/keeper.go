package outbox

import "context"

// A Keeper keeps one note beside the state of a log: what the collector wants to know again after a
// restart, and can do without. A note is lost with the state, and may be lost when the state is
// moved or renewed.
//
// The goroutine that uses it comes beside those of the Store.
type Keeper interface {
	// Kept returns the last note, nil if there is none.
	Kept(context.Context) ([]byte, error)
	// Keep replaces the note, which is UTF-8 and at most about a megabyte. It fails if another
	// collector has the log.
	Keep(ctx context.Context, note []byte) error
}
