package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/fluentbit"
)

// section is a part of a configuration of Fluent Bit: its service, an input, an output. Values
// stand there as written.
type section struct {
	kind  string // service, input, filter, output and others, in lower case
	where string // file and line
	keys  []sectionKey
}

type sectionKey struct{ name, value string }

// get returns the value of a key, "" when there is none.
func (s section) get(name string) string {
	for _, k := range s.keys {
		if strings.EqualFold(k.name, name) {
			return k.value
		}
	}
	return ""
}

// name is how a person calls it.
func (s section) name() string {
	return fmt.Sprintf("%s (%s)", either(s.get("alias"), s.get("name")), s.where)
}

// readSections returns the sections of a configuration, for advice on what stands around the
// inputs. It returns false when it does not see all of them: what includes bring is not looked at
// here, and no advice is better than a wrong one.
func readSections(path string) (sections []section, all bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml":
		return yamlSections(path, text)
	}
	return classicSections(path, string(text))
}

func classicSections(path, text string) (sections []section, all bool) {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		word, rest, _ := strings.Cut(strings.TrimLeft(line, " \t"), " ")
		switch {
		case word == "" || word[0] == '#':
		case strings.EqualFold(word, "@include"):
			return nil, false
		case word[0] == '@':
		case line[0] == '[':
			kind := strings.ToLower(strings.Trim(line, "[]"))
			sections = append(sections, section{kind: kind, where: fmt.Sprintf("%s:%d", path, number)})
		case len(sections) > 0:
			s := &sections[len(sections)-1]
			s.keys = append(s.keys, sectionKey{word, strings.TrimSpace(rest)})
		}
	}
	return sections, true
}

func yamlSections(path string, text []byte) (sections []section, all bool) {
	var document struct {
		Includes yaml.Node
		Service  yaml.Node
		Pipeline map[string]yaml.Node
	}
	if err := yaml.Unmarshal(text, &document); err != nil || !document.Includes.IsZero() {
		return nil, false
	}
	add := func(kind string, node *yaml.Node) {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		s := section{kind: kind, where: fmt.Sprintf("%s:%d", path, node.Line)}
		for i := 0; i+1 < len(node.Content); i += 2 {
			s.keys = append(s.keys, sectionKey{node.Content[i].Value, node.Content[i+1].Value})
		}
		sections = append(sections, s)
	}
	add("service", &document.Service)
	for kind, list := range document.Pipeline {
		for _, item := range list.Content {
			add(strings.TrimSuffix(strings.ToLower(kind), "s"), item)
		}
	}
	return sections, true
}

// local are the outputs that have nobody to wait for.
var local = []string{"stdout", "file", "null", "counter", "exit", "lib", "flowcounter"}

// adviseOn finds what stands around the inputs and keeps Fluent Bit from starting, or lets it lose
// records.
func adviseOn(sections []section, inputs []input) {
	var service section
	var impatient, unmatched []string
	ends := 0 // inputs and outputs: a single one of each needs no match
	for _, s := range sections {
		if s.kind == "input" || s.kind == "output" {
			ends++
		}
		if s.kind == "output" && s.get("match") == "" && s.get("match_regex") == "" {
			unmatched = append(unmatched, s.name())
		}
		switch {
		case s.kind == "service" && len(s.keys) > 0:
			service = s
		case s.kind == "output" && s.get("retry_limit") == "" && !slices.Contains(local, strings.ToLower(s.get("name"))):
			impatient = append(impatient, s.name())
		}
	}
	inherited := ""
	if value := strings.ToLower(service.get("storage.inherit")); value == "on" || value == "true" {
		inherited = service.get("storage.type")
	}
	for i := range inputs {
		in := &inputs[i]
		if in.storage == "" {
			in.storage = inherited
		}
		switch kind := strings.ToLower(in.storage); {
		case kind == "filesystem" && len(service.keys) == 0: // a part that another file includes
			in.warnings = append(in.warnings, "storage.type filesystem: Fluent Bit does not start without storage.path in its service, which is not in this file")
		case kind == "filesystem" && service.get("storage.path") == "":
			in.mistakes = append(in.mistakes, "storage.type filesystem: the service has no storage.path, and Fluent Bit does not start without; set it to a folder on a lasting disk")
		case kind == "memrb":
			in.warnings = append(in.warnings, "storage.type is memrb: what does not fit into memory is thrown away; set storage.type filesystem")
		case kind == "" || kind == "memory":
			in.warnings = append(in.warnings, inMemory)
		}
		onDisk := strings.EqualFold(in.storage, "filesystem")
		if onDisk && in.get("mem_buf_limit") != "" {
			in.warnings = append(in.warnings, "mem_buf_limit does nothing with storage.type filesystem: leave it out; the service's storage.max_chunks_up bounds what is in memory")
		}
		if !onDisk && fluentbit.IsOn(in.get("storage.pause_on_chunks_overlimit")) {
			in.warnings = append(in.warnings, "storage.pause_on_chunks_overlimit does nothing without storage.type filesystem")
		}
	}
	routed := slices.ContainsFunc(sections, func(s section) bool {
		return slices.ContainsFunc(s.keys, func(k sectionKey) bool { return strings.EqualFold(k.name, "routes") })
	})
	if len(unmatched) > 0 && ends > 2 && !routed {
		inputs[0].warnings = append(inputs[0].warnings, "no match in "+strings.Join(unmatched, ", ")+": Fluent Bit gives it nothing")
	}
	if len(impatient) > 0 && len(inputs) > 0 {
		inputs[0].warnings = append(inputs[0].warnings, fmt.Sprintf("no retry_limit in %s: Fluent Bit gives up what is refused twice; set retry_limit no_limits",
			strings.Join(impatient, ", ")))
	}
}

const inMemory = "storage.type is memory: what Fluent Bit has taken and not delivered is lost when it is killed; set storage.type filesystem"
