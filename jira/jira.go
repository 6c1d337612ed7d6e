// Package jira says where Jira Cloud and Data Center have their audit log, and what is particular
// about its refusals. Package site reads it.
package jira

import (
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/atlassian/paging"
	"fluent-bit-confluence/internal/site"
)

// New returns a client that reads the audit log of Jira. It sends no request. The error has one
// line per mistake in the options.
func New(opts atlassian.Options) (*site.Client, error) { return site.New(&product, opts) }

// Product returns what is particular about Jira. It must not be changed.
func Product() *site.Product { return &product }

var product = site.Product{
	Name: "Jira",
	Key:  "jira",
	Path: "/jira", Context: true,

	// Version 2 has the same, but is said not to take tokens with granular scopes.
	Cloud:  site.API{Path: "/rest/api/3/auditing/record", Format: paging.Records},
	Legacy: site.API{Path: "/rest/api/2/auditing/record", Format: paging.Records},
	Since:  site.Version{8, 8},
	ByID:   true,

	Contexts: []string{"", "/jira"},
	Login:    "/login.jsp",
	// The id of an author in a record is a number, which myself does not tell: the name decides.
	Self: site.Self{Path: "/rest/api/2/myself", Name: "name", Param: "name"},

	Scopes: "the scopes read:audit-log:jira and read:user:jira",
	Admin:  "a Jira administrator",

	Absent: atlassian.CauseNoJira,
	Closed: atlassian.CauseNoJiraAccess,
	Remedies: map[atlassian.Cause]string{
		atlassian.CauseScope: "make a token for Jira, not for Confluence, with the scopes read:audit-log:jira and read:user:jira; the classic scope " +
			"manage:jira-configuration works too, but lets the token change settings",
		atlassian.CauseNotAdmin: "give the account the global permission Administer Jira; without a paid plan of a Jira product a Cloud site has no audit log either",
		atlassian.CauseFreePlan: "upgrade a Jira product of the site to Standard or higher",
		atlassian.CauseForbidden: "act on what the server says; if it says nothing, check that the account has the global permission Administer Jira, that a Jira " +
			"product of the site has a paid plan, and that no firewall or proxy answers in place of Jira",
	},
}
