package export

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/terminal"
)

// Rate limits (429) are waited for without a limit; requests with other faults are tried six times.
// Without a terminal too, a line tells each wait that is not like the one before.
func TestPatience(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		failure *atlassian.Error
		times   int
		want    time.Duration
		works   bool
		lines   int
	}{
		"rate limited":           {&atlassian.Error{Cause: atlassian.CauseRateLimited, RetryAfter: time.Minute}, 30, 30 * time.Minute, true, 1},
		"rate limited, unsaid":   {&atlassian.Error{Cause: atlassian.CauseRateLimited}, 3, 14 * time.Second, true, 3},
		"server error, passes":   {&atlassian.Error{Cause: atlassian.CauseServer}, 5, 62 * time.Second, true, 5},
		"server error, stays":    {&atlassian.Error{Cause: atlassian.CauseServer}, 30, 62 * time.Second, false, 5},
		"refused, not temporary": {&atlassian.Error{Cause: atlassian.CauseCredentials}, 1, 0, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin, left := time.Now(), tt.times
				var messages bytes.Buffer
				err := retry(t.Context(), terminal.NewStatus(&messages), func() error {
					if left--; left >= 0 {
						return tt.failure
					}
					return nil
				})
				if waited := time.Since(begin); waited != tt.want || (err == nil) != tt.works {
					t.Errorf("waited %s, %v; want %s, works: %v", waited, err, tt.want, tt.works)
				}
				if got := strings.Count(messages.String(), "\n"); got != tt.lines {
					t.Errorf("%d lines, want %d:\n%s", got, tt.lines, &messages)
				}
			})
		})
	}
}
