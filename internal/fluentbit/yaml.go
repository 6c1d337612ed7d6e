package fluentbit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlFile reads one file in the YAML format. It walks the nodes without decoding them, because for
// Fluent Bit every scalar is text.
type yamlFile struct {
	*reader
	path string
}

var version = regexp.MustCompile(`(?m)^%YAML[ \t]+1\.2\b`)

// yaml reads one file. It may hold several documents; Fluent Bit reads them one after the other.
func (r *reader) yaml(path string, data []byte) error {
	y := yamlFile{reader: r, path: path}
	// This decoder knows only version 1.1, Fluent Bit's knows both.
	decoder := yaml.NewDecoder(bytes.NewReader(version.ReplaceAll(data, []byte("%YAML 1.1"))))
	for {
		var document yaml.Node
		if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil && strings.Contains(err.Error(), "unknown anchor") {
			// The error contains a text that may be a secret.
			return fmt.Errorf("read %s: Fluent Bit knows no alias: put a value that begins with * in quotation marks", path)
		} else if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if err := y.plain(&document); err != nil {
			return err
		}
		for _, top := range document.Content {
			if err := y.eachPair(top, "the document", y.topLevel); err != nil {
				return err
			}
		}
	}
}

// refuse returns the error of a node that Fluent Bit refuses, with its line.
func (y yamlFile) refuse(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %s", y.path, node.Line, fmt.Sprintf(format, args...))
}

// plain refuses what Fluent Bit's parser accepts nowhere, and cuts texts where C would.
func (y yamlFile) plain(node *yaml.Node) error {
	if node.Kind == yaml.AliasNode {
		return y.refuse(node, "Fluent Bit knows no alias such as *name: write the value out")
	}
	node.Value = cString(node.Value)
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && child.Kind != yaml.ScalarNode {
			return y.refuse(child, "want text as a key, Fluent Bit refuses another")
		}
		if err := y.plain(child); err != nil {
			return err
		}
	}
	return nil
}

