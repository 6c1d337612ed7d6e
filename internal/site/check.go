package site

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// StepStatus is the result of one step of Check.
type StepStatus string

// Results of steps. Records can be read if no step failed, and only then.
const (
	OK   StepStatus = "ok"
	Warn StepStatus = "warn" // records can be read, but something needs attention
	Fail StepStatus = "fail"
	Skip StepStatus = "skip" // does not apply, or an earlier step failed; Detail says why
)

// Names of the steps of Check, in their order.
const (
	StepAddress    = "address"
	StepDeployment = "deployment"
	StepCloudID    = "cloud id"
	StepRoute      = "route"
	StepCredential = atlassian.StepCredential
	StepPermission = atlassian.StepPermission
	StepRetention  = "retention"
	StepNewest     = "newest record"
	StepCoverage   = "coverage"
	StepClock      = "clock"
)

var steps = []string{StepAddress, StepDeployment, StepCloudID, StepRoute, StepCredential,
	StepPermission, StepRetention, StepNewest, StepCoverage, StepClock}

// Steps returns the names of the steps of Check, in their order.
func Steps() []string { return slices.Clone(steps) }

// Step is one finding of Check.
type Step struct {
	Name   string     `json:"name"`
	Status StepStatus `json:"status"`
	Detail string     `json:"detail,omitempty"`
	// set with Fail, and with Warn if the warning has a cause of the table
	Err *atlassian.Error `json:"-"`
}

// Check tests each step of access to the audit log and reports it as soon as it is known, every
// step once and in order. It ignores what Connect remembers. After a step that fails the others are
// Skip.
func (c *Client) Check(ctx context.Context, report func(Step)) {
	w := &checkWalk{client: c, report: report}
	defer w.skipRest()

	told, err := c.tenantInfo(ctx)
	if err != nil {
		w.fail(StepAddress, err)
		return
	}
	w.done(StepAddress, OK, c.api.Base.String())

	p, err := c.findPlace(ctx)
	if err != nil {
		w.fail(StepDeployment, c.unlessItWorked(err))
		return
	}
	if p.deployment == atlassian.DeploymentCloud && p.tenant.status == 0 {
		p.tenant, p.proved = told, told.id != ""
	}
	w.deployment(p)

	ep, err := c.findEndpoint(ctx, p)
	if err != nil {
		w.refused(ep, c.unlessItWorked(err))
		return
	}
	c.remember(ep)
	keep, keepErr := c.Retention(ctx)
	newest, any, err := c.Newest(ctx)
	w.allowed(ep, any || err != nil)
	w.retention(keep, keepErr)
	if !w.newest(newest, any, err) {
		return
	}
	covered, err := c.coverage(ctx, ep)
	w.coverage(ep, covered, err)
	w.clock()
}

// checkWalk reports steps and counts those that are left.
type checkWalk struct {
	client *Client
	report func(Step)
	next   int
	failed string
}

func (w *checkWalk) done(name string, status StepStatus, detail string) {
	w.step(Step{Name: name, Status: status, Detail: detail})
}

func (w *checkWalk) step(s Step) {
	if s.Err != nil {
		_ = w.client.api.Told(s.Err)
	}
	s.Detail = w.client.api.Redacted(s.Detail)
	w.report(s)
	w.next++
}

// skipRest reports the remaining steps as Skip after a failed one.
func (w *checkWalk) skipRest() {
	for ; w.next < len(steps); w.next++ {
		w.report(Step{Name: steps[w.next], Status: Skip, Detail: "not checked: " + w.failed + " comes first"})
	}
}

func (w *checkWalk) fail(name string, err error) {
	w.failed = name
	w.step(Step{Name: name, Status: Fail, Detail: message(err), Err: asError(err)})
}

// deployment reports the deployment. The step is OK only if the server itself has told it. If only
// the settings or the host name say so, later steps have to prove it.
func (w *checkWalk) deployment(p place) {
	name := w.client.product.Name
	known := func(detail string) {
		if p.proved {
			w.done(StepDeployment, OK, detail)
			return
		}
		w.done(StepDeployment, Skip, detail+", as it seems: the server does not tell")
	}
	if p.deployment == atlassian.DeploymentDataCenter {
		known(strings.TrimSpace(name + " Data Center " + p.version))
		w.done(StepCloudID, Skip, "Data Center has none")
		return
	}
	known(name + " Cloud")
	switch {
	case p.cloudID == "":
		w.done(StepCloudID, Warn, "the site does not tell"+p.untold()+"; only tokens without scopes can work, set cloud_id for others")
	case p.tenant.id == "":
		w.done(StepCloudID, Skip, p.cloudID+", as set: the site does not tell")
	case p.tenant.id != p.cloudID:
		w.done(StepCloudID, Warn, p.cloudID+", as set, is not that of the site, which is "+p.tenant.id)
	default:
		w.done(StepCloudID, OK, p.cloudID)
	}
}

