package fluentbit

import (
	"slices"
	"strings"
)

// The keys of an input that Fluent Bit 5.1 reserves, so that no plugin sees them (src/flb_input.c,
// flb_input_set_property).
var (
	reserved = []string{
		"name", "tag", "alias", "log_level", "log_suppress_interval", "routable", "mem_buf_limit",
		"listen", "host", "port", "ipv6", "match", "retry_limit", "workers",
		"tls", "threaded", "rate_window", "processors", "routes", "telemetry",
	}
	reservedPrefixes = []string{"net.", "oauth2", "tls.", "storage.", "thread.", "rate_gate"}
)

// Reserved reports whether Fluent Bit reserves a key of an input.
func Reserved(key string) bool {
	key = strings.ToLower(key)
	return slices.Contains(reserved, key) ||
		slices.ContainsFunc(reservedPrefixes, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// harmful returns one line for each key of the input that makes Fluent Bit fail with a plugin
// written in Go.
func (s Section) harmful() []string {
	var lines []string
	for _, p := range s.Properties {
		key := strings.ToLower(p.Key)
		switch {
		case strings.HasPrefix(key, "net."):
			lines = append(lines, p.Key+": leave it out, net.* crashes Fluent Bit with this plugin; there are timeout and proxy")
		case strings.HasPrefix(key, "oauth2"):
			lines = append(lines, p.Key+": leave it out, Fluent Bit keeps oauth2* for itself; there are client_id, client_secret and token_url")
		case key == "tls" || strings.HasPrefix(key, "tls."):
			lines = append(lines, p.Key+": leave it out, Fluent Bit refuses it for this plugin; there are ca_file and tls_verify")
		}
	}
	return lines
}
