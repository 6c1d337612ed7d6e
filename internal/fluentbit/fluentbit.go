// Package fluentbit reads Fluent Bit's configuration files: classic and YAML, with includes and
// variables. It reads them as Fluent Bit 5.1 does, with the same oddities, so that its verdict on a
// file is the verdict of Fluent Bit. What it cannot read in the same way it refuses. Package odd
// holds the files that prove it: a test reads them with the real Fluent Bit too.
package fluentbit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Configuration is what Fluent Bit reads from a file and from all that it includes.
type Configuration struct {
	Files   []string // the file, and those that it includes
	Service Service
	Outputs []Section
	Plugins []string // shared objects that it loads, and files that name more
	Secrets []string // secret values, of all plugins
	Unset   []string // variables without a value
	Routed  bool     // an input has routes that name the outputs for its records
	inputs  []Section
}

// Section is a section from which Fluent Bit makes an instance of a plugin, such as an input.
type Section struct {
	Where      string // file and line, such as fluent-bit.conf:12
	Properties []Property
}

// Property is one key of a section with its value, variables replaced.
type Property struct {
	Key, Value string
	Unset      []string // variables in the value that have no value themselves
}

// Get returns the value of a key, "" when it is not set. As in Fluent Bit, upper and lower case are
// equal, and the first of several wins. Of a key that Fluent Bit reserves, the last one that is not
// empty wins.
func (s Section) Get(key string) string {
	last := Reserved(key) && !strings.EqualFold(key, "name")
	value := ""
	for _, p := range s.Properties {
		switch {
		case !strings.EqualFold(p.Key, key):
		case !last:
			return p.Value
		case p.Value != "":
			value = p.Value
		}
	}
	return value
}

func (s Section) has(key string) bool {
	return slices.ContainsFunc(s.Properties, func(p Property) bool { return strings.EqualFold(p.Key, key) })
}

// Keys returns the keys that reach the plugin, without those that Fluent Bit reserves.
func (s Section) Keys() []string {
	var keys []string
	for _, p := range s.Properties {
		if !Reserved(p.Key) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// is reports whether the section is of the given plugin. Fluent Bit accepts name://host:port as a
// name, too.
func (s Section) is(plugin string) bool {
	name, _, _ := strings.Cut(s.Get("name"), "://")
	return strings.EqualFold(name, plugin)
}

// Service holds the keys of the service, in the order of the files.
type Service []Property

// find returns the property of a key: the last of several, unlike in a section of a plugin.
func (s Service) find(key string) Property {
	for _, p := range slices.Backward(s) {
		if strings.EqualFold(p.Key, key) {
			return p
		}
	}
	return Property{}
}

// Get returns the value of a key, "" when it is not set.
func (s Service) Get(key string) string { return s.find(key).Value }

// Unset returns the variables in the value of a key that have no value themselves.
func (s Service) Unset(key string) []string { return s.find(key).Unset }

// On reports whether a key is on. Fluent Bit knows three words for on; any other means off.
func (s Service) On(key string) bool {
	return slices.Contains([]string{"on", "true", "yes"}, strings.ToLower(s.Get(key)))
}

// Ends returns how many inputs and outputs there are, of all plugins.
func (c Configuration) Ends() int { return len(c.inputs) + len(c.Outputs) }

// Inputs returns the inputs of a plugin in the order of the files.
func (c Configuration) Inputs(plugin string) []Section {
	return slices.DeleteFunc(slices.Clone(c.inputs), func(s Section) bool { return !s.is(plugin) })
}

// Read reads a file as Fluent Bit does when it starts with it. getenv, such as [os.Getenv], looks
// up variables that the file does not set.
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

// configuration replaces the variables. Like Fluent Bit it does so after all files are read, so a
// variable may be set after its use.
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
	c := Configuration{Files: r.files, Plugins: r.loads, Routed: r.routed}
	for _, s := range r.sections {
		for i := range s.Properties {
			p := &s.Properties[i]
			p.Value, p.Unset = expand(p.Value, lookup)
			c.Unset = append(c.Unset, p.Unset...)
			if secret := p.secret(); secret != "" {
				c.Secrets = append(c.Secrets, secret)
			}
		}
		switch {
		case s.kind == "service":
			c.Service = append(c.Service, s.Properties...)
			continue
		case s.is(""):
			return Configuration{}, fmt.Errorf("%s: this %s has no name: Fluent Bit does not start", s.Where, s.kind)
		case s.kind == "filter" && !s.has("match") && !s.has("match_regex"):
			return Configuration{}, fmt.Errorf("%s: this filter has no match: Fluent Bit does not start", s.Where)
		}
		switch s.kind {
		case "input":
			c.inputs = append(c.inputs, s.Section)
		case "output":
			c.Outputs = append(c.Outputs, s.Section)
		}
	}
	for i, path := range c.Plugins {
		c.Plugins[i], _ = expand(path, lookup)
	}
	if path := c.Service.Get("plugins_file"); path != "" {
		c.Plugins = append(c.Plugins, path)
	}
	return c, nil
}

// secret returns the secret part of a property, "" if there is none.
func (p Property) secret() string {
	if secretKey.MatchString(p.Key) && !strings.HasSuffix(p.Key, "_file") {
		return p.Value
	}
	_, address, _ := strings.Cut(p.Value, "://")
	if at := strings.LastIndexByte(address, '@'); at > 0 {
		_, password, _ := strings.Cut(address[:at], ":")
		return password
	}
	return ""
}

// secretKey matches keys of any plugin whose values are secret.
var secretKey = regexp.MustCompile(`(?i)passw|token$|secret|api_?key|shared_key|access_key|private_key|header`)

// section is a section with its kind: service, input, filter, output or custom.
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

// kindOf returns the kind of a section and its full name. Fluent Bit compares only as many letters
// as the file has: [IN] is an input too.
func kindOf(name string) (kind, full string) {
	for _, k := range kinds {
		if len(name) <= len(k.name) && strings.EqualFold(name, k.name[:len(name)]) {
			return k.kind, k.name
		}
	}
	return "other", name
}

// isKept reports whether sections of a kind are kept.
func isKept(kind string) bool { return kind == "service" || isPlugin(kind) }

// isPlugin reports whether Fluent Bit makes an instance of a plugin from sections of a kind.
func isPlugin(kind string) bool {
	switch kind {
	case "input", "filter", "output", "custom":
		return true
	}
	return false
}
