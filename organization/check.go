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
	w := &checkWalk{client: c, report: report}
	defer w.skipRest()

	if _, err := c.organization(ctx); err != nil {
		w.fail(StepOrganization, err)
		return
	}
	last, any, err := c.Last(ctx)
	if err == nil { // as an input asks
		_, err = c.Page(ctx, "", c.Now().Add(-time.Hour))
	}
	if err != nil {
		w.fail(site.StepPermission, err)
		return
	}
	w.done(site.StepAddress, site.OK, c.api.Base.String())
	w.done(StepOrganization, site.OK, c.Site().OrgID)
	w.done(site.StepCredential, site.OK, "API key accepted, sent as Bearer")
	w.done(site.StepPermission, site.OK, "may read the audit log")
	w.done(site.StepRetention, site.OK, "180 days, as Atlassian documents")
	w.newest(last, any)
	w.expiry(c.Expires(ctx))
	w.clock()
}

// checkWalk reports steps and counts those that are left.
type checkWalk struct {
	client *Client
	report func(site.Step)
	next   int
	failed string
}

func (w *checkWalk) done(name string, status site.StepStatus, detail string) {
	w.step(site.Step{Name: name, Status: status, Detail: detail})
}

func (w *checkWalk) step(s site.Step) {
	if s.Err != nil {
		_ = w.client.api.Told(s.Err)
	}
	s.Detail = w.client.api.Redacted(s.Detail)
	w.report(s)
	w.next++
}

// fail reports the step that an error is about as failed: the usual one, unless the error says
// another. The steps before it are OK only if the error proves them.
func (w *checkWalk) fail(usual string, err error) {
	e := asError(err)
	w.failed = stepOf(e, usual)
	for w.next < len(steps) && steps[w.next] != w.failed {
		switch name := steps[w.next]; {
		case name == site.StepAddress:
			w.done(name, site.OK, w.client.api.Base.String())
		case name == site.StepCredential && e.Proves():
			w.done(name, site.OK, "API key accepted")
		default:
			w.done(name, site.Skip, "not known: "+w.failed+" comes first")
		}
	}
	w.step(site.Step{Name: w.failed, Status: site.Fail, Detail: e.Message, Err: e})
}

// skipRest reports the remaining steps as Skip after a failed one.
func (w *checkWalk) skipRest() {
	for w.next < len(steps) {
		w.done(steps[w.next], site.Skip, "not checked: "+w.failed+" comes first")
	}
}

func (w *checkWalk) newest(last atlassian.Event, any bool) {
	switch {
	case !any:
		w.done(site.StepNewest, site.Warn, "there is none: sign in once and look again; an organization with Atlassian Guard has events of each sign-in")
	case last.Time.IsZero():
		w.done(site.StepNewest, site.Warn, "its time cannot be read")
	default:
		w.done(site.StepNewest, site.OK, last.Time.Format(time.RFC3339))
	}
}

func (w *checkWalk) expiry(expires time.Time, err error) {
	switch {
	case err != nil:
		w.done(StepExpiry, site.Skip, "the key may not ask: with the scope read:tokens:admin it could; set token_expires")
	case expires.IsZero():
		w.done(StepExpiry, site.Skip, "Atlassian does not tell which of its keys this one is: set token_expires")
	default:
		w.done(StepExpiry, site.OK, expires.Format(time.DateOnly))
	}
}

func (w *checkWalk) clock() {
	if skew := w.client.api.Skew(); skew.Abs() > atlassian.MaxSkew {
		err := w.client.api.Skewed(skew)
		w.step(site.Step{Name: site.StepClock, Status: site.Warn, Detail: err.Message, Err: err})
		return
	}
	w.done(site.StepClock, site.OK, "agrees with the server's")
}

// stepOf returns the step that a refusal is about.
func stepOf(e *atlassian.Error, usual string) string {
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
