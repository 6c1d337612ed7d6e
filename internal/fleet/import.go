package fleet

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// importAtOnce is how many fingerprints one message takes along: about half a megabyte.
const importAtOnce = 10_000

// ages is before every record: a commit with this horizon forgets nothing.
var ages = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

// Import writes the state that the log had elsewhere: its checkpoint, and the fingerprints that
// each gives one by one, those without a time with when they were delivered. It returns false if
// the database has gone on from that state already; then nothing changes.
//
// If the database has another state of the log, Import fails with a *[KeptError], unless replace is
// set. Then the given checkpoint takes the place of the other one. The fingerprints are those of
// both: what was delivered from either state does not come again.
//
// The checkpoint is written last. After a crash before that the log has its former state, with more
// fingerprints, which are of records that were delivered.
func (l *Lease) Import(ctx context.Context, c outbox.Checkpoint, each func(do func(s outbox.Seen, delivered time.Time) error) error, replace bool) (imported bool, err error) {
	own, version, err := l.Load(ctx)
	switch {
	case err != nil:
		return false, err
	case !own.Started() || replace:
	case own.Origin.Equal(c.Origin) && !own.Head.Before(c.Head):
		return false, nil // each first run begins at a time of its own, which stays
	default:
		return false, &KeptError{l.candidate.log, own.Head}
	}
	next := outbox.Commit{Checkpoint: own, Horizon: ages, Now: c.Polled}
	err = each(func(s outbox.Seen, delivered time.Time) error {
		if delivered.After(next.Now) {
			next.Now = delivered
		}
		if next.Seen = append(next.Seen, s); len(next.Seen) < importAtOnce {
			return nil
		}
		version, err = l.Replace(ctx, version, next)
		next.Seen = next.Seen[:0]
		return err
	})
	if err == nil {
		next.Checkpoint = c
		_, err = l.Replace(ctx, version, next)
	}
	return err == nil, err
}

// A KeptError is the error of an import of a log of which the database has another state. Nothing
// has changed.
type KeptError struct {
	Log  string
	Head time.Time // the newest record that the database knows as delivered
}

func (e *KeptError) Error() string {
	return fmt.Sprintf("the database has another state of %s, with records delivered up to %s", e.Log, e.Head.UTC().Format(time.RFC3339))
}
