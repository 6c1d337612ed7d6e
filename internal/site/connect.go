package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
)

// The audit APIs.
const (
	apiAudit    = "audit"    // Cloud
	apiAuditing = "auditing" // Data Center and Server since Product.Since
	apiLegacy   = "legacy"   // Server before that, with the format of Cloud
)

// endpoint is an audit API and the route to it.
type endpoint struct {
	site Site
	root string // base URL of API paths, such as https://acme.atlassian.net/wiki
	list string // URL of the list
	self user   // Data Center: our user
}

// listing returns how the API of an endpoint lists the log.
func (c *Client) listing(ep endpoint) paging.Listing {
	l := paging.Listing{
		URL: ep.list, Format: c.product.Cloud.Format,
		Judge:      func(a *atlassian.Answer) error { return c.judge(ep, a) },
		LeftOut:    func(atlassian.Record) bool { return false },
		StillKnown: func(context.Context) error { return nil },
	}
	switch ep.site.API {
	case apiLegacy:
		l.Format = c.product.Legacy.Format
	case apiAuditing:
		l.Format, l.Cursors = paging.Entities, true
		l.StillKnown = func(ctx context.Context) error { return c.stillKnown(ctx, ep) }
		if !c.api.Options.IncludeAuditSearches {
			l.LeftOut = func(r atlassian.Record) bool { return ep.self.searched(r, c.product.Self.Param) }
		}
	}
	return l
}

// Connect finds deployment, cloud id and route with as few requests as possible and remembers them.
// After a refusal of the credential it looks for the route again, because a new token may need
// another one.
func (c *Client) Connect(ctx context.Context) (Site, error) {
	ep, err := c.connect(ctx)
	if err != nil {
		return c.Site(), c.api.Told(err)
	}
	return ep.site, nil
}

func (c *Client) connect(ctx context.Context) (endpoint, error) {
	select {
	case c.connecting <- struct{}{}:
		defer func() { <-c.connecting }()
	case <-ctx.Done():
		return endpoint{}, fmt.Errorf("connect to %s: %w", c.api.Host, context.Cause(ctx))
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
	c.remember(ep)
	return ep, nil
}

// HasWorked sets the API that an earlier run has read records from, see [Site].API. If the site
// does not have that API now, it is an outage, not another deployment.
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

// unlessItWorked turns "there is no such product" into an outage if records were read there before.
func (c *Client) unlessItWorked(err error) error {
	e, ok := errors.AsType[*atlassian.Error](err)
	if !ok || c.workedWith() == "" || e.Cause != c.product.Absent && e.Cause != atlassian.CauseWrongAddress {
		return err
	}
	return e.TakenFor(atlassian.CauseAPIAway, "%s, though records could be read there before", e.Message)
}

// remember keeps the endpoint found, and logs it if it is a new one.
func (c *Client) remember(ep endpoint) {
	c.mu.Lock()
	changed := c.found.site != ep.site
	c.found, c.connected, c.worked = ep, true, ep.site.API
	c.mu.Unlock()
	if !changed {
		return
	}
	if skew := c.api.Skew(); skew.Abs() > atlassian.MaxSkew {
		c.api.Warnf("%v", c.api.Skewed(skew))
	}
	switch {
	case ep.site.Deployment == atlassian.DeploymentCloud:
		c.api.Infof("%s is %s Cloud; found route %s", c.api.Host, c.product.Name, ep.site.Route)
		if ep.site.CloudID == "" {
			c.api.Warnf("%s does not tell its cloud id, which a token with scopes needs: set cloud_id", c.api.Host)
		}
	case ep.site.API == apiLegacy:
		c.api.Infof("%s is %s Server before %s; found its older audit log API", c.api.Host, c.product.Name, c.product.Since)
	case ep.self == (user{}) && !c.api.Options.IncludeAuditSearches:
		c.api.Warnf("%s is %s Data Center; it does not tell which user we are, so records of our own reads are kept", c.api.Host, c.product.Name)
	default:
		c.api.Infof("%s is %s Data Center", c.api.Host, c.product.Name)
	}
}

// reconsider forgets the endpoint after an error that another route or credential may not meet, so
// that the next request looks for it again. It returns the error, with another cause if it is an
// outage.
func (c *Client) reconsider(err error) error {
	if atlassian.CauseOf(err).Elsewhere() {
		c.mu.Lock()
		c.connected = false
		c.mu.Unlock()
	}
	return c.unlessItWorked(err)
}

// probe tries an endpoint with the smallest page.
func (c *Client) probe(ctx context.Context, ep endpoint) error {
	p, err := c.log.Fetch(ctx, c.listing(ep), smallest)
	p.Release()
	return err
}

var smallest = url.Values{"limit": {"1"}}

// findEndpoint finds the endpoint of a place.
func (c *Client) findEndpoint(ctx context.Context, p place) (endpoint, error) {
	if p.deployment == atlassian.DeploymentDataCenter {
		return c.findDataCenter(ctx, p)
	}
	return c.findRoute(ctx, p)
}

// findDataCenter tries the auditing API and then the older one.
func (c *Client) findDataCenter(ctx context.Context, p place) (endpoint, error) {
	ep := endpoint{
		site: Site{Product: c.product.Key, URL: c.api.Base.String(), Deployment: atlassian.DeploymentDataCenter, Route: atlassian.RouteSite, API: apiAuditing},
		root: p.root, list: p.root + auditing + "/events",
	}
	switch {
	case c.api.Auth.OAuth != nil:
		return ep, c.api.Fail(atlassian.CauseCredentialKind, nil, "%s is Data Center, which takes no OAuth client credentials", c.api.Host)
	case c.api.Auth.TokenAlone():
		return ep, c.api.Fail(atlassian.CauseCredentialKind, nil, "%s is Data Center, where api_token is the password of a user_identifier", c.api.Host)
	}
	self, err := c.whoAmI(ctx, ep)
	if err != nil {
		return ep, err
	}
	ep.self = self
	first, err := c.log.Fetch(ctx, c.listing(ep), smallest)
	first.Release()
	if ep.self == (user{}) {
		ep.self.name = first.User
	}
	if atlassian.CauseOf(err) != atlassian.CauseWrongAddress {
		return ep, err
	}
	return c.findLegacy(ctx, p, ep, err)
}

// findLegacy tries the API from before Product.Since, unless the version or an earlier run shows that the
// site has the newer one, whose app may start late.
func (c *Client) findLegacy(ctx context.Context, p place, ep endpoint, notFound error) (endpoint, error) {
	away := func(version string) error {
		e := asError(notFound)
		return e.TakenFor(atlassian.CauseAPIAway, "%s at the moment, though %s %s has one", e.Message, c.product.Name, version)
	}
	switch {
	case c.product.Since.reached(p.version):
		return ep, away(p.version)
	case c.workedWith() == apiAuditing:
		return ep, notFound // see unlessItWorked
	}
	legacy := ep
	legacy.site.API, legacy.list = apiLegacy, p.root+c.product.Legacy.Path
	legacyErr := c.probe(ctx, legacy)
	if atlassian.CauseOf(legacyErr) == atlassian.CauseWrongAddress {
		return ep, notFound
	}
	if p.version == "" && legacyErr == nil {
		// Newer versions also serve the old API. The app of the manifest may not have started
		// either, so the version comes from the login page.
		version, err := c.askLoginPage(ctx, ep.root)
		if err != nil || c.product.Since.reached(version) {
			return ep, cmp.Or(err, away(version))
		}
	}
	return legacy, legacyErr
}