// eachPair calls do for each pair of a map, in which a key may come twice.
func (y yamlFile) eachPair(node *yaml.Node, what string, do func(key, value *yaml.Node) error) error {
	if node.Kind != yaml.MappingNode {
		return y.refuse(node, "%s: want a map, Fluent Bit refuses another", what)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if err := do(node.Content[i], node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (y yamlFile) eachItem(node *yaml.Node, what string, do func(item *yaml.Node) error) error {
	if node.Kind != yaml.SequenceNode {
		return y.refuse(node, "%s: want a list, Fluent Bit refuses another", what)
	}
	for _, item := range node.Content {
		if err := do(item); err != nil {
			return err
		}
	}
	return nil
}

func (y yamlFile) text(node *yaml.Node, what string) error {
	if node.Kind != yaml.ScalarNode {
		return y.refuse(node, "%s: want text, Fluent Bit refuses a map or a list here", what)
	}
	return nil
}

func (y yamlFile) textValue(key, value *yaml.Node) error { return y.text(value, key.Value) }

func (y yamlFile) topLevel(key, value *yaml.Node) error {
	switch name := strings.ToLower(key.Value); name {
	case "env":
		return y.variables(value)
	case "includes":
		return y.eachItem(value, name, func(item *yaml.Node) error {
			if err := y.text(item, name); err != nil {
				return err
			}
			return y.includeYAML(folder(y.path), item.Value)
		})
	case "pipeline":
		return y.eachPair(value, name, y.pipeline)
	case "customs":
		return y.plugins(value, name, "custom")
	case "service":
		if y.services++; y.services > 1 {
			return y.refuse(key, "service stands twice, Fluent Bit refuses that")
		}
		return y.service(key, value)
	case "plugins":
		return y.eachItem(value, name, func(item *yaml.Node) error {
			y.loads = append(y.loads, item.Value)
			return y.text(item, name)
		})
	case "parsers", "multiline_parsers", "stream_processor", "upstream_servers":
		return y.eachItem(value, name, func(item *yaml.Node) error { return y.entry(name, item) })
	case "extensions":
		return y.eachPair(value, name, func(_, _ *yaml.Node) error { return nil })
	}
	return y.other(key, value)
}

func (y yamlFile) service(key, value *yaml.Node) error {
	s := section{kind: "service", Section: Section{Where: fmt.Sprintf("%s:%d", y.path, key.Line)}}
	err := y.eachPair(value, "service", func(key, value *yaml.Node) error {
		if value.Kind == yaml.MappingNode && strings.EqualFold(key.Value, "telemetry") {
			return nil
		}
		s.Properties = append(s.Properties, Property{Key: snakeCase(key.Value), Value: strings.Trim(value.Value, space)})
		return y.textValue(key, value)
	})
	y.sections = append(y.sections, s)
	return err
}

// entry reads a map of texts. Two kinds have a list of such maps within.
func (y yamlFile) entry(name string, item *yaml.Node) error {
	return y.eachPair(item, name, func(key, value *yaml.Node) error {
		if name == "multiline_parsers" && key.Value == "rules" || name == "upstream_servers" && key.Value == "nodes" {
			return y.eachItem(value, key.Value, func(item *yaml.Node) error { return y.eachPair(item, key.Value, y.textValue) })
		}
		return y.textValue(key, value)
	})
}

// other reads a map of texts under any other name. If the name is that of a section of the classic
// format, or begins so, Fluent Bit reads it as that section.
func (y yamlFile) other(key, value *yaml.Node) error {
	kind, full := kindOf(key.Value)
	switch {
	case isPlugin(kind):
		s := section{kind: kind, Section: Section{Where: fmt.Sprintf("%s:%d", y.path, key.Line)}}
		err := y.eachPair(value, key.Value, func(key, value *yaml.Node) error {
			if err := y.textValue(key, value); err != nil {
				return err
			}
			// Fluent Bit leaves out a value of blanks only here.
			if p := (Property{Key: snakeCase(key.Value), Value: strings.Trim(value.Value, space)}); p.Key != "" && (p.Value != "" || value.Value == "") {
				s.Properties = append(s.Properties, p)
			}
			return nil
		})
		y.sections = append(y.sections, s)
		return err
	case kind != "other" && kind != "service":
		return y.refuse(key, "Fluent Bit takes %q for %s: call it so, or otherwise", key.Value, full)
	case kind == "service":
		return y.service(key, value)
	}
	return y.eachPair(value, key.Value, y.textValue)
}

// variables reads a map, or a list of maps with name and value, name and uri, or the name as key.
func (y yamlFile) variables(node *yaml.Node) error {
	set := func(at *yaml.Node, name, text string) error {
		if err := y.setEnv(name, text); err != nil {
			return y.refuse(at, "env %s: %v", name, err)
		}
		return nil
	}
	if node.Kind == yaml.MappingNode {
		return y.eachPair(node, "env", func(key, value *yaml.Node) error {
			if err := y.textValue(key, value); err != nil {
				return err
			}
			return set(key, key.Value, value.Value)
		})
	}
	return y.eachItem(node, "env", func(item *yaml.Node) error {
		var name, text, uri *string
		err := y.eachPair(item, "env", func(key, value *yaml.Node) error {
			if err := y.textValue(key, value); err != nil {
				return err
			}
			switch strings.ToLower(key.Value) {
			case "name":
				name = &value.Value
			case "value":
				text = &value.Value
			case "uri":
				uri = &value.Value
			case "refresh_interval":
			default:
				if name == nil {
					name, text = &key.Value, &value.Value
				}
			}
			return nil
		})
		switch {
		case err != nil || name == nil:
			return err
		case uri != nil:
			text = uri
		case text == nil:
			text = new(string)
		}
		return set(item, *name, *text)
	})
}
