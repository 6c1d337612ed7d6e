package fluentbit

import (
	"fmt"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yaml reads the format of fluent-bit.yaml: env, includes and pipeline.inputs. Nodes are walked as they stand because to
// Fluent Bit every scalar is text and the case of keys does not count.
func (r *reader) yaml(path string, data []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if len(document.Content) == 0 {
		return nil
	}
	for key, value := range pairs(document.Content[0]) {
		switch strings.ToLower(key.Value) {
		case "env":
			r.yamlEnv(value)
		case "includes":
			for _, item := range value.Content {
				name := item.Value
				if !filepath.IsAbs(name) {
					name = filepath.Join(filepath.Dir(path), name)
				}
				if err := r.include(name); err != nil {
					return err
				}
			}
		case "service":
			for key, value := range pairs(value) {
				r.service = append(r.service, Property{Key: key.Value, Value: value.Value})
			}
		case "pipeline":
			if err := r.yamlPipeline(path, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// yamlEnv takes variables as a map, or as a list of maps with name and value or uri.
func (r *reader) yamlEnv(node *yaml.Node) {
	for key, value := range pairs(node) {
		r.setEnv(key.Value, value.Value)
	}
	if node.Kind != yaml.SequenceNode {
		return
	}
	for _, item := range node.Content {
		var name, text string
		for key, value := range pairs(item) {
			switch strings.ToLower(key.Value) {
			case "name":
				name = value.Value
			case "value", "uri":
				text = value.Value
			}
		}
		r.setEnv(name, text)
	}
}

func (r *reader) yamlPipeline(path string, node *yaml.Node) error {
	for key, inputs := range pairs(node) {
		if !strings.EqualFold(key.Value, "inputs") {
			continue
		}
		for _, item := range inputs.Content {
			in := Input{Where: fmt.Sprintf("%s:%d", path, item.Line)}
			for key, value := range pairs(item) {
				p, err := yamlProperty(key, value)
				if err != nil {
					return fmt.Errorf("%s:%d: %s: %w", path, key.Line, key.Value, err)
				}
				in.Properties = append(in.Properties, p)
			}
			r.inputs = append(r.inputs, in)
		}
	}
	return nil
}

func yamlProperty(key, value *yaml.Node) (Property, error) {
	p := Property{Key: key.Value, Value: value.Value}
	switch value.Kind {
	case yaml.SequenceNode:
		// Fluent Bit makes one property of each element, and the first wins.
		if len(value.Content) > 0 {
			p.Value = value.Content[0].Value
		}
	case yaml.MappingNode:
		switch strings.ToLower(key.Value) {
		case "processors", "routes", "telemetry":
		default:
			return p, errNotText
		}
	}
	return p, nil
}

// pairs yields the keys and values of a mapping, aliases resolved one level deep.
func pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			value := node.Content[i+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			if !yield(node.Content[i], value) {
				return
			}
		}
	}
}
