package docs

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/test/postgres"
)

// The other parts of a configuration of which a page shows only one.
const (
	restYAML = `
pipeline:
  inputs:
    - name: confluence
      api_url: https://acme.atlassian.net
      user_identifier: auditor@example.com
      api_token_file: /run/secrets/confluence_api_token
      db: /var/lib/fluent-bit/confluence.db
  outputs:
    - name: stdout
      match: '*'
      format: json_lines
`
	restClassic = `
[SERVICE]
    plugins_file %s
[INPUT]
    name            confluence
    api_url         ${CONFLUENCE_API_URL}
    user_identifier ${CONFLUENCE_USER_IDENTIFIER}
    api_token       ${CONFLUENCE_API_TOKEN}
[OUTPUT]
    name stdout
`
)

// configuration completes the configuration of a page, requires that check can read records with it
// and that Fluent Bit accepts it, and keeps it for the commands that follow.
func (p *place) configuration(t *testing.T, b block) {
	text := withDatabase(t, strings.Join(b.lines, "\n")+"\n")
	file := b.file()
	if b.language == "text" {
		if !strings.Contains(text, "[PLUGINS]") {
			t.Fatalf("%s: a text that is no configuration: give it another language", b.where)
		}
		must(t, os.WriteFile(filepath.Join(p.dir, file), []byte(p.here(text)), 0o600))
		file, text = "fluent-bit-of-page.conf", fmt.Sprintf(restClassic, file)
	} else {
		text = complete(t, b, text)
	}
	if file == "" {
		file = strings.ReplaceAll(b.where, ":", "-") + ".yaml"
	}
	must(t, os.WriteFile(filepath.Join(p.dir, file), []byte(p.here(text)), 0o600))
	p.config = file
	runs(t, p, "confluence-audit check --config "+file)

	needFluentBit(t)
	load := "-e build/in_confluence.so "
	if strings.Contains(strings.Join(b.lines, "\n"), "in_confluence.so") {
		load = ""
	}
	out, err := p.shell(t, "fluent-bit --dry-run "+load+"-c "+file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "configuration test is successful") {
		t.Errorf("%s: fluent-bit does not take it: %v\n%s", b.where, err, out)
	}
}

// withDatabase puts the address of a real PostgreSQL in place of that of the page.
func withDatabase(t *testing.T, text string) string {
	t.Helper()
	const ofPage = "postgres://fluentbit@db.example.com:5432/audit?sslmode=verify-full"
	if !strings.Contains(text, ofPage) {
		return text
	}
	return strings.ReplaceAll(text, ofPage, "postgres:///postgres?user=postgres&host="+url.QueryEscape(postgres.Start(t).Dir))
}

// complete returns a complete configuration for a part.
func complete(t *testing.T, b block, text string) string {
	t.Helper()
	var top map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &top); err != nil {
		t.Fatalf("%s: %v", b.where, err)
	}
	has := func(key string) bool { _, ok := top[key]; return ok }
	switch {
	case has("pipeline"):
		return text
	case has("service"), has("plugins"):
		return text + restYAML
	case has("api_url"):
		input := "      " + strings.Join(b.lines, "\n      ")
		return "pipeline:\n  inputs:\n    - name: confluence\n" + input + "\n  outputs:\n    - name: 'null'\n      match: '*'\n"
	}
	t.Fatalf("%s: neither a configuration of Fluent Bit nor an input's keys: give it another language", b.where)
	return ""
}

var head = regexp.MustCompile(`(?m)^# +fluent-bit -e (\S+) -c (\S+)$`)

// Each ready configuration tells in its head how to start it from a clone.
func TestHeads(t *testing.T) {
	p := newPlace(t)
	ready, err := filepath.Glob(filepath.Join(root, "examples/*/fluent-bit.*"))
	must(t, err)
	more, err := filepath.Glob(filepath.Join(root, "examples/*/organization.yaml"))
	must(t, err)
	ready = append(append(ready, more...), filepath.Join(root, "fluent-bit.conf"), filepath.Join(root, "fluent-bit.yaml"))
	for _, path := range ready {
		text, err := os.ReadFile(path)
		must(t, err)
		m := head.FindStringSubmatch(string(text))
		if m == nil {
			t.Errorf("%s does not say how to start it", path)
			continue
		}
		if _, err := os.Stat(filepath.Join(p.dir, m[1])); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if filepath.Join(root, m[2]) != path {
			t.Errorf("%s starts %s", path, m[2])
		}
	}
}
