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
// if that is not set, the one that Atlassian tells. It tells only some API keys of organizations,
// and is asked again each day, because a new key may have come into place.
func (p *Pipeline) warnOfExpiry(ctx context.Context) {
	expires, source := p.settings.TokenExpires, ", as token_expires says"
	client, asks := p.client.(*organization.Client)
	if asks = asks && expires.IsZero(); asks {
		source = ", as Atlassian says"
		expires = p.askExpiry(ctx, client, expires)
	}
	for told := 0; asks || !expires.IsZero(); {
		left := time.Until(expires)
		stage := stageOf(left)
		switch {
		case expires.IsZero() || stage <= told:
		case left <= 0:
			message := fmt.Sprintf("the token expired on %s%s: make a new one, with a later token_expires if that is set", expires.Format(time.DateOnly), source)
			p.log.Error(message)
			p.note(collect.TokenExpires, message)
		default:
			message := fmt.Sprintf("the token expires in %s, on %s: make a new one before, with a later token_expires if that is set", days(left), expires.Format(time.DateOnly))
			p.log.Warn(message)
			p.note(collect.TokenExpires, message)
		}
		if told = stage; !asks && left <= 0 {
			return
		}
		wait := untilReminder(left)
		switch {
		case asks && left <= 0: // it has expired, or that is not known
			wait = day
		case asks:
			wait = min(max(wait, time.Minute), day)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if asks {
			if now := p.askExpiry(ctx, client, expires); !now.Equal(expires) {
				expires, told = now, 0
			}
		}
	}
}

// stageOf returns how many reminders there were until so much time is left, the last one after it.
func stageOf(left time.Duration) (stage int) {
	for _, d := range append(expiryDays, 0) {
		if left <= time.Duration(d)*day {
			stage++
		}
	}
	return stage
}

// askExpiryAgain is how long after a failure Atlassian is asked again when the key expires.
const askExpiryAgain = time.Hour

// askExpiry asks Atlassian when the API key of an organization expires. It returns the zero time if
// the key cannot be told from others, and what was known before if the key may not ask.
func (p *Pipeline) askExpiry(ctx context.Context, client *organization.Client, known time.Time) time.Time {
	for {
		expires, err := client.Expires(ctx)
		if refusal, is := errors.AsType[*atlassian.Error](err); err != nil && is && refusal.Temporary() {
			select {
			case <-time.After(askExpiryAgain):
				continue
			case <-ctx.Done():
				return known
			}
		}
		if err != nil || ctx.Err() != nil {
			return known
		}
		switch {
		case expires.IsZero():
			p.expires.Store(0)
		case !expires.Equal(known):
			p.expires.Store(expires.Unix())
			p.log.Infof("the API key expires on %s, as Atlassian says", expires.Format(time.DateOnly))
		}
		return expires
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
