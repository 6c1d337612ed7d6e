package confluence

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

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
	if first == siteErr { //nolint:errorlint // it is one of the two
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

func (c *conn) unknownCloud() error {
	return fail(CauseUnknownCloud, nil, "the API gateway for %s is not known", c.base.Hostname())
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

// gatewayPath precedes the cloud id in addresses at the gateway.
const gatewayPath = "/ex/confluence/"

// splitGateway reads an api_url that names the gateway.
func splitGateway(base string) (gateway, cloudID string, ok bool) {
	gateway, cloudID, ok = strings.Cut(base, gatewayPath)
	return gateway, cloudID, ok && isCloudID(cloudID)
}
