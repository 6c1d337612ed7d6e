package rig

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Keys are the properties of one section.
type Keys map[string]string

// With returns a copy of k with the keys of more added or replaced. An empty value removes a key.
func (k Keys) With(more Keys) Keys {
	k = maps.Clone(k)
	maps.Copy(k, more)
	maps.DeleteFunc(k, func(_, value string) bool { return value == "" })
	return k
}

// Config is a configuration of Fluent Bit with one plugin.
type Config struct {
	Plugin  string
	Classic bool // the classic format instead of YAML
	Service Keys
	Inputs  []Keys
	Filters []Keys
	Outputs []Keys

	Processors []Keys // of each input's logs; not in the classic format
}

// Stamp returns a filter that adds two values to every event when Fluent Bit takes it from the
// plugin: the number of the run, and a unique number. In a chunk that Fluent Bit sends twice the
// numbers are equal. In events that the plugin hands over twice they differ.
func Stamp(run int) Keys {
	return Keys{"name": "record_modifier", "match": "*", "record": fmt.Sprint("rig_run ", run), "uuid_key": "rig_uuid"}
}

// Service returns the settings of a service for tests: events are sent at once, and refused ones
// are tried again soon.
func Service() Keys {
	return Keys{"flush": "0.2", "grace": "5", "log_level": "info", "scheduler.base": "1", "scheduler.cap": "2"}
}

// Filesystem returns the settings of a service that keeps its chunks below dir.
func Filesystem(dir string) Keys {
	return Service().With(Keys{
		"storage.path": filepath.Join(dir, "chunks"), "storage.sync": "normal", "storage.max_chunks_up": "64", "storage.backlog.mem_limit": "16M",
	})
}

// Write puts the configuration into dir and returns its path.
func (c Config) Write(dir string) (string, error) {
	if c.Classic {
		return c.writeClassic(dir)
	}
	pipeline := map[string]any{"inputs": c.inputs(), "outputs": c.Outputs}
	if len(c.Filters) > 0 {
		pipeline["filters"] = c.Filters
	}
	text, err := yaml.Marshal(map[string]any{"service": c.Service, "plugins": []string{c.Plugin}, "pipeline": pipeline})
	if err != nil {
		return "", fmt.Errorf("write configuration: %w", err)
	}
	path := filepath.Join(dir, "fluent-bit.yaml")
	return path, os.WriteFile(path, text, 0o600)
}

// inputs returns the sections of the inputs with their processors.
func (c Config) inputs() []map[string]any {
	sections := make([]map[string]any, len(c.Inputs))
	for n, keys := range c.Inputs {
		sections[n] = map[string]any{}
		for key, value := range keys {
			sections[n][key] = value
		}
		if len(c.Processors) > 0 {
			sections[n]["processors"] = map[string]any{"logs": c.Processors}
		}
	}
	return sections
}

// writeClassic writes two files, because in the classic format the list of plugins has a file of
// its own.
func (c Config) writeClassic(dir string) (string, error) {
	plugins := filepath.Join(dir, "plugins.conf")
	if err := os.WriteFile(plugins, fmt.Appendf(nil, "[PLUGINS]\n    path %s\n", c.Plugin), 0o600); err != nil {
		return "", err
	}
	var b strings.Builder
	section := func(name string, keys Keys) {
		fmt.Fprintf(&b, "[%s]\n", name)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			fmt.Fprintf(&b, "    %s %s\n", key, keys[key])
		}
	}
	section("SERVICE", c.Service.With(Keys{"plugins_file": plugins}))
	for _, keys := range c.Inputs {
		section("INPUT", keys)
	}
	for _, keys := range c.Filters {
		section("FILTER", keys)
	}
	for _, keys := range c.Outputs {
		section("OUTPUT", keys)
	}
	path := filepath.Join(dir, "fluent-bit.conf")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}
