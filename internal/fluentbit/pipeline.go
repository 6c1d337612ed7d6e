package fluentbit

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pipeline reads one part of the pipeline. All parts are read, to find what Fluent Bit refuses.
func (y yamlFile) pipeline(key, value *yaml.Node) error {
	switch name := strings.ToLower(key.Value); name {
	case "inputs", "filters", "outputs":
		return y.plugins(value, name, strings.TrimSuffix(name, "s"))
	}
	return y.refuse(key, "pipeline: want inputs, filters or outputs, Fluent Bit refuses %q", key.Value)
}

func (y yamlFile) plugins(node *yaml.Node, what, kind string) error {
	return y.eachItem(node, what, func(item *yaml.Node) error {
		s := section{kind: kind, Section: Section{Where: fmt.Sprintf("%s:%d", y.path, item.Line)}}
		err := y.eachPair(item, what, func(key, value *yaml.Node) error {
			properties, err := y.property(kind, key, value)
			s.Properties = append(s.Properties, properties...)
			return err
		})
		y.sections = append(y.sections, s)
		return err
	})
}

// property reads one key. Each element of a list becomes a property of its own, so the first one
// wins.
func (y yamlFile) property(kind string, key, value *yaml.Node) ([]Property, error) {
	name := snakeCase(key.Value)
	switch {
	case name == "":
		return nil, y.refuse(key, "a key without a name, Fluent Bit refuses that")
	case key.Value == "processors" && value.Kind == yaml.MappingNode:
		return nil, y.processors(value)
	case key.Value == "processors" && value.Kind == yaml.SequenceNode:
		return nil, y.refuse(value, "processors: want a map with logs, metrics or traces")
	case kind == "input" && strings.EqualFold(name, "routes") && value.Kind != yaml.MappingNode:
		return nil, y.refuse(value, "routes: want a map, Fluent Bit refuses another")
	case strings.EqualFold(name, "routes") && (key.Value == "routes" || value.Kind == yaml.ScalarNode):
		y.routed = true
		return nil, nil
	case kind == "input" && key.Value == "telemetry" && value.Kind == yaml.MappingNode:
		return nil, nil
	case strings.EqualFold(name, "name") && value.Kind != yaml.ScalarNode:
		return nil, y.refuse(value, "name: want text, Fluent Bit refuses a list")
	case value.Kind == yaml.MappingNode:
		return nil, y.refuse(key, "%s: want text, not a map: Fluent Bit refuses it", key.Value)
	case value.Kind == yaml.ScalarNode:
		text := strings.Trim(value.Value, space)
		if text == "" && value.Value != "" {
			return nil, y.refuse(value, "%s has blanks only, Fluent Bit refuses that", key.Value)
		}
		return []Property{{Key: name, Value: text}}, nil
	case len(value.Content) == 0:
		return nil, y.refuse(value, "%s: the list is empty, Fluent Bit refuses that", key.Value)
	}
	var properties []Property
	err := y.eachItem(value, key.Value, func(item *yaml.Node) error {
		properties = append(properties, Property{Key: name, Value: item.Value})
		return y.text(item, key.Value)
	})
	return properties, err
}

// processors checks only the form and the names of processors, not their settings.
func (y yamlFile) processors(node *yaml.Node) error {
	return y.eachPair(node, "processors", func(key, value *yaml.Node) error {
		switch strings.ToLower(key.Value) {
		case "logs", "metrics", "traces":
			return y.eachItem(value, key.Value, func(item *yaml.Node) error {
				named := false
				err := y.eachPair(item, key.Value, func(key, value *yaml.Node) error {
					named = named || strings.EqualFold(key.Value, "name") && value.Value != ""
					return nil
				})
				if err == nil && !named {
					err = y.refuse(item, "a processor without a name, Fluent Bit refuses that")
				}
				return err
			})
		}
		return y.refuse(key, "processors: want logs, metrics or traces, Fluent Bit refuses %q", key.Value)
	})
}

// snakeCase returns Fluent Bit's name of a YAML key: api_url for apiUrl. A key that has an
// underscore, or does not begin with a small letter, stays as it is.
func snakeCase(key string) string {
	if key != "" && key[0] >= 'a' && key[0] <= 'z' && !strings.Contains(key, "_") {
		var b strings.Builder
		for i := range len(key) {
			if key[i] >= 'A' && key[i] <= 'Z' {
				b.WriteByte('_')
				b.WriteByte(key[i] + 'a' - 'A')
				continue
			}
			b.WriteByte(key[i])
		}
		key = b.String()
	}
	return strings.Trim(key, space)
}
