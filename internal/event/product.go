package event

import "fluent-bit-confluence/internal/meaning"

// Product is how the schemas name a product of Atlassian.
type Product struct {
	Key     string // in lower case, as in Site
	Name    string // as people write it
	Full    string // with the vendor
	Module  string // Elastic's integration for it
	Dataset string // and its data set
	profile *meaning.Profile
}

var (
	confluence = Product{"confluence", "Confluence", "Atlassian Confluence", "atlassian_confluence", "atlassian_confluence.audit", meaning.Confluence}
	jira       = Product{"jira", "Jira", "Atlassian Jira", "atlassian_jira", "atlassian_jira.audit", meaning.Jira}
)

// IsJira reports whether the product is Jira.
func (p *Product) IsJira() bool { return p == &jira }

// ProductOf returns the product that a site names.
func ProductOf(key string) *Product {
	if key == jira.Key {
		return &jira
	}
	return &confluence
}
