package config

import (
	"maps"
	"slices"
	"strings"

	"fluent-bit-confluence/confluence"
	"fluent-bit-confluence/internal/site"
	"fluent-bit-confluence/jira"
	"fluent-bit-confluence/organization"
)

// productKey is the key that says whose audit log is read, and DefaultProduct its default.
const (
	productKey     = "product"
	DefaultProduct = "confluence"
)

// products are the products whose audit log can be read, by their value of the key product.
var products = map[string]*site.Product{DefaultProduct: confluence.Product(), "jira": jira.Product(), "organization": organization.Product()}

// Products returns the values of the key product, in alphabetical order.
func Products() []string { return slices.Sorted(maps.Keys(products)) }

// Product returns the product for a value of the key product: the default one for an empty value,
// or one that is wrong.
func Product(value string) *site.Product {
	if p := products[strings.ToLower(strings.TrimSpace(value))]; p != nil {
		return p
	}
	return products[DefaultProduct]
}
