// Package detections tests the Sigma rules of this folder: over simulated attacks, over a week of
// ordinary work, and against the tables of actions.
package detections

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bradleyjkemp/sigma-go"
	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/meaning/action"
)

var update = flag.Bool("update", false, "write the rules for raw and the tables of the manual anew")

// rule is one document of a file: a detection or a correlation of others.
type rule struct {
	file string
	sigma.Rule
	Name        string
	Correlation *correlation

	Normal, Response string
	FalsePositives   []string
	License, Date    string
	Taxonomy         string
	source           []byte
}

// alerts returns whether the rule is one to alert on, and no part of another.
func (r *rule) alerts() bool { return r.Level != "" }

// rulesIn returns the documents of all files in a folder.
func rulesIn(t *testing.T, folder string) (rules []*rule) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no rules in %s: %v", folder, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for documents := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var node yaml.Node
			if err := documents.Decode(&node); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			rules = append(rules, ruleOf(t, file, &node))
		}
	}
	return rules
}

func ruleOf(t *testing.T, file string, node *yaml.Node) *rule {
	t.Helper()
	r := &rule{file: file}
	var more struct {
		Name, Normal, Response, License, Date, Taxonomy string
		FalsePositives                                  []string `yaml:"falsepositives"`
		Correlation                                     *correlation
	}
	err := node.Decode(&more)
	if err == nil {
		r.source, err = yaml.Marshal(node)
	}
	if err == nil {
		r.Rule, err = sigma.ParseRule(r.source)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	r.Name, r.Normal, r.Response, r.License, r.Date, r.Taxonomy = more.Name, more.Normal, more.Response, more.License, more.Date, more.Taxonomy
	r.FalsePositives, r.Correlation = more.FalsePositives, more.Correlation
	return r
}

var folders = []string{"ecs", "raw", "templates"}

// Each rule tells what the team on duty needs, in the form of the Sigma specification 2.1.
func TestForm(t *testing.T) {
	t.Parallel()
	var (
		fileName  = regexp.MustCompile(`^[a-z0-9_]{6,66}\.yml$`)
		id        = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
		technique = regexp.MustCompile(`^attack\.t\d{4}(\.\d{3})?$`)
		tactic    = regexp.MustCompile(`^attack\.[a-z-]+$`)
	)
	seen := map[string]string{}
	for _, folder := range folders {
		for _, r := range rulesIn(t, folder) {
			name := r.file + ": " + r.Title
			if !fileName.MatchString(filepath.Base(r.file)) || !id.MatchString(r.ID) || r.Title == "" || len(r.Title) > 256 {
				t.Errorf("%s: name of the file, id or title", name)
			}
			for _, unique := range []string{r.ID, folder + r.Title, folder + r.Name} {
				if seen[unique] != "" && unique != folder {
					t.Errorf("%s: %s is also in %s", name, unique, seen[unique])
				}
				seen[unique] = name
			}
			if (r.Correlation == nil) == (len(r.Detection.Searches) == 0) {
				t.Errorf("%s: want a detection or a correlation", name)
			}
			if r.Correlation == nil && (r.Logsource.Product != "atlassian" || r.Logsource.Service != "audit") {
				t.Errorf("%s: log source %+v", name, r.Logsource)
			}
			if !r.alerts() {
				if r.Name == "" || r.Status+r.Description+r.Response != "" {
					t.Errorf("%s: a part of another rule needs a name, and nothing for people", name)
				}
				continue
			}
			techniques := 0
			for _, tag := range r.Tags {
				if technique.MatchString(tag) {
					techniques++
				} else if !tactic.MatchString(tag) {
					t.Errorf("%s: tag %s", name, tag)
				}
			}
			if r.Description == "" || r.Normal == "" || r.Response == "" || len(r.FalsePositives) == 0 || techniques == 0 || r.License != "Apache-2.0" || r.Date == "" {
				t.Errorf("%s: want description, normal, response, falsepositives, a technique, license and date", name)
			}
			if !slices.Contains([]string{"low", "medium", "high"}, r.Level) || !slices.Contains([]string{"test", "experimental"}, r.Status) {
				t.Errorf("%s: level %s, status %s", name, r.Level, r.Status)
			}
		}
	}
}

// Each action that a rule names is in the tables of actions.
func TestActionsAreKnown(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, table := range []*action.Table{action.Confluence, action.Jira, action.Organization} {
		for a := range table.All() {
			known[a.Name] = true
		}
	}
	for _, folder := range folders {
		for _, r := range rulesIn(t, folder) {
			for _, value := range valuesOf(r, "event.code") {
				if !known[value] {
					t.Errorf("%s: no action is named %s", r.file, value)
				}
			}
		}
	}
}

// valuesOf returns the values of a field in a rule.
func valuesOf(r *rule, field string) (values []string) {
	for _, search := range r.Detection.Searches {
		for _, matcher := range search.EventMatchers {
			for _, m := range matcher {
				for _, value := range m.Values {
					if m.Field == field {
						values = append(values, fmt.Sprint(value))
					}
				}
			}
		}
	}
	return values
}

// span is a timespan of Sigma: 90s, 15m, 1h, 7d.
type span time.Duration

// UnmarshalYAML reads a number and a letter.
func (s *span) UnmarshalYAML(node *yaml.Node) error {
	text := node.Value
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		if _, err := fmt.Sscanf(days, "%d", &n); err != nil {
			return fmt.Errorf("read timespan %q: %w", text, err)
		}
		*s = span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(text)
	*s = span(d)
	return err
}
