package confluence

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
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
		return c.Site(), err
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
		return endpoint{}, err
	}
	if ep, err = c.findEndpoint(ctx, p); err != nil {
		return endpoint{}, err
	}
	c.settle(ep)
	return ep, nil
}

// settle remembers the way found, and says so if it is a new one.
func (c *Client) settle(ep endpoint) {
	c.mu.Lock()
	changed := c.found.site != ep.site
	c.found, c.connected = ep, true
	c.mu.Unlock()
	if !changed {
		return
	}
	if skew := c.clock.skew(); skew.Abs() > maxSkew {
		c.opts.Log.Warn(c.skewed(skew))
	}
	switch {
	case ep.site.Deployment == DeploymentCloud:
		c.opts.Log.Infof("%s is Confluence Cloud; found route %s", c.host, ep.site.Route)
	case ep.site.API == apiLegacy:
		c.opts.Log.Infof("%s is Confluence Server before 7.5; found its older audit log API", c.host)
	case ep.self == (user{}) && !c.opts.IncludeAuditSearches:
		c.opts.Log.Warnf("%s is Confluence Data Center; it does not tell which user we are, so records of our own reads are kept", c.host)
	default:
		c.opts.Log.Infof("%s is Confluence Data Center", c.host)
	}
}

// reconsider forgets the way after errors that another way might not have.
func (c *Client) reconsider(err error) {
	switch causeOf(err) {
	case CauseCredentials, CauseExpired, CauseAnonymous, CauseScope, CauseScopedAtSite, CauseNotAdmin,
		CauseNoAccess, CauseNoConfluence, CauseWrongAddress, CauseLoginPage, CauseRedirect:
		c.mu.Lock()
		c.connected = false
		c.mu.Unlock()
	}
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

func (c *Client) siteEndpoint(p place) endpoint {
	return endpoint{
		site: Site{URL: c.base.String(), Deployment: DeploymentCloud, Route: RouteSite, CloudID: p.cloudID, API: apiAudit},
		root: c.base.String() + "/wiki",
	}
}

func (c *Client) gatewayEndpoint(p place) endpoint {
	return endpoint{
		site: Site{URL: c.base.String(), Deployment: DeploymentCloud, Route: RouteGateway, CloudID: p.cloudID, API: apiAudit},
		root: p.gateway + gatewayPath + p.cloudID + "/wiki",
	}
}

// findRoute tries the site and then, if the credential may be one for the
// gateway, the gateway.
func (c *Client) findRoute(ctx context.Context, p place) (endpoint, error) {
	site, gateway := c.siteEndpoint(p), c.gatewayEndpoint(p)
	if c.opts.Route == RouteGateway || c.auth.oauth != nil || p.atGateway {
		if p.cloudID == "" {
			return gateway, fail(CauseWrongAddress, nil, "%s does not tell its cloud id", c.host).
				withRemedy("check api_url, or set cloud_id")
		}
		return gateway, c.probe(ctx, gateway)
	}
	siteErr := c.probe(ctx, site)
	if siteErr == nil || c.opts.Route == RouteSite || p.cloudID == "" || !mayWorkAtGateway(siteErr) {
		return site, siteErr
	}
	gatewayErr := c.probe(ctx, gateway)
	switch causeOf(gatewayErr) {
	case CauseCredentials, CauseNoConfluence, CauseRedirect, CauseNotAuditList, CauseBadRequest:
		// The gateway knows nothing of this credential: the site has the reason.
		return site, siteErr
	}
	return gateway, bothRefused(siteErr, gatewayErr)
}

// bothRefused keeps the site's reason when the gateway gave no answer: many
// networks let nothing through but the site.
func bothRefused(siteErr, gatewayErr error) error {
	var site, gateway *Error
	if !errors.As(siteErr, &site) || !errors.As(gatewayErr, &gateway) || gateway.Status != 0 {
		return gatewayErr
	}
	both := *site
	both.Message += "; the gateway, where tokens with scopes work, could not be asked: " + gateway.Message
	both.Remedy = "check user_identifier and api_token; if the token has scopes, let this machine reach the gateway"
	both.Err = gatewayErr
	return &both
}

// gatewayUnasked is why the gateway gave no answer, nil if it gave one or was not asked.
func gatewayUnasked(err error) *Error {
	if site, ok := errors.AsType[*Error](err); ok {
		gateway, _ := errors.AsType[*Error](site.Err)
		return gateway
	}
	return nil
}

// mayWorkAtGateway tells whether the site's refusal is one that a token with
// scopes gets: it is taken for a wrong token, or for nobody.
func mayWorkAtGateway(err error) bool {
	switch causeOf(err) {
	case CauseCredentials, CauseExpired, CauseAnonymous, CauseScope, CauseNotAdmin, CauseNoAccess, CauseLoginPage:
		return true
	}
	return false
}

// findDataCenter tries the auditing API and then the one before it.
func (c *Client) findDataCenter(ctx context.Context, p place) (endpoint, error) {
	ep := endpoint{
		site: Site{URL: c.base.String(), Deployment: DeploymentDataCenter, Route: RouteSite, API: apiAuditing},
		root: p.root,
	}
	if c.auth.oauth != nil {
		return ep, fail(CauseCredentialKind, nil, "%s is Data Center, which takes no OAuth client credentials", c.host)
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
	legacy := ep
	legacy.site.API = apiLegacy
	if legacyErr := c.probe(ctx, legacy); causeOf(legacyErr) != CauseWrongAddress {
		return legacy, legacyErr
	}
	return ep, err
}

// gatewayPath precedes the cloud id in addresses at the gateway.
const gatewayPath = "/ex/confluence/"

// splitGateway reads an api_url that names the gateway.
func splitGateway(base string) (gateway, cloudID string, ok bool) {
	gateway, cloudID, ok = strings.Cut(base, gatewayPath)
	return gateway, cloudID, ok && isCloudID(cloudID)
}