// refused reports the step at which the credential was refused. The steps before it are OK only if
// the refusal proves them.
func (w *checkWalk) refused(ep endpoint, err error) {
	e := asError(err)
	about := e.Cause.About()
	proved := e.Proves()
	tried := fmt.Sprintf("%s %s", ep.site.Route, ep.list)
	if about == "" || ep.root == "" {
		w.fail(StepRoute, err)
		return
	}
	switch gateway := atlassian.GatewayUnasked(err); {
	case gateway != nil:
		w.done(StepRoute, Warn, "site only: the gateway could not be asked: "+gateway.Message)
	case proved:
		w.done(StepRoute, OK, tried)
	case e.Also != nil:
		w.done(StepRoute, Skip, "not known until a credential is accepted; tried site and gateway")
	default:
		w.done(StepRoute, Skip, "not known until a credential is accepted; tried "+tried)
	}
	if about == StepPermission {
		if proved {
			w.done(StepCredential, OK, "accepted")
		} else {
			w.done(StepCredential, Skip, "the refusal does not tell whether it was accepted")
		}
	}
	w.fail(about, err)
}

// allowed reports that the audit log was listed. An empty list proves a credential only if the
// server named the user: servers also send empty lists to anonymous users.
func (w *checkWalk) allowed(ep endpoint, proved bool) {
	c := w.client
	route := fmt.Sprintf("%s %s", ep.site.Route, ep.list)
	if u, err := url.Parse(ep.list); err == nil && c.api.Ending(u.Path) != "" {
		w.step(Step{Name: StepRoute, Status: Warn, Detail: route, Err: c.api.Fail(atlassian.CauseDeprecated, nil, "%s", c.api.Ending(u.Path))})
	} else {
		w.done(StepRoute, OK, route)
	}
	detail := c.api.Auth.Name(ep.site.Deployment) + " accepted"
	if c.api.Auth.IsBearer() {
		detail += ", sent as Bearer"
	}
	switch {
	case ep.self.name != "":
		detail += " for " + c.api.Quote(ep.self.name, 100)
	case !proved:
		w.done(StepCredential, Skip, "not refused; an empty audit log does not tell whether it was accepted")
		w.done(StepPermission, Skip, "not refused; an empty audit log does not tell whether it may be read")
		return
	}
	w.done(StepCredential, OK, detail)
	w.done(StepPermission, OK, "may read the audit log")
}

func (w *checkWalk) retention(keep time.Duration, err error) {
	switch {
	case err != nil:
		w.step(Step{Name: StepRetention, Status: Warn, Detail: message(err), Err: asError(err)})
	case keep == 0:
		w.done(StepRetention, Skip, "the server does not say")
	default:
		w.done(StepRetention, OK, fmt.Sprintf("%d days", keep/day))
	}
}

// newest reports the newest record, or a warning if the log is empty. A refusal is an error here,
// never an empty log.
func (w *checkWalk) newest(r atlassian.Record, any bool, err error) bool {
	switch {
	case err != nil:
		w.fail(StepNewest, err)
		return false
	case !any:
		w.done(StepNewest, Warn, "there is none, as far as this account sees: if there should be one, see that audit logging is on and that the account is "+w.client.product.Admin)
	case r.Time.IsZero():
		w.done(StepNewest, Warn, "its time cannot be read")
	default:
		w.done(StepNewest, OK, r.Time.Format(time.RFC3339))
	}
	return true
}

func (w *checkWalk) coverage(ep endpoint, detail string, err error) {
	switch {
	case err != nil:
		w.step(Step{Name: StepCoverage, Status: Warn, Detail: message(err), Err: asError(err)})
	case detail == "" && ep.site.Deployment == atlassian.DeploymentCloud:
		w.done(StepCoverage, Skip, "Cloud has no such setting")
	case detail == "":
		w.done(StepCoverage, Skip, "the server does not say")
	default:
		w.done(StepCoverage, OK, detail)
	}
}

func (w *checkWalk) clock() {
	c := w.client
	skew := c.api.Skew()
	switch {
	case skew.Abs() > atlassian.MaxSkew:
		err := c.api.Skewed(skew)
		w.step(Step{Name: StepClock, Status: Warn, Detail: err.Message, Err: err})
	default:
		w.done(StepClock, OK, "agrees with the server's")
	}
}

// asError returns err as an [atlassian.Error]. If it is of another kind, such as a context error,
// the result has no cause.
func asError(err error) *atlassian.Error {
	if e, ok := errors.AsType[*atlassian.Error](err); ok {
		return e
	}
	return &atlassian.Error{Message: err.Error(), Err: err}
}

func message(err error) string { return asError(err).Message }
