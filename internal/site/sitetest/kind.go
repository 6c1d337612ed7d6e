package sitetest

import (
	"testing"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/jira"
)

// Kind is a kind of server that a simulator plays.
type Kind struct{ Product, Deployment string }

// Kinds are all kinds of servers with a product.
var Kinds = [...]Kind{
	{simulate.Confluence, simulate.Cloud}, {simulate.Confluence, simulate.DataCenter},
	{simulate.Jira, simulate.Cloud}, {simulate.Jira, simulate.DataCenter},
}

func (k Kind) String() string { return k.Product + " " + k.Deployment }

// Of returns the options of a simulator of this kind.
func (k Kind) Of(s simulate.Options) simulate.Options {
	s.Product, s.Deployment = k.Product, k.Deployment
	return s
}

// Client returns a client with the credential of a simulator of this kind, unless o has one.
func (k Kind) Client(t *testing.T, o atlassian.Options) *site.Client {
	t.Helper()
	if o.UserIdentifier == "" && o.ClientID == "" && !o.APIToken.IsSet() && !o.PersonalAccessToken.IsSet() {
		o.UserIdentifier, o.APIToken = "admin@example.com", atlassian.NewSecret("unscoped-token")
		if k.Deployment == simulate.DataCenter {
			o.UserIdentifier, o.APIToken = "admin", atlassian.NewSecret("password")
		}
	}
	open := confluence.New
	if k.Product == simulate.Jira {
		open = jira.New
	}
	c, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
