package host

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// keptOfService are the keys of the service that outputs and filters may need. The others belong to
// the running Fluent Bit, above all its buffer: a second process would deliver and delete the
// records in it.
var keptOfService = []string{"parsers_file", "plugins_file", "streams_file", "parsers", "dns.mode", "dns.resolver", "dns.prefer_ipv4", "dns.prefer_ipv6"}

// TestInput is an input that sends one event, in place of a real one.
type TestInput struct{ Tag, Event string }

// sectionKey is a key as it is written into a file.
type sectionKey struct{ name, value string }

// Copy is a copy of a configuration, which lies beside it until it is removed.
type Copy struct{ path, port string }

// Remove deletes the copy.
func (c *Copy) Remove() { _ = os.Remove(c.path) }

// CopyWithInputs writes a copy of a configuration that has test inputs in place of its inputs, and a
// service of its own.
func CopyWithInputs(path string, inputs []TestInput) (*Copy, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return withInputs(path, inputs, port)
}

func withInputs(path string, inputs []TestInput, port string) (*Copy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	extension := strings.ToLower(filepath.Ext(path))
	service := ownService(port)
	var data []byte
	if extension == ".yaml" || extension == ".yml" {
		data, err = inputsYAML(text, inputs, service)
	} else {
		data = inputsClassic(string(text), inputs, service)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return writeBeside(path, extension, data, port)
}

// ownService returns the service of a copy, with an HTTP server for its metrics.
func ownService(port string) []sectionKey {
	return []sectionKey{{"flush", "1"}, {"grace", "1"}, {"log_level", "info"}, {"http_server", "on"}, {"http_listen", "127.0.0.1"}, {"http_port", port}}
}

// writeBeside writes the copy of a configuration.
func writeBeside(path, extension string, data []byte, port string) (*Copy, error) {
	// Beside the configuration, because relative paths of scripts and parsers begin there.
	f, err := os.CreateTemp(filepath.Dir(path), ".confluence-audit-*"+extension)
	if err != nil {
		return nil, fmt.Errorf("write test configuration: %w; run this where the folder of the configuration can be written to", err)
	}
	c := &Copy{f.Name(), port}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		c.Remove()
		return nil, fmt.Errorf("write test configuration: %w", err)
	}
	return c, nil
}

// indentOf returns the indent of the keys of a configuration, which must be the same everywhere.
func indentOf(text string) string {
	for line := range strings.Lines(text) {
		if key := strings.TrimLeft(line, " \t"); key != line && strings.TrimSpace(key) != "" {
			return line[:len(line)-len(key)]
		}
	}
	return "    "
}

func inputsClassic(text string, inputs []TestInput, service []sectionKey) []byte {
	var kept, rest strings.Builder
	indent := indentOf(text)
	for _, k := range service {
		fmt.Fprintf(&kept, "%s%s %s\n", indent, k.name, k.value)
	}
	kind := ""
	for line := range strings.Lines(text) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(line, "[") {
			kind = strings.ToLower(strings.Trim(word, "[]"))
		}
		switch {
		case strings.HasPrefix(line, "@") || kind != "input" && kind != "service":
			rest.WriteString(line)
		case kind == "service" && slices.Contains(keptOfService, strings.ToLower(word)):
			kept.WriteString(line)
		}
	}
	for _, in := range inputs {
		rest.WriteString("\n[INPUT]\n")
		for _, k := range []sectionKey{{"name", "dummy"}, {"tag", in.Tag}, {"samples", "1"}, {"dummy", in.Event}} {
			fmt.Fprintf(&rest, "%s%s %s\n", indent, k.name, k.value)
		}
	}
	return []byte("[SERVICE]\n" + kept.String() + rest.String())
}

func inputsYAML(text []byte, inputs []TestInput, service []sectionKey) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	document["service"] = serviceYAML(document, service)
	pipeline, _ := document["pipeline"].(map[string]any)
	if pipeline == nil {
		pipeline = make(map[string]any)
	}
	var list []any
	for _, in := range inputs {
		list = append(list, map[string]any{"name": "dummy", "tag": in.Tag, "samples": "1", "dummy": in.Event})
	}
	pipeline["inputs"] = list
	document["pipeline"] = pipeline
	return yaml.Marshal(document)
}

// serviceYAML returns the service of a copy.
func serviceYAML(document map[string]any, service []sectionKey) map[string]any {
	kept := make(map[string]any)
	if old, ok := document["service"].(map[string]any); ok {
		for name, value := range old {
			if slices.Contains(keptOfService, strings.ToLower(name)) {
				kept[name] = value
			}
		}
	}
	for _, k := range service {
		kept[k.name] = k.value
	}
	return kept
}

// freePort returns a port of this machine that is not in use.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // this does not block
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port), nil
}
