package site_test

import (
	"testing"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/jira"
)

// kind is a kind of server that a simulator plays.
type kind struct{ product, deployment string }

var kinds = [...]kind{
	{simulate.Confluence, simulate.Cloud}, {simulate.Confluence, simulate.DataCenter},
	{simulate.Jira, simulate.Cloud}, {simulate.Jira, simulate.DataCenter},
}

func (k kind) String() string { return k.product + " " + k.deployment }

// of returns the options of a simulator of this kind.
func (k kind) of(s simulate.Options) simulate.Options {
	s.Product, s.Deployment = k.product, k.deployment
	return s
}

// client returns a client with the credential of a simulator of this kind, unless o has one.
func (k kind) client(t *testing.T, o atlassian.Options) *site.Client {
	t.Helper()
	if o.UserIdentifier == "" && o.ClientID == "" && !o.APIToken.IsSet() && !o.PersonalAccessToken.IsSet() {
		o.UserIdentifier, o.APIToken = "admin@example.com", atlassian.NewSecret("unscoped-token")
		if k.deployment == simulate.DataCenter {
			o.UserIdentifier, o.APIToken = "admin", atlassian.NewSecret("password")
		}
	}
	open := confluence.New
	if k.product == simulate.Jira {
		open = jira.New
	}
	c, err := open(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
