package confluence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
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
	if c.opts.Route == RouteGateway || c.auth.atGatewayOnly() || p.atGateway {
		switch {
		case p.cloudID == "":
			return gateway, c.noCloudID(p)
		case p.gateway == "":
			return gateway, c.unknownCloud()
		}
		return gateway, c.probeGateway(ctx, gateway)
	}
	wasBearer := c.auth.sendBearer(false) // at the site a token is never sent alone
	siteErr := c.probe(ctx, site)
	if siteErr != nil {
		c.auth.sendBearer(wasBearer)
	}
	if siteErr == nil || c.opts.Route == RouteSite || !causeTable[causeOf(siteErr)].elsewhere {
		return site, siteErr
	}
	if p.tenant.status == http.StatusNotFound && causeOf(siteErr) == CauseNoConfluence {
		return site, fail(CauseWrongAddress, siteErr, "there is no Atlassian site at %s", c.host).
			withRemedy("check the name in api_url")
	}
	if p.cloudID == "" || p.gateway == "" {
		return site, c.gatewayUnknown(siteErr, p)
	}
	gatewayErr := c.probeGateway(ctx, gateway)
	if gatewayErr == nil {
		return gateway, nil
	}
	first, err := bothRefused(siteErr, gatewayErr)
	if first == siteErr {
		return site, err
	}
	return gateway, err
}

// probeGateway sends an API token with its user and, when that is refused, alone:
// what worked last comes first.
func (c *Client) probeGateway(ctx context.Context, gateway endpoint) error {
	err := c.probe(ctx, gateway)
	if cause := causeOf(err); !c.auth.eitherWay() || cause != CauseCredentials && cause != CauseExpired {
		return err
	}
	before := c.auth.sendBearer(!c.auth.isBearer())
	other := c.probe(ctx, gateway)
	if other == nil || causeTable[causeOf(other)].proves {
		return other
	}
	c.auth.sendBearer(before)
	return err
}

func (c *Client) noCloudID(p place) error {
	return fail(CauseWrongAddress, nil, "%s does not tell its cloud id%s", c.host, p.untold()).
		withRemedy("check api_url, or set cloud_id")
}

func (c *Client) unknownCloud() error {
	return fail(CauseUnknownCloud, nil, "it does not follow from %s where the gateway of its cloud is", c.base.Hostname())
}

// gatewayUnknown adds to the site's refusal what is missing to try the gateway.
func (c *Client) gatewayUnknown(siteErr error, p place) error {
	e, ok := errors.AsType[*Error](siteErr)
	if !ok {
		return siteErr
	}
	var keys []string
	if p.cloudID == "" {
		keys = append(keys, "cloud_id")
	}
	if p.gateway == "" {
		keys = append(keys, "gateway_url")
	}
	e.Remedy += "; if the token has scopes, set " + strings.Join(keys, " and ") + ", so that it can be tried at the gateway"
	return e
}

// bothRefused makes one error of two refusals, and returns which of them comes
// first. That the other route knows nothing of a credential is to be expected,
// and not worth a word beside a refusal that proves the credential; where both
// may be the true one both are said, the likelier first.
func bothRefused(siteErr, gatewayErr error) (first, both error) {
	var site, gateway *Error
	if !errors.As(siteErr, &site) || !errors.As(gatewayErr, &gateway) {
		return gatewayErr, gatewayErr
	}
	unknown := func(e *Error) bool { return causeTable[e.Cause].step == StepCredential }
	switch {
	case gateway.Status == 0:
		// Many networks let nothing through but the site: its reason stands.
		e := *site
		e.Message += "; the gateway, where tokens with scopes work, could not be asked: " + gateway.Message
		e.Remedy += "; if the token has scopes, let this machine reach the gateway"
		e.Err, e.also = gateway, gateway
		return siteErr, &e
	case gateway.Temporary(): // it may be the right one
		e := *gateway
		e.Message += "; before that, " + site.Message
		e.also = site
		return gatewayErr, &e
	case unknown(site) && gateway.proves():
		return gatewayErr, gateway
	case unknown(gateway) && (site.proves() || unknown(site)), gateway.Cause == site.Cause:
		e := *site
		e.also = gateway
		return siteErr, &e
	case unknown(site), gateway.proves() && !site.knows:
		return gatewayErr, gateway.and(site)
	}
	return siteErr, site.and(gateway)
}

// proves tells whether only somebody who has accepted the credential says so.
func (e *Error) proves() bool { return e.knows || causeTable[e.Cause].proves }

// and is the error with another one that may be the true one.
func (e *Error) and(other *Error) *Error {
	both := *e
	both.also = other
	both.Message += "; and " + other.Message
	if other.Said != "" {
		both.Message += ` ("` + other.Said + `")`
	}
	both.Remedy += "; if that is not it: " + other.Remedy
	return &both
}

// gatewayUnasked is why the gateway gave no answer, nil if it gave one or was not asked.
func gatewayUnasked(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e.also != nil && e.also.Status == 0 {
		return e.also
	}
	return nil
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
		return e.as(CauseAPIAway, "%s for the moment, though Confluence %s has one", e.Message, version)
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

// gatewayPath precedes the cloud id in addresses at the gateway.
const gatewayPath = "/ex/confluence/"

// splitGateway reads an api_url that names the gateway.
func splitGateway(base string) (gateway, cloudID string, ok bool) {
	gateway, cloudID, ok = strings.Cut(base, gatewayPath)
	return gateway, cloudID, ok && isCloudID(cloudID)
}
