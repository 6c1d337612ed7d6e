package collect

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

const (
	// commitDelay is how long a commit waits for more batches, because each commit is a write to
	// the disk. There is no wait once half the queue is acknowledged.
	commitDelay = 100 * time.Millisecond
	// commitRetry is the pause after a commit that failed, mostly because the disk is full.
	commitRetry = 5 * time.Second
)

// commitUntil commits what was acknowledged, until ctx is done or another process has the log.
func (c *core) commitUntil(ctx context.Context) {
	var failedAt, nextLog time.Time
	logGap := firstLogGap
	var again <-chan time.Time // a commit is due
	for {
		select {
		case <-ctx.Done():
			return
		case <-again:
		case <-c.outbox.Arrived:
			if c.outbox.AcknowledgedBytes() < c.Limits.Queued/2 {
				if again == nil {
					again = time.After(commitDelay)
				}
				continue
			}
		}
		again = nil
		err := c.commitAcknowledged(ctx)
		switch {
		case errors.Is(err, outbox.ErrLost):
			c.stats.StateFails(err)
			c.Log.Errorf("save state: %v; this collector stops, and the other one delivers what follows", err)
			return
		case err != nil && ctx.Err() != nil:
			return // the end has interrupted it: run commits once more
		case err != nil:
			again = time.After(commitRetry)
			c.stats.StateFails(err)
			now := time.Now()
			if failedAt.IsZero() {
				failedAt, nextLog = now, now
			}
			if !now.Before(nextLog) {
				c.Log.Errorf("save state: %v; nothing is lost, but what is delivered now comes again after a kill, and reading stops soon", err)
				nextLog, logGap = now.Add(logGap), min(3*logGap, lastLogGap)
			}
		case !failedAt.IsZero():
			c.Log.Infof("state can be saved again, after %s", time.Since(failedAt).Round(time.Second))
			c.stats.StateWorks()
			failedAt, logGap = time.Time{}, firstLogGap
		}
	}
}

// commitAcknowledged commits the acknowledged batches at the front of the outbox in one
// transaction.
func (c *core) commitAcknowledged(ctx context.Context) (err error) {
	defer c.recovered(&err)
	return c.outbox.Commit(ctx)
}
