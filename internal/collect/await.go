package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/backoff"
)

// lookEvery is how often a collector whose polls fail checks whether the credential has changed.
const lookEvery = 3 * time.Second

// await waits for d. While polls fail it returns early when Changed reports a new credential, with
// which the next poll may work.
func (c *core) await(ctx context.Context, d time.Duration) {
	if c.outages[polls].tries == 0 || c.Changed == nil {
		_ = backoff.Sleep(ctx, d)
		return
	}
	for end := time.Now().Add(d); ctx.Err() == nil && time.Now().Before(end); {
		_ = backoff.Sleep(ctx, min(lookEvery, time.Until(end)))
		if c.Changed() {
			c.nextPoll = time.Now()
			return
		}
	}
}
