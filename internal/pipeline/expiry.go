package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/organization"
)

// expiryDays are how many days before the token expires the log reminds of it.
var expiryDays = []int{30, 14, 7, 3, 1}

const day = 24 * time.Hour

// warnOfExpiry logs reminders of the day on which the credential expires: that in token_expires or,
// if that is not set, the one that Atlassian tells. It tells only some API keys of organizations.
func (p *Pipeline) warnOfExpiry(ctx context.Context) {
	expires, source := p.settings.TokenExpires, ", as token_expires says"
	if expires.IsZero() {
		if expires = p.askExpiry(ctx); expires.IsZero() {
			return
		}
		source = ", as Atlassian says"
		p.log.Infof("the API key expires on %s%s", expires.Format(time.DateOnly), source)
	}
	for first := true; ; first = false {
		left := time.Until(expires)
		if left <= 0 {
			message := fmt.Sprintf("the token expired on %s%s: make a new one, with a later token_expires if that is set", expires.Format(time.DateOnly), source)
			p.log.Error(message)
			p.note(collect.TokenExpires, message)
			return
		}
		if first && left <= time.Duration(expiryDays[0])*day || !first {
			message := fmt.Sprintf("the token expires in %s, on %s: make a new one before, with a later token_expires if that is set", days(left), expires.Format(time.DateOnly))
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

// askExpiryAgain is how long after a failure Atlassian is asked again when the key expires.
const askExpiryAgain = time.Hour

// askExpiry asks Atlassian when the API key of an organization expires. It returns the zero time if
// the key may not ask, or cannot be told from others.
func (p *Pipeline) askExpiry(ctx context.Context) time.Time {
	client, ok := p.client.(*organization.Client)
	if !ok {
		return time.Time{}
	}
	for {
		expires, err := client.Expires(ctx)
		if refusal, is := errors.AsType[*atlassian.Error](err); err == nil || !is || !refusal.Temporary() {
			if !expires.IsZero() {
				p.expires.Store(expires.Unix())
			}
			return expires
		}
		select {
		case <-time.After(askExpiryAgain):
		case <-ctx.Done():
			return time.Time{}
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
