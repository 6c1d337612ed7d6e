package recipes

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// section is a section of a configuration: its kind, then "key value" in order.
type section []string

// Both files of a recipe have the same settings, and each has the settings that every recipe needs.
func TestRecipes(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir(examples)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/recipes.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			yaml := readYAML(t, filepath.Join(examples, folder.Name(), "fluent-bit.yaml"))
			if diff := cmp.Diff(yaml, readClassic(t, filepath.Join(examples, folder.Name(), "fluent-bit.conf"))); diff != "" {
				t.Errorf("the classic file (+) does not say what the YAML file (-) says:\n%s", diff)
			}
			text := strings.Join(flatten(yaml), "\n")
			for _, must := range []string{"storage.type filesystem", "retry_limit ", "limit_size 5G", "storage.path ", "match atlassian."} {
				if !strings.Contains(text, must) {
					t.Errorf("%q is missing", must)
				}
			}
			twoInputs(t, yaml)
			if !strings.Contains(text, "tls.verify on") && !strings.Contains(text, "rdkafka.security.protocol ${KAFKA_SECURITY:-sasl_ssl}") {
				t.Error("TLS is not on")
			}
			if link := "../examples/" + folder.Name(); !strings.Contains(string(page), link+"/") && !strings.Contains(string(page), link+")") {
				t.Errorf("docs/recipes.md has no link to %s", link)
			}
		})
	}
}

// twoInputs requires that a recipe reads both products, in the same way.
func twoInputs(t *testing.T, sections []section) {
	t.Helper()
	var inputs []string
	for _, s := range sections {
		if s[0] == "INPUT" {
			inputs = append(inputs, strings.Join(s[1:], "\n"))
		}
	}
	if len(inputs) != 2 || !strings.HasPrefix(inputs[0], "name confluence\nalias confluence\ntag atlassian.confluence\n") {
		t.Fatalf("want two inputs, that of Confluence first:\n%s", strings.Join(inputs, "\n\n"))
	}
	jira := strings.NewReplacer("alias confluence", "alias jira", "tag atlassian.confluence", "tag atlassian.jira\nproduct jira", "/confluence.db", "/jira.db",
		"${CONFLUENCE_API_URL}", "${JIRA_API_URL}", "${CONFLUENCE_USER_IDENTIFIER}", "${JIRA_USER_IDENTIFIER}", "${CONFLUENCE_API_TOKEN}", "${JIRA_API_TOKEN}")
	if diff := cmp.Diff(jira.Replace(inputs[0]), inputs[1]); diff != "" {
		t.Errorf("the input of Jira (+) differs from that of Confluence (-) in more than it must:\n%s", diff)
	}
}

func flatten(sections []section) (lines []string) {
	for _, s := range sections {
		lines = append(lines, s...)
	}
	return lines
}

func readYAML(t *testing.T, path string) (sections []section) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Service  yaml.Node
		Pipeline struct{ Inputs, Filters, Outputs []yaml.Node }
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	add := func(kind string, nodes ...yaml.Node) {
		for _, node := range nodes {
			s := section{kind}
			for i := 0; i+1 < len(node.Content); i += 2 {
				s = append(s, fmt.Sprintf("%s %s", node.Content[i].Value, node.Content[i+1].Value))
			}
			sections = append(sections, s)
		}
	}
	add("SERVICE", file.Service)
	add("INPUT", file.Pipeline.Inputs...)
	add("FILTER", file.Pipeline.Filters...)
	add("OUTPUT", file.Pipeline.Outputs...)
	return sections
}

func readClassic(t *testing.T, path string) (sections []section) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			sections = append(sections, section{strings.Trim(line, "[]")})
		default:
			key, value, _ := strings.Cut(line, " ")
			last := &sections[len(sections)-1]
			*last = append(*last, key+" "+strings.TrimSpace(value))
		}
	}
	return sections
}
