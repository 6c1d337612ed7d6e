package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/backoff"
)

// lookEvery is how often a collector that waits after a refusal checks whether the credential has
// changed.
const lookEvery = 3 * time.Second

// await waits for d. After a refusal it returns early when Changed reports a new credential,
// because the next poll may work.
func (c *core) await(ctx context.Context, d time.Duration, refused bool) {
	if !refused || c.Changed == nil {
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
