package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// notReplayed are the keys of an output that would keep a chunk from it: what it refused is for it,
// whatever its tag, and may take the space it takes.
var notReplayed = []string{"match", "match_regex", "storage.total_limit_size"}

// stageOutput writes a copy of a configuration beside it that has one of its outputs only, and a
// buffer of its own. remove takes the copy away.
func stageOutput(path string, number int, port, buffer string) (staged string, remove func(), err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, fmt.Errorf("read configuration: %w", err)
	}
	service := append(stagedService(port), sectionKey{"storage.path", buffer}, sectionKey{"storage.backlog.mem_limit", "32M"})
	extension := strings.ToLower(filepath.Ext(path))
	var data []byte
	if extension == ".yaml" || extension == ".yml" {
		data, err = outputYAML(text, number, service)
	} else {
		data = outputClassic(string(text), number, service)
	}
	if err != nil {
		return "", nil, fmt.Errorf("read configuration: %w", err)
	}
	return writeBeside(path, extension, data)
}

func outputClassic(text string, number int, service []sectionKey) []byte {
	var kept, rest strings.Builder
	for _, k := range service {
		fmt.Fprintf(&kept, "    %s %s\n", k.name, k.value)
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
			rest.WriteString(line + "    match *\n")
		case kind == "output" && at == number && !slices.Contains(notReplayed, key):
			rest.WriteString(line)
		}
	}
	return []byte("[SERVICE]\n" + kept.String() + rest.String() + "\n")
}

func outputYAML(text []byte, number int, service []sectionKey) ([]byte, error) {
	var document map[string]any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	document["service"] = serviceYAML(document, service)
	delete(document, "stream_processor")
	pipeline, _ := document["pipeline"].(map[string]any)
	outputs, _ := pipeline["outputs"].([]any)
	if number >= len(outputs) {
		return nil, errors.New("its outputs are not where they are looked for: write them as a list below pipeline.outputs")
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
