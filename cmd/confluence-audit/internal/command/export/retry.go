package export

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/words"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/terminal"
)

// maxTries is how often a request with a temporary failure is tried.
const maxTries = 6

// retry calls do until it succeeds or fails for good. After a rate limit (429) it waits and
// tries again without a limit. What it waits for is told, also in the log of a job without a terminal.
func retry(ctx context.Context, status *terminal.Status, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		var refusal *atlassian.Error
		if !errors.As(err, &refusal) || !refusal.Temporary() {
			return err
		}
		if refusal.Cause != atlassian.CauseRateLimited && try >= maxTries {
			return err
		}
		wait := refusal.RetryAfter
		if wait == 0 {
			wait = time.Second << min(try, maxTries)
		}
		status.Note(fmt.Sprintf("%s; trying again in %s", refusal.Message, words.About(wait)))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
