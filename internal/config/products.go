package config

import (
	"maps"
	"slices"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/jira"
)

// products are the products whose audit log can be read, by their value of the key product.
var products = map[string]*site.Product{"confluence": confluence.Product(), "jira": jira.Product()}

// Products returns the values of the key product, in alphabetical order.
func Products() []string { return slices.Sorted(maps.Keys(products)) }
