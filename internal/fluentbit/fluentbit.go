// Package fluentbit reads Fluent Bit's configuration files: classic and YAML, with includes and variables. It reads
// them as Fluent Bit 5.1 does, its oddities included, because what it says of a file is worth something only where
// Fluent Bit would say the same. What it does not read alike it refuses. Package odd holds the files that show it, and
// the test of the host reads them with the real Fluent Bit.
package fluentbit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Configuration is what Fluent Bit makes of a file and all that it includes.
type Configuration struct {
	Files   []string // the file, and those that it includes
	Service Service
	Outputs []Section
	inputs  []Section
}

// Section is what Fluent Bit makes an instance of a plugin from, such as an input.
type Section struct {
	Where      string // file and line, such as fluent-bit.conf:12
	Properties []Property
}

// Property is one key of a section with its value, variables replaced.
type Property struct {
	Key, Value string
	Unset      []string // variables in the value that have no value themselves
}

// Get returns the value of a key and "" where there is none. As in Fluent Bit, case does not count and the first of
// several wins.
func (s Section) Get(key string) string {
	for _, p := range s.Properties {
		if strings.EqualFold(p.Key, key) {
			return p.Value
		}
	}
	return ""
}

// Keys returns the keys that reach the plugin, without those that Fluent Bit keeps for itself.
func (s Section) Keys() []string {
	var keys []string
	for _, p := range s.Properties {
		if !Reserved(p.Key) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// is tells whether the section is one of a plugin. Fluent Bit takes name://host:port for a name.
func (s Section) is(plugin string) bool {
	name, _, _ := strings.Cut(s.Get("name"), "://")
	return strings.EqualFold(name, plugin)
}

// Service holds the keys of the service, in the order of the files.
type Service []Property

// find returns the property that counts: of several the last one, unlike in a section of a plugin.
func (s Service) find(key string) Property {
	for _, p := range slices.Backward(s) {
		if strings.EqualFold(p.Key, key) {
			return p
		}
	}
	return Property{}
}

// Get returns the value of a key and "" where there is none.
func (s Service) Get(key string) string { return s.find(key).Value }

// Unset returns the variables in the value of a key that have no value themselves.
func (s Service) Unset(key string) []string { return s.find(key).Unset }

// On tells whether a key is switched on. Fluent Bit knows three words for that and takes any other for off.
func (s Service) On(key string) bool {
	return slices.Contains([]string{"on", "true", "yes"}, strings.ToLower(s.Get(key)))
}

// Inputs returns the inputs of a plugin in the order of the files.
func (c Configuration) Inputs(plugin string) []Section {
	return slices.DeleteFunc(slices.Clone(c.inputs), func(s Section) bool { return !s.is(plugin) })
}

// Read reads a file as Fluent Bit does that is started with it. getenv looks up variables that the file does not set,
// such as [os.Getenv].
func Read(path string, getenv func(string) string) (Configuration, error) {
	r := newReader(path)
	read := r.classic
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		read = r.yaml
	}
	if err := r.file(path, read); err != nil {
		return Configuration{}, err
	}
	return r.configuration(getenv)
}

// Inputs returns the inputs of a plugin in a file, see [Read].
func Inputs(path, plugin string, getenv func(string) string) ([]Section, error) {
	c, err := Read(path, getenv)
	if err != nil {
		return nil, err
	}
	return c.Inputs(plugin), nil
}

// configuration replaces variables, which Fluent Bit does after it has read all files, so a variable may be set behind
// its use.
func (r *reader) configuration(getenv func(string) string) (Configuration, error) {
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
	expandAll := func(properties []Property) {
		for i := range properties {
			p := &properties[i]
			p.Value, p.Unset = expand(p.Value, lookup)
		}
	}
	c := Configuration{Files: r.files, Service: r.service}
	expandAll(c.Service)
	for _, s := range r.sections {
		expandAll(s.Properties)
		if s.is("") {
			return Configuration{}, fmt.Errorf("%s: this %s has no name: Fluent Bit does not start", s.Where, s.kind)
		}
		switch s.kind {
		case "input":
			c.inputs = append(c.inputs, s.Section)
		case "output":
			c.Outputs = append(c.Outputs, s.Section)
		}
	}
	return c, nil
}

// section is one with its kind: an input, a filter, an output or a custom.
type section struct {
	kind string
	Section
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
