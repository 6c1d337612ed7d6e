package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

// place is what was found at an address.
type place struct {
	deployment atlassian.Deployment
	cloudID    string // Cloud, empty if unknown
	gateway    string // Cloud, base URL
	root       string // Data Center, base URL with context path
	atGateway  bool   // api_url is an address at the gateway
	version    string // Data Center, empty if unknown
	proved     bool   // the server itself has told it, not only the settings or the host name
	tenant     tenant // Cloud
}

// tenant is what a Cloud site tells without a login.
type tenant struct {
	id     string // its cloud id, empty if unknown
	status int    // status of the answer; 0 if it was not asked
}

// untold returns why the cloud id is unknown, for messages.
func (p place) untold() string {
	if p.tenant.status == 0 || p.tenant.status == http.StatusOK {
		return ""
	}
	return fmt.Sprintf(": %s answers %d", tenantPath, p.tenant.status)
}

const tenantPath = "/_edge/tenant_info"

// findPlace finds out what is at the address, without a credential if possible. The host name alone
// does not decide, because Cloud has custom domains and a Data Center can have any name.
func (c *Client) findPlace(ctx context.Context) (place, error) {
	cloud := place{deployment: atlassian.DeploymentCloud, cloudID: c.api.Options.CloudID, gateway: c.api.Options.GatewayURL}
	if gateway, id, ok := c.splitGateway(); ok {
		return place{deployment: atlassian.DeploymentCloud, cloudID: id, gateway: gateway, atGateway: true}, c.fitsCloud()
	}
	if _, _, other := strings.Cut(c.api.Base.Path, gatewayPath); other {
		return place{}, c.api.Fail(atlassian.CauseWrongAddress, nil, "%s is no address of %s at the gateway", c.api.Address(), c.product.Name).
			WithRemedy("set api_url to the address of the site, or to gateway and " + gatewayPath + c.product.Key + "/ with the cloud id behind it")
	}
	if c.api.Options.Deployment == atlassian.DeploymentDataCenter {
		center, err := c.findCenter(ctx)
		if err == nil && center.root == "" {
			center = place{deployment: atlassian.DeploymentDataCenter, root: c.written}
		}
		return center, err
	}
	if cloud.cloudID != "" {
		return cloud, c.fitsCloud()
	}
	told, err := c.tenantInfo(ctx)
	if err != nil {
		return place{}, err
	}
	cloud.tenant, cloud.cloudID, cloud.proved = told, told.id, told.id != ""
	// A proxy may block the address of the cloud id and allow the API.
	if told.id != "" || c.api.Options.Deployment == atlassian.DeploymentCloud || atlassian.IsCloud(c.api.Base.Hostname()) {
		return cloud, c.fitsCloud()
	}
	if center, err := c.findCenter(ctx); err != nil || center.root != "" {
		return center, err
	}
	return c.findByProbing(ctx, cloud)
}

// findCenter asks for the manifest of a Data Center. The place has no root if there is none. A
// Product.Path at the end of api_url may be the context path.
func (c *Client) findCenter(ctx context.Context) (place, error) {
	roots := []string{c.written}
	if base := c.api.Base.String(); base != c.written {
		roots = append(roots, base)
	}
	for _, root := range roots {
		app, err := c.askManifest(ctx, root)
		switch {
		case err != nil:
			return place{}, err
		case app.kind == c.product.Key:
			return place{deployment: atlassian.DeploymentDataCenter, root: root, version: app.version, proved: true}, nil
		case app.kind != "":
			return place{}, c.api.Fail(c.product.Absent, nil, "there is no %s at %s but another product, %s", c.product.Name, c.api.Address(), c.api.Quote(app.kind, 40))
		}
	}
	return place{}, nil
}

// fitsCloud returns an error for a credential of a kind that Cloud does not accept.
func (c *Client) fitsCloud() error {
	if c.api.Options.PersonalAccessToken.IsSet() {
		return c.api.Fail(atlassian.CauseCredentialKind, nil, "%s is %s Cloud, which has no personal access tokens", c.api.Host, c.product.Name)
	}
	return nil
}

