package host

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// notReplayed are the keys of an output that could keep a chunk from it. The output refused the
// chunk, so it gets it with any tag and of any size.
var notReplayed = []string{"match", "match_regex", "storage.total_limit_size"}

// CopyWithOutput writes a copy of a configuration that has only one of its outputs, the one with the
// given number of all, and the buffer in a folder.
func CopyWithOutput(path string, number, all int, buffer string) (*Copy, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return withOutput(path, number, all, buffer, port)
}

func withOutput(path string, number, all int, buffer, port string) (*Copy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	service := append(ownService(port), sectionKey{"storage.path", buffer}, sectionKey{"storage.backlog.mem_limit", "32M"})
	extension := strings.ToLower(filepath.Ext(path))
	var data []byte
	if extension == ".yaml" || extension == ".yml" {
		data, err = outputYAML(text, number, all, service)
	} else {
		data, err = outputClassic(string(text), number, all, service)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return writeBeside(path, extension, data, port)
}

func outputClassic(text string, number, all int, service []sectionKey) ([]byte, error) {
	var kept, rest strings.Builder
	indent := indentOf(text)
	for _, k := range service {
		fmt.Fprintf(&kept, "%s%s %s\n", indent, k.name, k.value)
	}
	kind, at := "", -1
	for line := range strings.Lines(text) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		key := strings.ToLower(word)
		header := strings.HasPrefix(line, "[")
		if header {
			kind = strings.Trim(key, "[]")
			if strings.HasPrefix("outputs", kind) {
				kind = "output"
				at++
			}
		}
		switch {
		case strings.HasPrefix(line, "@"):
			rest.WriteString(line)
		case kind == "service" && slices.Contains(keptOfService, key) && key != "streams_file":
			kept.WriteString(line)
		case kind == "output" && at == number && header:
			fmt.Fprintf(&rest, "%s%smatch *\n", line, indent)
		case kind == "output" && at == number && !slices.Contains(notReplayed, key):
			rest.WriteString(line)
		}
	}
	if at+1 != all {
		return nil, errNotFound
	}
	return []byte("[SERVICE]\n" + kept.String() + rest.String() + "\n"), nil
}

// errNotFound is the error of a configuration in which not all outputs are found: then the wrong
// output could get the records.
var errNotFound = errors.New("its outputs are not where they are looked for: write them as [OUTPUT] sections, or as one list below pipeline.outputs")

func outputYAML(text []byte, number, all int, service []sectionKey) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	kept := serviceYAML(document, service)
	maps.DeleteFunc(kept, func(key string, _ any) bool { return strings.EqualFold(key, "streams_file") })
	document["service"] = kept
	delete(document, "stream_processor")
	pipeline, _ := document["pipeline"].(map[string]any)
	outputs, _ := pipeline["outputs"].([]any)
	if len(outputs) != all {
		return nil, errNotFound
	}
	output, _ := outputs[number].(map[string]any)
	for key := range output {
		if slices.Contains(notReplayed, strings.ToLower(key)) {
			delete(output, key)
		}
	}
	output["match"] = "*"
	document["pipeline"] = map[string]any{"inputs": []any{}, "outputs": []any{output}}
	return yaml.Marshal(document)
}
