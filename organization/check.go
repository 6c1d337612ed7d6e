package organization

import (
	"context"
	"errors"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/site"
)

// Names of the steps of Check, in their order. Some are those of a site.
const (
	StepOrganization = "organization"
	StepExpiry       = "key expiry"
)

var steps = []string{site.StepAddress, StepOrganization, site.StepCredential, site.StepPermission, site.StepRetention, site.StepNewest, StepExpiry, site.StepClock}

// Check tests each step of access to the audit log and reports it as soon as it is known, every
// step once and in order. After a step that fails the others are Skip.
func (c *Client) Check(ctx context.Context, report func(site.Step)) {
	next, failed := 0, ""
	step := func(s site.Step) {
		if s.Err != nil {
			_ = c.api.Told(s.Err)
		}
		s.Name, s.Detail = steps[next], c.api.Redacted(s.Detail)
		next++
		report(s)
	}
	done := func(status site.StepStatus, detail string) { step(site.Step{Status: status, Detail: detail}) }
	// fail ends the walk at a step. What comes before it and is not known to work is Skip.
	fail := func(at string, err error) {
		e := asError(err)
		for steps[next] != at {
			switch {
			case steps[next] == site.StepAddress, steps[next] == site.StepCredential && e.Proves():
				done(site.OK, map[string]string{site.StepAddress: c.api.Base.String(), site.StepCredential: "API key accepted"}[steps[next]])
			default:
				done(site.Skip, "not known: "+at+" comes first")
			}
		}
		failed = at
		step(site.Step{Status: site.Fail, Detail: e.Message, Err: e})
	}
	defer func() {
		for next < len(steps) {
			done(site.Skip, "not checked: "+failed+" comes first")
		}
	}()

	if _, err := c.organization(ctx); err != nil {
		fail(stepOf(err, StepOrganization), err)
		return
	}
	last, any, err := c.Last(ctx)
	if err != nil {
		fail(stepOf(err, site.StepPermission), err)
		return
	}
	done(site.OK, c.api.Base.String())
	done(site.OK, c.Site().OrgID)
	done(site.OK, "API key accepted, sent as Bearer")
	done(site.OK, "may read the audit log")
	done(site.OK, "180 days, as Atlassian documents")
	switch {
	case !any:
		done(site.Warn, "there is none: sign in once and look again; an organization with Atlassian Guard has events of each sign-in")
	case last.Time.IsZero():
		done(site.Warn, "its time cannot be read")
	default:
		done(site.OK, last.Time.Format(time.RFC3339))
	}
	c.checkExpiry(ctx, step)
	if skew := c.api.Skew(); skew.Abs() > atlassian.MaxSkew {
		err := c.api.Skewed(skew)
		step(site.Step{Status: site.Warn, Detail: err.Message, Err: err})
		return
	}
	done(site.OK, "agrees with the server's")
}

func (c *Client) checkExpiry(ctx context.Context, step func(site.Step)) {
	switch expires, err := c.Expires(ctx); {
	case err != nil:
		step(site.Step{Status: site.Skip, Detail: "the key may not ask: with the scope read:tokens:admin it could; set token_expires"})
	case expires.IsZero():
		step(site.Step{Status: site.Skip, Detail: "Atlassian does not tell which of its keys this one is: set token_expires"})
	default:
		step(site.Step{Status: site.OK, Detail: expires.Format(time.DateOnly)})
	}
}

// stepOf returns the step that a refusal is about.
func stepOf(err error, usual string) string {
	e := asError(err)
	switch about := e.Cause.About(); {
	case e.Cause == atlassian.CauseOrgID, e.Cause == atlassian.CauseNoOrganization:
		return StepOrganization
	case e.Status == 0 && about == "":
		return site.StepAddress
	case about != "":
		return about
	}
	return usual
}

func asError(err error) *atlassian.Error {
	if e, ok := errors.AsType[*atlassian.Error](err); ok {
		return e
	}
	return &atlassian.Error{Message: err.Error(), Err: err}
}
