// Package organization reads the audit log of an Atlassian organization, which customers with
// Atlassian Guard have. It says where its API is, what that limits, and what is particular about
// its refusals.
//
// The API is a stream: it lists events in the order in which Atlassian has processed them, not of
// their own times. So a reader follows it from page to page, and has no need to look back.
//
//	client, err := organization.New(organization.Options{
//		Options: atlassian.Options{APIToken: atlassian.NewSecret(key)},
//		OrgID:   "22222222-3333-4444-8555-666666666666",
//	})
//	...
//	page, err := client.Page(ctx, "", from)
//	page, err = client.Page(ctx, page.Next, from)
//
// Sources: https://developer.atlassian.com/cloud/admin/organization/rest/api-group-events/ and
// https://developer.atlassian.com/cloud/admin/organization/poll-events-migration. What they leave
// open is marked as not verified; docs/organization.md has the list.
package organization

import (
	"cmp"
	"fmt"
	"sync"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
	"fluent-bit-confluence/internal/site"
)

// DefaultURL is where the API of Atlassian's commercial cloud is. A key goes to another address
// only if the operator names it.
const DefaultURL = "https://api.atlassian.com"

// MaxPage is the largest page that the API gives.
const MaxPage = 500

// Retention is how long Atlassian keeps events, whatever the plan. Source:
// https://support.atlassian.com/security-and-access-policies/docs/track-organization-activities-from-the-audit-log
const Retention = 180 * 24 * time.Hour

// limits are those of events-stream and of all requests of a user, which the answers do not tell.
var limits = atlassian.Quota{All: 60, Path: 50}

// Product returns the names of the organization's log and its remedies. It is no site.
func Product() *site.Product { return &product }

var product = site.Product{
	Name:   "Organization",
	Key:    "organization",
	ByID:   true,
	Scopes: "the scope read:events:admin",
	Admin:  "an organization administrator",
	Absent: atlassian.CauseNoOrganization,
	Remedies: map[atlassian.Cause]string{
		atlassian.CauseCredentials: "check api_key for typing errors and that it has not expired; it is made at admin.atlassian.com, Settings, API keys, with the scope " +
			"read:events:admin; the API token of an account does not work here",
		atlassian.CauseExpired: "the API key expired or was revoked, perhaps because its maker has left the organization: make a new one and put it in place",
		atlassian.CauseScope:   "make an API key of the organization with the scope read:events:admin, or one without scopes",
		atlassian.CauseForbidden: "act on what the server says; if it says nothing, check that the organization has Atlassian Guard, that the API key has the scope " +
			"read:events:admin, and that no firewall or proxy answers in place of Atlassian",
	},
}

// Options say which organization to read, and how.
type Options struct {
	// Options have the API key as APIToken. APIURL is DefaultURL if it is empty.
	atlassian.Options
	OrgID string // default: what the key lists, see Connect
	// SkipMirrored leaves out the events that a product has in its own audit log too, see
	// [Mirrored].
	SkipMirrored bool
}

// A Client reads the log of one organization. It is safe for concurrent use. All its callers share
// one limit of requests.
type Client struct {
	api    *atlassian.Client
	skip   bool
	asking sync.Mutex // held while the key is asked for its organizations
	size   paging.Size
	mu     sync.Mutex
	id     string
	// most is how many events to ask for at once. Whether so many are granted, granted tells.
	most    int
	granted bool
}

// New checks the options. It sends no request. The error has one line per mistake.
func New(o Options) (*Client, error) {
	o.APIURL = cmp.Or(o.APIURL, DefaultURL)
	o.Remedies, o.Quota = product.Remedies, limits
	o.PageSize = min(cmp.Or(o.PageSize, MaxPage), MaxPage)
	if o.OrgID != "" && !atlassian.IsCloudID(o.OrgID) {
		return nil, fmt.Errorf("org_id %q: want the id alone, such as 22222222-3333-4444-8555-666666666666", o.OrgID)
	}
	api, err := atlassian.New(o.Options)
	if err != nil {
		return nil, err
	}
	return &Client{api: api, skip: o.SkipMirrored, id: o.OrgID, most: o.PageSize}, nil
}

// Product returns the names and remedies of the log.
func (c *Client) Product() *site.Product { return &product }

// Now returns the time at Atlassian, see [atlassian.Client.Now].
func (c *Client) Now() time.Time { return c.api.Now() }

// Waited returns how long requests have waited, see [atlassian.Client.Waited].
func (c *Client) Waited() time.Duration { return c.api.Waited() }

// Slowed returns how often the API has asked us to slow down, see [atlassian.Client.Slowed].
func (c *Client) Slowed() int64 { return c.api.Slowed() }

// Requests returns the number of requests of a status class, see [atlassian.Client.Requests].
func (c *Client) Requests(class string) int64 { return c.api.Requests(class) }

// SecretChanged reports whether the file with the key has changed, see
// [atlassian.Client.SecretChanged].
func (c *Client) SecretChanged() bool { return c.api.SecretChanged() }

// PassedOver returns 0: the stream lists no event in a wrong place.
func (c *Client) PassedOver() int64 { return 0 }

// Site returns the organization as other packages name a site: by the address of its log, which
// has its id. Before Connect the id may be missing.
func (c *Client) Site() site.Site {
	c.mu.Lock()
	defer c.mu.Unlock()
	found := site.Site{Product: product.Key, URL: c.api.Base.String(), Deployment: atlassian.DeploymentCloud, Route: atlassian.RouteGateway, API: "events-stream"}
	if c.id != "" {
		found.URL, found.OrgID = c.root(c.id), c.id
	}
	return found
}

// root returns the address of the APIs of an organization.
func (c *Client) root(id string) string { return c.api.Base.String() + "/admin/v1/orgs/" + id }
