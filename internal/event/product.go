package event

import "fluent-bit-confluence/internal/meaning"

// Product is how the schemas name a product of Atlassian.
type Product struct {
	Key     string // in lower case, as in Site
	Object  string // of an event, for what its schema has no place for
	Name    string // as people write it
	Full    string // with the vendor
	Module  string // Elastic's integration for it
	Dataset string // and its data set
	profile *meaning.Profile
}

// In ECS, organization is a field of its own.
var (
	confluence   = Product{"confluence", "confluence", "Confluence", "Atlassian Confluence", "atlassian_confluence", "atlassian_confluence.audit", meaning.Confluence}
	jira         = Product{"jira", "jira", "Jira", "Atlassian Jira", "atlassian_jira", "atlassian_jira.audit", meaning.Jira}
	organization = Product{"organization", "atlassian_cloud", "Organization", "Atlassian Organization", "atlassian_cloud", "atlassian_cloud.audit", meaning.Organization}
)

// IsJira reports whether the product is Jira.
func (p *Product) IsJira() bool { return p == &jira }

// ProductOf returns the product that a site names.
func ProductOf(key string) *Product {
	switch key {
	case jira.Key:
		return &jira
	case organization.Key:
		return &organization
	}
	return &confluence
}
