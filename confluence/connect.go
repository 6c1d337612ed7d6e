package confluence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
)

// The audit APIs there are.
const (
	apiAudit    = "audit"    // Cloud
	apiAuditing = "auditing" // Data Center and Server since 7.5
	apiLegacy   = "legacy"   // Server before 7.5, speaks like Cloud
)

// endpoint is the way to an audit API.
type endpoint struct {
	site Site
	root string // what API paths begin with: https://acme.atlassian.net/wiki
	self user   // Data Center: who we are
}

func (ep endpoint) listURL() string {
	if ep.site.API == apiAuditing {
		return ep.root + "/rest/auditing/1.0/events"
	}
	return ep.root + "/rest/api/audit"
}

func (ep endpoint) format() pageFormat {
	if ep.site.API == apiAuditing {
		return auditingFormat
	}
	return auditFormat
}

// Connect finds deployment, cloud id and route with as few requests as possible
// and remembers them. After a refusal of the credential the way is sought anew,
// since another token may need another route.
func (c *Client) Connect(ctx context.Context) (Site, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return c.Site(), c.told(err)
	}
	return ep.site, nil
}

func (c *Client) connect(ctx context.Context) (endpoint, error) {
	select {
	case c.connecting <- struct{}{}:
		defer func() { <-c.connecting }()
	case <-ctx.Done():
		return endpoint{}, fmt.Errorf("connect to %s: %w", c.host, context.Cause(ctx))
	}
	c.mu.Lock()
	ep, connected := c.found, c.connected
	c.mu.Unlock()
	if connected {
		return ep, nil
	}
	p, err := c.findPlace(ctx)
	if err != nil {
		return endpoint{}, c.unlessItWorked(err)
	}
	if ep, err = c.findEndpoint(ctx, p); err != nil {
		return endpoint{}, c.unlessItWorked(err)
	}
	c.settle(ep)
	return ep, nil
}

// HasWorked tells that an earlier run has read records from an API, see
// [Site].API: should the site not know that API now, that is an outage and no
// other kind of Confluence.
func (c *Client) HasWorked(api string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.worked = api
}

func (c *Client) workedWith() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.worked
}

// unlessItWorked makes an outage of "there is no Confluence" where there was one.
func (c *Client) unlessItWorked(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || c.workedWith() == "" || e.Cause != CauseNoConfluence && e.Cause != CauseWrongAddress {
		return err
	}
	return e.as(CauseAPIAway, "%s, though records could be read there before", e.Message)
}

// as is the same answer, taken for another cause.
func (e *Error) as(cause Cause, format string, args ...any) *Error {
	other := fail(cause, e, format, args...)
	other.Status, other.Trace, other.Said = e.Status, e.Trace, e.Said
	return other
}

// settle remembers the way found, and says so if it is a new one.
func (c *Client) settle(ep endpoint) {
	c.mu.Lock()
	changed := c.found.site != ep.site
	c.found, c.connected, c.worked = ep, true, ep.site.API
	c.mu.Unlock()
	if !changed {
		return
	}
	if skew := c.clock.skew(); skew.Abs() > maxSkew {
		c.warnf("%v", c.skewed(skew))
	}
	switch {
	case ep.site.Deployment == DeploymentCloud:
		c.infof("%s is Confluence Cloud; found route %s", c.host, ep.site.Route)
		if ep.site.CloudID == "" {
			c.warnf("%s does not tell its cloud id, which a token with scopes needs: set cloud_id", c.host)
		}
	case ep.site.API == apiLegacy:
		c.infof("%s is Confluence Server before 7.5; found its older audit log API", c.host)
	case ep.self == (user{}) && !c.opts.IncludeAuditSearches:
		c.warnf("%s is Confluence Data Center; it does not tell which user we are, so records of our own reads are kept", c.host)
	default:
		c.infof("%s is Confluence Data Center", c.host)
	}
}

// reconsider forgets the way after errors that another way might not have, and
// returns the error for what it is.
func (c *Client) reconsider(err error) error {
	if causeTable[causeOf(err)].elsewhere {
		c.mu.Lock()
		c.connected = false
		c.mu.Unlock()
	}
	return c.unlessItWorked(err)
}

func causeOf(err error) Cause {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Cause
	}
	return ""
}

// probe tries a way with the smallest page.
func (c *Client) probe(ctx context.Context, ep endpoint) error {
	p, err := c.fetch(ctx, ep, smallest)
	p.release()
	return err
}

var smallest = url.Values{"limit": {"1"}}

// findEndpoint tries the ways to the API of a place.
func (c *Client) findEndpoint(ctx context.Context, p place) (endpoint, error) {
	if p.deployment == DeploymentDataCenter {
		return c.findDataCenter(ctx, p)
	}
	return c.findRoute(ctx, p)
}

// findDataCenter tries the auditing API and then the one before it.
func (c *Client) findDataCenter(ctx context.Context, p place) (endpoint, error) {
	ep := endpoint{
		site: Site{URL: c.base.String(), Deployment: DeploymentDataCenter, Route: RouteSite, API: apiAuditing},
		root: p.root,
	}
	switch {
	case c.auth.oauth != nil:
		return ep, fail(CauseCredentialKind, nil, "%s is Data Center, which takes no OAuth client credentials", c.host)
	case c.auth.tokenAlone():
		return ep, fail(CauseCredentialKind, nil, "%s is Data Center, where api_token is the password of a user_identifier", c.host)
	}
	self, err := c.whoAmI(ctx, ep)
	if err != nil {
		return ep, err
	}
	ep.self = self
	first, err := c.fetch(ctx, ep, smallest)
	first.release()
	if ep.self == (user{}) {
		ep.self.name = first.user
	}
	if causeOf(err) != CauseWrongAddress {
		return ep, err
	}
	return c.findLegacy(ctx, p, ep, err)
}

// findLegacy tries the API from before 7.5, unless the version or an earlier run
// tells that there is the newer one: its app may start late.
func (c *Client) findLegacy(ctx context.Context, p place, ep endpoint, notFound error) (endpoint, error) {
	away := func(version string) error {
		e := asError(notFound)
		return e.as(CauseAPIAway, "%s at the moment, though Confluence %s has one", e.Message, version)
	}
	switch {
	case hasAuditing(p.version):
		return ep, away(p.version)
	case c.workedWith() == apiAuditing:
		return ep, notFound // see unlessItWorked
	}
	legacy := ep
	legacy.site.API = apiLegacy
	legacyErr := c.probe(ctx, legacy)
	if causeOf(legacyErr) == CauseWrongAddress {
		return ep, notFound
	}
	if p.version == "" && legacyErr == nil {
		// Newer ones serve the old API too, while the manifest's app has not started either.
		version, err := c.askLoginPage(ctx, ep.root)
		if err != nil || hasAuditing(version) {
			return ep, cmp.Or(err, away(version))
		}
	}
	return legacy, legacyErr
}
