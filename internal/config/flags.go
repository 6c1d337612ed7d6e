package config

import (
	"os"
	"regexp"
	"strings"
)

// FlagName is the command line's name of a key: --api-url for api_url.
func (k Key) FlagName() string { return strings.ReplaceAll(k.Name, "_", "-") }

// Variable is the environment variable of a key: CONFLUENCE_API_URL for api_url.
func (k Key) Variable() string { return "CONFLUENCE_" + strings.ToUpper(k.Name) }

// Environment returns the value of a key's environment variable. It is an argument for [Parse].
func Environment(name string) string {
	key, ok := lookup(name)
	if !ok {
		return ""
	}
	return os.Getenv(key.Variable())
}

var link = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)

// PlainHelp is what the key does, without Markdown.
func (k Key) PlainHelp() string { return Plain(k.Help) }

// Plain returns a text of the manual's tables without Markdown, for a terminal or Prometheus.
func Plain(text string) string {
	return strings.ReplaceAll(link.ReplaceAllString(text, "$1"), "`", "")
}
