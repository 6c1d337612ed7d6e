// Package examples holds the recipes, so that the operator's tool can begin a configuration with
// one of them.
package examples

import (
	"embed"
	"path"
)

//go:embed */fluent-bit.yaml
var files embed.FS

// Names are those of the recipes, in alphabetical order.
func Names() []string {
	found, _ := files.ReadDir(".") // what is embedded can be read
	names := make([]string, len(found))
	for i, entry := range found {
		names[i] = entry.Name()
	}
	return names
}

// Recipe returns the configuration of a recipe in YAML, "" when there is none of that name.
func Recipe(name string) string {
	text, _ := files.ReadFile(path.Join(name, "fluent-bit.yaml"))
	return string(text)
}
