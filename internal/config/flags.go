package config

import (
	"os"
	"regexp"
	"strings"
)

// FlagName is the command line's name of a key: --api-url for api_url.
func (k Key) FlagName() string { return strings.ReplaceAll(k.Name, "_", "-") }

// Variable is the environment variable of a key, for an input that reads the given product:
// CONFLUENCE_API_URL or JIRA_API_URL for api_url. The product itself is CONFLUENCE_PRODUCT, as the
// variable that says which the others are cannot depend on it.
func (k Key) Variable(product string) string {
	if k.Name == productKey {
		product = DefaultProduct
	}
	return strings.ToUpper(product + "_" + k.Name)
}

// Environment returns a function that returns the value of a key's environment variable. It is an
// argument for [Parse]. Each product has variables of its own, so that those of one never reach the
// site of the other.
func Environment(product string) func(key string) string {
	product = Product(product).Key
	return func(name string) string {
		key, ok := lookup(name)
		if !ok {
			return ""
		}
		return os.Getenv(key.Variable(product))
	}
}

var link = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)

// PlainHelp is what the key does, without Markdown.
func (k Key) PlainHelp() string { return Plain(k.Help) }

// Plain returns a text of the manual's tables without Markdown, for a terminal or Prometheus.
func Plain(text string) string {
	return strings.ReplaceAll(link.ReplaceAllString(text, "$1"), "`", "")
}
