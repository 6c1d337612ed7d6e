package confluence

import (
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
	"fluent-bit-confluence/internal/site"
)

// New returns a client that reads the audit log of Confluence. It sends no request. The error has
// one line per mistake in the options.
func New(opts atlassian.Options) (*site.Client, error) { return site.New(&product, opts) }

// Product returns what is particular about Confluence. It must not be changed.
func Product() *site.Product { return &product }

var product = site.Product{
	Name: "Confluence",
	Key:  "confluence",
	Path: "/wiki",
	Root: "/wiki",

	Cloud:     site.API{Path: "/rest/api/audit", Format: paging.Results},
	Legacy:    site.API{Path: "/rest/api/audit", Format: paging.ServerResults},
	Since:     site.Version{7, 5},
	Retention: "/retention",

	Contexts: []string{"", "/confluence", "/wiki"},
	Login:    "/login.action",
	// The id of an author in a record is the key of the user.
	Self: site.Self{Path: "/rest/api/user/current", Key: "userKey", Name: "username", Param: "username"},

	Scopes: "the scope read:audit-log:confluence",
	Admin:  "a Confluence administrator",

	Absent: atlassian.CauseNoConfluence,
	Closed: atlassian.CauseNoAccess,
	Remedies: map[atlassian.Cause]string{
		atlassian.CauseScope: "make a token for Confluence, not for Jira, with the scope read:audit-log:confluence",
		atlassian.CauseNotAdmin: "make the account a Confluence administrator (Cloud: the global permission of that name; Data Center: system or Confluence " +
			"administrator)",
		atlassian.CauseFreePlan: "upgrade Confluence to Standard or higher",
		atlassian.CauseForbidden: "act on what the server says; if it says nothing, check that the account is a Confluence administrator and that no firewall or " +
			"proxy answers in place of Confluence",
	},
}
