// Package fluentbit reads Fluent Bit's configuration files: classic and YAML, with includes and
// variables. It reads them as Fluent Bit 5.1 does, its oddities included, because what it says of a
// file is worth something only where Fluent Bit would say the same. What it does not read alike it
// refuses. Package odd holds the files that show it, and the test of the host reads them with the
// real Fluent Bit.
package fluentbit

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Configuration is what Fluent Bit makes of a file and all that it includes.
type Configuration struct {
	Files   []string // the file, and those that it includes
	Service Service
	Outputs []Section
	Plugins []string // shared objects that it loads, and files that name more
	Secrets []string // values that nobody should see, of all plugins
	Unset   []string // variables without a value
	Routed  bool     // an input says itself which outputs get its records
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

// Get returns the value of a key and "" where there is none. As in Fluent Bit, case does not count
// and the first of several wins; of keys that Fluent Bit keeps for itself the last one that is not
// empty.
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

// On tells whether a key is switched on. Fluent Bit knows three words for that and takes any other
// for off.
func (s Service) On(key string) bool {
	return slices.Contains([]string{"on", "true", "yes"}, strings.ToLower(s.Get(key)))
}

// Ends is how many inputs and outputs there are, of all plugins.
func (c Configuration) Ends() int { return len(c.inputs) + len(c.Outputs) }

// Inputs returns the inputs of a plugin in the order of the files.
func (c Configuration) Inputs(plugin string) []Section {
	return slices.DeleteFunc(slices.Clone(c.inputs), func(s Section) bool { return !s.is(plugin) })
}

// Read reads a file as Fluent Bit does that is started with it. getenv looks up variables that the
// file does not set, such as [os.Getenv].
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

// configuration replaces variables, which Fluent Bit does after it has read all files, so a
// variable may be set behind its use.
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

// secret is what nobody should see of a property, "" if all may be seen.
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

// secretKey finds keys of any plugin whose values are secret.
var secretKey = regexp.MustCompile(`(?i)passw|token$|secret|api_?key|shared_key|access_key|private_key|header`)

// section is one with its kind: an input, a filter, an output or a custom. The service is one too.
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

// kindOf returns the kind of a section and the name it stands for. Fluent Bit compares only as many
// letters as the file has: [IN] is an input too.
func kindOf(name string) (kind, full string) {
	for _, k := range kinds {
		if len(name) <= len(k.name) && strings.EqualFold(name, k.name[:len(name)]) {
			return k.kind, k.name
		}
	}
	return "other", name
}

// isKept tells whether sections of a kind are kept.
func isKept(kind string) bool { return kind == "service" || isPlugin(kind) }

// isPlugin tells whether sections of a kind make an instance of a plugin.
func isPlugin(kind string) bool {
	switch kind {
	case "input", "filter", "output", "custom":
		return true
	}
	return false
}
