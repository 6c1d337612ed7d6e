package confluence

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

// place is what an address turned out to be.
type place struct {
	deployment atlassian.Deployment
	cloudID    string // Cloud, empty if not told
	gateway    string // Cloud, base URL
	root       string // Data Center, base URL with context path
	atGateway  bool   // api_url is one at the gateway
	version    string // Data Center, empty if not told
	proved     bool   // the server itself told, not the settings or its name
	tenant     tenant // Cloud
}

// tenant is what a Cloud site tells without a login.
type tenant struct {
	id     string // its cloud id, empty if it does not tell
	status int    // of the answer, 0: not asked
}

// untold is why there is no cloud id, for messages.
func (p place) untold() string {
	if p.tenant.status == 0 || p.tenant.status == http.StatusOK {
		return ""
	}
	return fmt.Sprintf(": %s answers %d", tenantPath, p.tenant.status)
}

const tenantPath = "/_edge/tenant_info"

// findPlace finds out what is at the address. Where it can it asks without a credential; the host
// name alone decides nothing, because Cloud has custom domains and a Data Center can be called
// anything.
func (c *Client) findPlace(ctx context.Context) (place, error) {
	cloud := place{deployment: atlassian.DeploymentCloud, cloudID: c.api.Options.CloudID, gateway: c.api.Options.GatewayURL}
	if gateway, id, ok := splitGateway(c.api.Base.String()); ok {
		return place{deployment: atlassian.DeploymentCloud, cloudID: id, gateway: gateway, atGateway: true}, c.fitsCloud()
	}
	if c.api.Options.Deployment == atlassian.DeploymentDataCenter {
		center, err := c.findCenter(ctx)
		if err == nil && center.root == "" {
			center = place{deployment: atlassian.DeploymentDataCenter, root: c.api.Base.String()}
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
	// A proxy may keep what tells the id from us, and let the API through.
	if told.id != "" || c.api.Options.Deployment == atlassian.DeploymentCloud || atlassian.IsCloud(c.api.Base.Hostname()) {
		return cloud, c.fitsCloud()
	}
	if center, err := c.findCenter(ctx); err != nil || center.root != "" {
		return center, err
	}
	return c.findByProbing(ctx, cloud)
}

// findCenter asks for the manifest of a Data Center; the place has no root if there is none. A
// /wiki at the end of api_url may be its context path.
func (c *Client) findCenter(ctx context.Context) (place, error) {
	roots := []string{c.api.Base.String()}
	if c.wiki {
		roots = []string{c.api.Base.String() + "/wiki", c.api.Base.String()}
	}
	for _, root := range roots {
		app, err := c.askManifest(ctx, root)
		switch {
		case err != nil:
			return place{}, err
		case app.kind == "confluence":
			return place{deployment: atlassian.DeploymentDataCenter, root: root, version: app.version, proved: true}, nil
		case app.kind != "":
			return place{}, atlassian.Fail(atlassian.CauseNoConfluence, nil, "there is no Confluence at %s but another product, %s", c.api.Address(), c.api.Quote(app.kind, 40))
		}
	}
	return place{}, nil
}

// fitsCloud refuses a credential that Cloud has no use for.
func (c *Client) fitsCloud() error {
	if c.api.Options.PersonalAccessToken.IsSet() {
		return atlassian.Fail(atlassian.CauseCredentialKind, nil, "%s is Confluence Cloud, which has no personal access tokens", c.api.Host)
	}
	return nil
}

// tenantInfo asks a Cloud site for its cloud id.
func (c *Client) tenantInfo(ctx context.Context) (tenant, error) {
	a, err := c.api.GetAnonymous(ctx, c.api.Base.String()+tenantPath)
	if err != nil {
		return tenant{}, err
	}
	if a.Status == http.StatusTooManyRequests || a.Status >= 500 {
		return tenant{}, c.api.JudgeCommon(a) // says nothing about what is there
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

// CloudID returns the cloud id of the site as it is set, as api_url has it, or as the site tells
// without a login; empty if it has none or does not tell.
func (c *Client) CloudID(ctx context.Context) (string, error) {
	if _, id, ok := splitGateway(c.api.Base.String()); ok {
		return id, nil
	}
	if c.api.Options.CloudID != "" || c.api.Options.Deployment == atlassian.DeploymentDataCenter {
		return c.api.Options.CloudID, nil
	}
	told, err := c.tenantInfo(ctx)
	return told.id, err
}

// application is what the application-link manifest of an Atlassian server says.
type application struct{ kind, version string }

var (
	manifestKind    = regexp.MustCompile(`(?:<typeId>|"typeId"\s*:\s*")([a-z]+)`)
	manifestVersion = regexp.MustCompile(`(?:<version>|"version"\s*:\s*")([0-9][0-9.]*)`)
	pageVersion     = regexp.MustCompile(`name="ajs-version-number" content="([0-9][0-9.]*)"`)
)

// askLoginPage asks a Data Center for its version where every browser sees it; empty if it does not
// tell.
func (c *Client) askLoginPage(ctx context.Context, base string) (string, error) {
	a, err := c.api.GetAnonymous(ctx, base+"/login.action")
	if err != nil {
		return "", err
	}
	if version := pageVersion.FindSubmatch(a.Body); version != nil {
		return string(version[1]), nil
	}
	return "", nil
}

// hasAuditing tells whether a version of Data Center has the auditing API, which came with 7.5.
func hasAuditing(version string) bool {
	parts := strings.SplitN(version+".0", ".", 3)
	major, _ := atlassian.ParseDigits(parts[0])
	minor, _ := atlassian.ParseDigits(parts[1])
	return major > 7 || major == 7 && minor >= 5
}

// askManifest asks for the manifest of a Data Center, which other applications read without a
// login.
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

// findByProbing tries the credential at the APIs themselves: a reverse proxy may let nothing else
// through.
func (c *Client) findByProbing(ctx context.Context, cloud place) (place, error) {
	center := place{deployment: atlassian.DeploymentDataCenter, root: c.api.Base.String()}
	if c.api.Auth.AtGatewayOnly() {
		return cloud, nil
	}
	_, centerErr := c.findDataCenter(ctx, center)
	if atlassian.CauseOf(centerErr) != atlassian.CauseWrongAddress {
		return center, c.unlessRefused(centerErr)
	}
	if !c.api.Options.PersonalAccessToken.IsSet() {
		siteErr := c.probe(ctx, c.siteEndpoint(cloud))
		if atlassian.CauseOf(siteErr) != atlassian.CauseNoConfluence {
			return cloud, c.unlessRefused(siteErr)
		}
	}
	c.suggestContext(ctx, centerErr)
	return place{}, centerErr
}

// unlessRefused keeps only errors that leave open what the place is.
func (c *Client) unlessRefused(err error) error {
	var e *atlassian.Error
	if errors.As(err, &e) && e.Status == 0 || err != nil && e == nil {
		return err
	}
	return nil
}

// suggestContext puts the right api_url into the remedy if Confluence is found under one of its
// usual context paths.
func (c *Client) suggestContext(ctx context.Context, err error) {
	var e *atlassian.Error
	if !errors.As(err, &e) {
		return
	}
	root := c.api.Base.Scheme + "://" + c.api.Base.Host
	for _, path := range []string{"", "/confluence", "/wiki"} {
		if path == c.api.Base.Path {
			continue
		}
		if app, askErr := c.askManifest(ctx, root+path); askErr == nil && app.kind == "confluence" {
			e.Remedy = "set api_url to " + root + path + ", where Confluence is"
			return
		}
	}
}
