package site

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"fluent-bit-confluence/internal/atlassian"
)

// cloudBase returns the base URL of a Cloud site, which has no path.
func (c *Client) cloudBase() string { return strings.TrimSuffix(c.api.Base.String(), c.product.Path) }

func (c *Client) siteEndpoint(p place) endpoint {
	return c.cloudEndpoint(p, atlassian.RouteSite, c.cloudBase())
}

func (c *Client) gatewayEndpoint(p place) endpoint {
	return c.cloudEndpoint(p, atlassian.RouteGateway, p.gateway+gatewayPath+c.product.Key+"/"+p.cloudID)
}

// cloudEndpoint returns the audit API of a Cloud site by a route, below the base URL of that route.
func (c *Client) cloudEndpoint(p place, route atlassian.Route, base string) endpoint {
	root := base + c.product.Root
	return endpoint{
		site: Site{Product: c.product.Key, URL: c.api.Base.String(), Deployment: atlassian.DeploymentCloud, Route: route, CloudID: p.cloudID, API: apiAudit},
		root: root, list: root + c.product.Cloud.Path,
	}
}

// findRoute tries the site and then, if the credential may be for the gateway, the gateway.
func (c *Client) findRoute(ctx context.Context, p place) (endpoint, error) {
	site, gateway := c.siteEndpoint(p), c.gatewayEndpoint(p)
	if c.api.Options.Route == atlassian.RouteGateway || c.api.Auth.AtGatewayOnly() || p.atGateway {
		switch {
		case p.cloudID == "":
			return gateway, c.noCloudID(p)
		case p.gateway == "":
			return gateway, c.api.UnknownCloud()
		}
		return gateway, c.probeGateway(ctx, gateway)
	}
	wasBearer := c.api.Auth.SendBearer(false) // at the site a token is never sent without its user
	siteErr := c.probe(ctx, site)
	if siteErr != nil {
		c.api.Auth.SendBearer(wasBearer)
	}
	if siteErr == nil || c.api.Options.Route == atlassian.RouteSite || !atlassian.CauseOf(siteErr).Elsewhere() {
		return site, siteErr
	}
	if p.tenant.status == http.StatusNotFound && atlassian.CauseOf(siteErr) == c.product.Absent {
		return site, c.api.Fail(atlassian.CauseWrongAddress, siteErr, "there is no Atlassian site at %s", c.api.Host).
			WithRemedy("check the name in api_url")
	}
	if p.cloudID == "" || p.gateway == "" {
		return site, c.gatewayUnknown(siteErr, p)
	}
	gatewayErr := c.probeGateway(ctx, gateway)
	if gatewayErr == nil {
		return gateway, nil
	}
	first, err := atlassian.BothRefused(siteErr, gatewayErr)
	if first == siteErr { //nolint:errorlint // it is one of the two
		return site, err
	}
	return gateway, err
}

// probeGateway sends an API token with its user (Basic) and without (Bearer), first the way that
// worked last.
func (c *Client) probeGateway(ctx context.Context, gateway endpoint) error {
	err := c.probe(ctx, gateway)
	if cause := atlassian.CauseOf(err); !c.api.Auth.EitherWay() || cause != atlassian.CauseCredentials && cause != atlassian.CauseExpired {
		return err
	}
	before := c.api.Auth.SendBearer(!c.api.Auth.IsBearer())
	other := c.probe(ctx, gateway)
	if other == nil || atlassian.CauseOf(other).Proves() {
		return other
	}
	c.api.Auth.SendBearer(before)
	return err
}

func (c *Client) noCloudID(p place) error {
	return c.api.Fail(atlassian.CauseWrongAddress, nil, "%s does not tell its cloud id%s", c.api.Host, p.untold()).
		WithRemedy("check api_url, or set cloud_id")
}

// gatewayUnknown adds to the site's refusal which setting is missing to try the gateway.
func (c *Client) gatewayUnknown(siteErr error, p place) error {
	e, ok := errors.AsType[*atlassian.Error](siteErr)
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

// gatewayPath comes before the product and the cloud id in addresses at the gateway.
const gatewayPath = "/ex/"

// splitGateway splits an api_url at the gateway into gateway and cloud id.
func (c *Client) splitGateway() (gateway, cloudID string, ok bool) {
	gateway, cloudID, ok = strings.Cut(c.api.Base.String(), gatewayPath+c.product.Key+"/")
	return gateway, cloudID, ok && atlassian.IsCloudID(cloudID)
}
