package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/fluentbit"
	"fluent-bit-confluence/internal/manual"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var names []string
	for _, key := range Keys() {
		names = append(names, key.Name)
		if fluentbit.Reserved(key.Name) {
			t.Errorf("%s never reaches the plugin: Fluent Bit keeps it for itself", key.Name)
		}
		if !strings.HasSuffix(key.Help, ".") || key.Kind == "" {
			t.Errorf("%s wants a kind and a help text that ends in a full stop", key.Name)
		}
		var s Settings
		if key.Default != "" && key.read(&s, key.Default) != nil {
			t.Errorf("%s refuses its own default %s", key.Name, key.Default)
		}
		for _, value := range key.Values {
			if err := key.read(&s, value); err != nil {
				t.Errorf("%s %s: %v", key.Name, value, err)
			}
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("the keys are not in alphabetical order: %v", names)
	}
}

// TestDocumentation compares the table of docs/configuration.md with that of this package.
func TestDocumentation(t *testing.T) {
	if err := manual.Check("../../docs/configuration.md", "keys", markdown(), *update); err != nil {
		t.Error(err)
	}
}

func markdown() string {
	var b strings.Builder
	b.WriteString("| Key | Description | Default |\n| :--- | :--- | :--- |\n")
	for _, key := range Keys() {
		help, def := key.Help, "_none_"
		if key.Values != nil {
			help += " Values: `" + strings.Join(key.Values, "`, `") + "`."
		}
		switch {
		case key.Required:
			def = "_required_"
		case key.Default != "":
			def = "`" + key.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", key.Name, strings.ReplaceAll(help, "|", `\|`), def)
	}
	return b.String()
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	got := Unknown([]string{"api_url", "API_Token", "pol_interval", "api-url", "apiurl", "token", "username", "start_form", "interval_sec", "schemas", "colour"})
	want := []string{
		"pol_interval is no key of this plugin: did you mean poll_interval?",
		"api-url is no key of this plugin: did you mean api_url?",
		"apiurl is no key of this plugin: did you mean api_url?",
		"token is no key of this plugin: did you mean api_token?",
		"username is no key of this plugin: did you mean user_identifier?",
		"start_form is no key of this plugin: did you mean start_from?",
		"interval_sec is no key of this plugin: did you mean poll_interval?",
		"schemas is no key of this plugin: did you mean schema?",
		"colour is no key of this plugin: leave it out",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("unknown keys (-want +got):\n%s", diff)
	}
}

// Each product has variables of its own. Those of the other do not count.
func TestEnvironment(t *testing.T) {
	t.Setenv("CONFLUENCE_API_URL", "https://wiki.example.com")
	t.Setenv("CONFLUENCE_DB", "wiki.db")
	t.Setenv("CONFLUENCE_PRODUCT", "jira")
	t.Setenv("JIRA_API_URL", "https://jira.example.com")
	t.Setenv("JIRA_PRODUCT", "confluence")
	for product, values := range map[string]map[string]string{
		"":           {"api_url": "https://wiki.example.com", "db": "wiki.db", "user_identifier": "", "no_such_key": "", "product": "jira"},
		"confluence": {"api_url": "https://wiki.example.com"},
		"bitbucket":  {"api_url": "https://wiki.example.com"},
		"jira":       {"api_url": "https://jira.example.com", "db": "", "product": "jira"},
		" JIRA ":     {"api_url": "https://jira.example.com"},
	} {
		get := Environment(product)
		for key, want := range values {
			if got := get(key); got != want {
				t.Errorf("%s of %q is %q, want %q", key, product, got, want)
			}
		}
	}
}

func TestPlainHelp(t *testing.T) {
	t.Parallel()
	for _, key := range Keys() {
		if help := key.PlainHelp(); strings.Contains(help, "](") || strings.Contains(help, "`") {
			t.Errorf("Markdown in the help of %s: %s", key.Name, help)
		}
	}
}
