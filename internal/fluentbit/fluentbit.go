// Package fluentbit reads the inputs of one plugin out of Fluent Bit's configuration files, as Fluent Bit would: classic
// and YAML, with includes and variables.
package fluentbit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Input is one input of a configuration.
type Input struct {
	Where string // file and line, such as fluent-bit.conf:12
	Properties
}

// Properties are the keys of a section, in their order.
type Properties []Property

// Property is one key of an input with its value, variables replaced.
type Property struct {
	Key, Value string
	Unset      []string // variables in the value that have no value themselves
}

// Get returns the value of a key and "" where there is none. As in Fluent Bit, case does not count and the first of
// several wins.
func (all Properties) Get(key string) string {
	for _, p := range all {
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
	r, err := read(path)
	if err != nil {
		return nil, err
	}
	var found []Input
	for _, in := range r.inputs {
		r.expand(in.Properties, getenv)
		if strings.EqualFold(in.Get("name"), plugin) {
			found = append(found, in)
		}
	}
	return found, nil
}

// Service returns the keys of the service, such as where the HTTP server listens.
func Service(path string, getenv func(string) string) (Properties, error) {
	r, err := read(path)
	if err != nil {
		return nil, err
	}
	r.expand(r.service, getenv)
	return r.service, nil
}

func read(path string) (*reader, error) {
	r := &reader{root: filepath.Dir(path), env: make(map[string]string)}
	return r, r.file(path)
}

// maxFiles and maxFileSize bound what includes can pull in.
const (
	maxFiles    = 100
	maxFileSize = 32 << 20
)

// reader collects what is spread over a file and its includes.
type reader struct {
	root    string // folder of the first file
	seen    []string
	env     map[string]string // variables that the files set
	inputs  []Input           // of all plugins, values as written
	service Properties        // the same
}

func (r *reader) file(path string) error {
	if slices.Contains(r.seen, path) {
		return fmt.Errorf("read %s: it is included twice, Fluent Bit refuses that", path)
	}
	if len(r.seen) == maxFiles {
		return fmt.Errorf("read %s: more than %d files are included", path, maxFiles)
	}
	r.seen = append(r.seen, path)
	data, err := readFile(path)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return r.yaml(path, data)
	}
	return r.classic(path, data)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(data) > maxFileSize {
		err = fmt.Errorf("%s: larger than %d bytes", path, maxFileSize)
	}
	return data, err
}

// include reads the files that a path or a pattern with * names.
func (r *reader) include(path string) error {
	if !strings.Contains(path, "*") {
		return r.file(path)
	}
	matches, err := filepath.Glob(path)
	if err != nil {
		return fmt.Errorf("include %s: %w", path, err)
	}
	for _, match := range matches {
		if err := r.file(match); err != nil {
			return err
		}
	}
	return nil
}

var errNotText = errors.New("want text, not a map: Fluent Bit refuses it")
