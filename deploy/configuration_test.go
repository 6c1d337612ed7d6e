// Package deploy checks that the example configurations beside it are valid, and that Fluent Bit
// can load the built files.
package deploy

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fluentbit"
)

const stateDatabase = "postgres://fluentbit@db.example.com:5432/audit?sslmode=verify-full"

// environment returns the variables that compose.yaml, the manifests and the operator set.
func environment(name string) string {
	return map[string]string{
		"CONFLUENCE_API_URL":         "https://acme.atlassian.net",
		"CONFLUENCE_USER_IDENTIFIER": "auditor@example.com",
		"CONFLUENCE_API_TOKEN":       "token",
		"JIRA_API_URL":               "https://acme.atlassian.net",
		"JIRA_USER_IDENTIFIER":       "auditor@example.com",
		"JIRA_API_TOKEN":             "token",
		"CONFLUENCE_DATA":            os.TempDir(),
		"STATE_DATABASE":             stateDatabase,
	}[name]
}

// checkExample checks a configuration as the input does. It must read these products, each once and
// by a name, a tag and a state of its own.
func checkExample(t *testing.T, path string, products ...string) {
	t.Helper()
	configuration, err := fluentbit.Read(path, environment)
	inputs := configuration.Inputs("confluence")
	if err != nil {
		t.Fatal(err)
	}
	if len(inputs) != len(products) {
		t.Fatalf("%s has %d confluence inputs, want %v", path, len(inputs), products)
	}
	// Secrets and state exist where the example runs, not here.
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, in := range inputs {
		product := products[i]
		if got := cmp.Or(in.Get("product"), "confluence"); got != product || in.Get("tag") != "atlassian."+product || in.Get("db") != stateDatabase && filepath.Base(in.Get("db")) != product+".db" {
			t.Errorf("%s: want the product %s, with its tag and state: %s %s %s", in.Where, product, got, in.Get("tag"), in.Get("db"))
		}
		if alias := in.Get("alias"); alias != product && len(products) > 1 {
			t.Errorf("%s: the alias is %q", in.Where, alias)
		}
		get := func(key string) string {
			value := in.Get(key)
			switch {
			case value != "" && strings.HasSuffix(key, "_file"):
				return token
			case value != "" && value != stateDatabase && key == "db":
				return filepath.Join(filepath.Dir(token), "state.db")
			}
			return value
		}
		if _, err := config.Parse(get); err != nil {
			t.Errorf("%s: %v", in.Where, err)
		}
		for _, line := range append(config.Unknown(in.Keys()), in.Mistakes()...) {
			t.Errorf("%s: %s", in.Where, line)
		}
		if in.Get("db") == "" || in.Get("storage.type") != "filesystem" {
			t.Errorf("%s: an example keeps state and buffer on disk", in.Where)
		}
	}
}

func TestConfigurationFiles(t *testing.T) {
	t.Parallel()
	for path, products := range map[string][]string{
		"../fluent-bit.conf": {"confluence"}, "../fluent-bit.yaml": {"confluence", "jira"},
		"image/fluent-bit.yaml": {"confluence"}, "image/confluence-and-jira.yaml": {"confluence", "jira"},
		"packages/confluence.conf": {"confluence"}, "packages/jira.conf": {"jira"},
		"compose/fluent-bit.yaml": {"confluence", "jira"}, "kubernetes/fluent-bit.yaml": {"confluence", "jira"},
		"compose-fleet/fluent-bit.yaml": {"confluence", "jira"}, "kubernetes-fleet/fluent-bit.yaml": {"confluence", "jira"},
	} {
		checkExample(t, path, products...)
	}
}

func TestHelmConfiguration(t *testing.T) {
	t.Parallel()
	for _, files := range [][]string{{"values.yaml"}, {"values.yaml", "fleet.yaml"}} {
		path := filepath.Join(t.TempDir(), "fluent-bit.conf")
		if err := os.WriteFile(path, []byte(helmConfig(t, files...)["inputs"]), 0o600); err != nil {
			t.Fatal(err)
		}
		checkExample(t, path, "confluence", "jira")
	}
}

// helmConfig returns the parts of Fluent Bit's configuration in values, of which later ones count.
func helmConfig(t *testing.T, files ...string) map[string]string {
	t.Helper()
	var values struct {
		Config map[string]string `yaml:"config"`
	}
	for _, file := range files {
		decode(t, filepath.Join("helm", file), &values)
	}
	return values.Config
}

func TestOperatorConfiguration(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("fluent-operator/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var inputs []*yaml.Node
	for document := range strings.SplitSeq(string(data), "\n---\n") {
		var in struct {
			Kind string
			Spec struct {
				CustomPlugin struct {
					Input yaml.Node `yaml:"yamlConfig"`
				} `yaml:"customPlugin"`
			}
		}
		if err := yaml.Unmarshal([]byte(document), &in); err != nil {
			t.Fatal(err)
		}
		if in.Kind != "ClusterInput" {
			continue
		}
		inputs = append(inputs, &in.Spec.CustomPlugin.Input)
	}
	text, err := yaml.Marshal(map[string]any{"pipeline": map[string]any{"inputs": inputs}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "fluent-bit.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	checkExample(t, path, "confluence", "jira")
}

func decode(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// Every file names the same release, the newest one of the changelog.
func TestOneVersion(t *testing.T) {
	t.Parallel()
	changelog, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	released := regexp.MustCompile(`(?m)^## (\d+\.\d+\.\d+)`).FindSubmatch(changelog)
	if released == nil {
		t.Fatal("CHANGELOG.md has no release")
	}
	want := string(released[1])
	named := regexp.MustCompile(`fluent-bit-confluence(?:-plugin)?(?::|\n\s+newTag: )(\d[0-9a-z.]*)`)
	found := 0
	err = filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		data, err := os.ReadFile(path)
		for _, match := range named.FindAllSubmatch(data, -1) {
			found++
			if got := string(match[1]); got != want {
				t.Errorf("%s names version %s, want %s", path, got, want)
			}
		}
		return err
	})
	if err != nil || found < 3 {
		t.Errorf("%d versions found, want 3 or more: %v", found, err)
	}
}
