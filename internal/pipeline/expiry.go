package pipeline

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/collect"
)

// expiryDays are how many days before the token expires the log reminds of it.
var expiryDays = []int{30, 14, 7, 3, 1}

const day = 24 * time.Hour

// warnOfExpiry logs reminders of the date in token_expires. Atlassian has no API that tells when a
// token expires.
func (p *Pipeline) warnOfExpiry(ctx context.Context) {
	expires := p.settings.TokenExpires
	if expires.IsZero() {
		return
	}
	for first := true; ; first = false {
		left := time.Until(expires)
		if left <= 0 {
			message := fmt.Sprintf("the token expired on %s, as token_expires says: make a new one, with a later token_expires", expires.Format(time.DateOnly))
			p.log.Error(message)
			p.note(collect.TokenExpires, message)
			return
		}
		if first && left <= time.Duration(expiryDays[0])*day || !first {
			message := fmt.Sprintf("the token expires in %s, on %s: make a new one before, with a later token_expires", days(left), expires.Format(time.DateOnly))
			p.log.Warn(message)
			p.note(collect.TokenExpires, message)
		}
		select {
		case <-time.After(untilReminder(left)):
		case <-ctx.Done():
			return
		}
	}
}

// untilReminder returns the time until the next of expiryDays, or until the token expires.
func untilReminder(left time.Duration) time.Duration {
	for _, d := range expiryDays {
		if ahead := time.Duration(d) * day; left > ahead {
			return left - ahead
		}
	}
	return left
}

func days(d time.Duration) string {
	n := int((d + day - 1) / day)
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