// tenantInfo asks a Cloud site for its cloud id.
func (c *Client) tenantInfo(ctx context.Context) (tenant, error) {
	a, err := c.api.GetAnonymous(ctx, c.cloudBase()+tenantPath)
	if err != nil {
		return tenant{}, err
	}
	if a.Status == http.StatusTooManyRequests || a.Status >= 500 {
		return tenant{}, c.api.JudgeCommon(a) // the answer does not show what is there
	}
	told := tenant{status: a.Status}
	if a.Status == http.StatusOK {
		_ = atlassian.EachMember(a.Body, func(name string, value jsontext.Value) {
			if name == "cloudId" {
				told.id = atlassian.Unquote(value)
			}
		})
	}
	if !atlassian.IsCloudID(told.id) {
		told.id = ""
	}
	return told, nil
}

// CloudID returns the cloud id from the settings, from api_url, or as the site tells it without a
// login. It is empty if there is none or it is unknown.
func (c *Client) CloudID(ctx context.Context) (string, error) {
	if _, id, ok := c.splitGateway(); ok {
		return id, nil
	}
	if c.api.Options.CloudID != "" || c.api.Options.Deployment == atlassian.DeploymentDataCenter {
		return c.api.Options.CloudID, nil
	}
	told, err := c.tenantInfo(ctx)
	return told.id, err
}

// application is the content of the application-link manifest of an Atlassian server.
type application struct{ kind, version string }

var (
	manifestKind    = regexp.MustCompile(`(?:<typeId>|"typeId"\s*:\s*")([a-z]+)`)
	manifestVersion = regexp.MustCompile(`(?:<version>|"version"\s*:\s*")([0-9][0-9.]*)`)
	pageVersion     = regexp.MustCompile(`name="ajs-version-number" content="([0-9][0-9.]*)"`)
)

// askLoginPage returns the version of a Data Center from its login page, empty if it does not show
// one.
func (c *Client) askLoginPage(ctx context.Context, base string) (string, error) {
	a, err := c.api.GetAnonymous(ctx, base+c.product.Login)
	if err != nil {
		return "", err
	}
	if version := pageVersion.FindSubmatch(a.Body); version != nil {
		return string(version[1]), nil
	}
	return "", nil
}

// askManifest asks for the manifest of a Data Center, which needs no login.
func (c *Client) askManifest(ctx context.Context, base string) (application, error) {
	a, err := c.api.GetAnonymous(ctx, base+"/rest/applinks/1.0/manifest")
	if err != nil {
		return application{}, err
	}
	if a.Status == http.StatusOK {
		if kind := manifestKind.FindSubmatch(a.Body); kind != nil {
			app := application{kind: string(kind[1])}
			if version := manifestVersion.FindSubmatch(a.Body); version != nil {
				app.version = string(version[1])
			}
			return app, nil
		}
	}
	return application{}, nil
}

// findByProbing tries the APIs with the credential: a reverse proxy may allow nothing else.
func (c *Client) findByProbing(ctx context.Context, cloud place) (place, error) {
	center := place{deployment: atlassian.DeploymentDataCenter, root: c.written}
	if c.api.Auth.AtGatewayOnly() {
		return cloud, nil
	}
	_, centerErr := c.findDataCenter(ctx, center)
	if atlassian.CauseOf(centerErr) != atlassian.CauseWrongAddress {
		return center, c.unlessRefused(centerErr)
	}
	if !c.api.Options.PersonalAccessToken.IsSet() {
		siteErr := c.probe(ctx, c.siteEndpoint(cloud))
		if atlassian.CauseOf(siteErr) != c.product.Absent {
			return cloud, c.unlessRefused(siteErr)
		}
	}
	c.suggestContext(ctx, centerErr)
	return place{}, centerErr
}

// unlessRefused returns nil if the server has answered, even with a refusal. Otherwise it returns
// the error: the place is still unknown.
func (c *Client) unlessRefused(err error) error {
	var e *atlassian.Error
	if errors.As(err, &e) && e.Status == 0 || err != nil && e == nil {
		return err
	}
	return nil
}

// suggestContext puts the right api_url into the remedy if the product is under one of its usual
// context paths.
func (c *Client) suggestContext(ctx context.Context, err error) {
	var e *atlassian.Error
	if !errors.As(err, &e) {
		return
	}
	root := c.api.Base.Scheme + "://" + c.api.Base.Host
	for _, path := range c.product.Contexts {
		if path == c.api.Base.Path {
			continue
		}
		if app, askErr := c.askManifest(ctx, root+path); askErr == nil && app.kind == c.product.Key {
			e.Remedy = "set api_url to " + root + path + ", where " + c.product.Name + " is"
			return
		}
	}
}
