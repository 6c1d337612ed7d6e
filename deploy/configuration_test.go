// Package deploy checks that the example configurations beside it are valid, and that Fluent Bit
// can load the built files.
package deploy

import (
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

// environment returns the variables that compose.yaml, the manifests and the operator set.
func environment(name string) string {
	return map[string]string{
		"CONFLUENCE_API_URL":         "https://acme.atlassian.net",
		"CONFLUENCE_USER_IDENTIFIER": "auditor@example.com",
		"CONFLUENCE_API_TOKEN":       "token",
		"CONFLUENCE_DATA":            os.TempDir(),
	}[name]
}

// checkExample checks a configuration as the input does.
func checkExample(t *testing.T, path string) {
	t.Helper()
	configuration, err := fluentbit.Read(path, environment)
	inputs := configuration.Inputs("confluence")
	if err != nil {
		t.Fatal(err)
	}
	if len(inputs) == 0 {
		t.Fatalf("%s has no confluence input", path)
	}
	// Secrets and state exist where the example runs, not here.
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("token"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		get := func(key string) string {
			value := in.Get(key)
			switch {
			case value != "" && strings.HasSuffix(key, "_file"):
				return token
			case value != "" && key == "db":
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
	for _, path := range []string{
		"../fluent-bit.conf", "../fluent-bit.yaml", "image/fluent-bit.yaml", "compose/fluent-bit.yaml", "kubernetes/fluent-bit.yaml", "packages/confluence.conf",
	} {
		checkExample(t, path)
	}
}

func TestHelmConfiguration(t *testing.T) {
	t.Parallel()
	var values struct {
		Config struct{ Inputs string } `yaml:"config"`
	}
	decode(t, "helm/values.yaml", &values)
	path := filepath.Join(t.TempDir(), "fluent-bit.conf")
	if err := os.WriteFile(path, []byte(values.Config.Inputs), 0o600); err != nil {
		t.Fatal(err)
	}
	checkExample(t, path)
}

func TestOperatorConfiguration(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("fluent-operator/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := false
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
		found = true
		text, err := yaml.Marshal(map[string]any{"pipeline": map[string]any{"inputs": []*yaml.Node{&in.Spec.CustomPlugin.Input}}})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "fluent-bit.yaml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		checkExample(t, path)
	}
	if !found {
		t.Error("there is no ClusterInput")
	}
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
