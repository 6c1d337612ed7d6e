// Package fluentbit reads the inputs of one plugin, and the outputs, out of Fluent Bit's configuration files: classic and YAML, with
// includes and variables. It reads them as Fluent Bit 5.1 does, its oddities included, because what it says of a file is
// worth something only where Fluent Bit would say the same. What it does not read alike it refuses. Package odd holds
// the files that show it, and the test of the host reads them with the real Fluent Bit.
package fluentbit

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Input is one input of a configuration, or one output.
type Input struct {
	Where      string // file and line, such as fluent-bit.conf:12
	Properties []Property
}

// Property is one key of an input with its value, variables replaced.
type Property struct {
	Key, Value string
	Unset      []string // variables in the value that have no value themselves
}

// Get returns the value of a key and "" where there is none. As in Fluent Bit, case does not count and the first of
// several wins.
func (in Input) Get(key string) string {
	for _, p := range in.Properties {
		if strings.EqualFold(p.Key, key) {
			return p.Value
		}
	}
	return ""
}

// Keys returns the keys that reach the plugin, without those that Fluent Bit keeps for itself.
func (in Input) Keys() []string {
	var keys []string
	for _, p := range in.Properties {
		if !Reserved(p.Key) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// Inputs returns the inputs of a plugin in the order of the file. getenv looks up variables that the file does not set,
// such as [os.Getenv].
func Inputs(path, plugin string, getenv func(string) string) ([]Input, error) {
	return read(path, getenv, func(kind, name string) bool { return kind == "input" && strings.EqualFold(name, plugin) })
}

// Outputs returns all outputs in the order of the file.
func Outputs(path string, getenv func(string) string) ([]Input, error) {
	return read(path, getenv, func(kind, _ string) bool { return kind == "output" })
}

// read returns the sections that are wanted.
func read(path string, getenv func(string) string, wanted func(kind, name string) bool) ([]Input, error) {
	r := newReader(path)
	read := r.classic
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		read = r.yaml
	}
	if err := r.file(path, read); err != nil {
		return nil, err
	}
	return r.wanted(getenv, wanted)
}

// wanted replaces variables, which Fluent Bit does after it has read all files, so a variable may be set behind its use.
func (r *reader) wanted(getenv func(string) string, wanted func(kind, name string) bool) ([]Input, error) {
	lookup := func(name string) (string, bool) {
		if value, ok := r.env[name]; ok {
			return value, true
		}
		value := getenv(name)
		if name == "HOSTNAME" && value == "" {
			value, _ = os.Hostname() // Fluent Bit sets it where the shell does not
		}
		return value, value != ""
	}
	var found []Input
	for _, s := range r.sections {
		for i := range s.Properties {
			p := &s.Properties[i]
			p.Value, p.Unset = expand(p.Value, lookup)
		}
		name, _, _ := strings.Cut(s.Get("name"), "://") // Fluent Bit takes name://host:port
		if name == "" {
			return nil, fmt.Errorf("%s: this %s has no name: Fluent Bit does not start", s.Where, s.kind)
		}
		if wanted(s.kind, name) {
			found = append(found, s.Input)
		}
	}
	return found, nil
}

// section is what Fluent Bit makes an instance of a plugin from: an input, a filter, an output or a custom.
type section struct {
	kind string
	Input
}

// kinds are the sections that Fluent Bit knows, in the order in which it compares.
var kinds = []struct{ name, kind string }{
	{"service", "service"}, {"parser", "parser"}, {"multiline_parser", "parser"}, {"stream_processor", "stream_processor"},
	{"plugins", "plugins"}, {"upstream_servers", "upstream_servers"}, {"custom", "custom"}, {"customs", "custom"},
	{"input", "input"}, {"inputs", "input"}, {"filter", "filter"}, {"filters", "filter"}, {"output", "output"}, {"outputs", "output"},
}

// kindOf returns the kind of a section and the name it stands for. Fluent Bit compares only as many letters as the file
// has: [IN] is an input too.
func kindOf(name string) (kind, full string) {
	for _, k := range kinds {
		if len(name) <= len(k.name) && strings.EqualFold(name, k.name[:len(name)]) {
			return k.kind, k.name
		}
	}
	return "other", name
}

// isPlugin tells whether sections of a kind make an instance of a plugin.
func isPlugin(kind string) bool {
	switch kind {
	case "input", "filter", "output", "custom":
		return true
	}
	return false
}
