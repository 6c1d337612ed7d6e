package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/pipeline"
)

const (
	rulesFile = "monitoring/prometheus-rules.yaml"
	alertsRun = "monitoring/prometheus-rules.test.yaml"
)

// alertRule is the part of an alert rule that the tests need.
type alertRule struct {
	Alert, Expr string
	Annotations map[string]string
}

func alertRules(t *testing.T) []alertRule {
	t.Helper()
	var file struct {
		Groups []struct{ Rules []alertRule }
	}
	readYAML(t, rulesFile, &file)
	var rules []alertRule
	for _, g := range file.Groups {
		rules = append(rules, g.Rules...)
	}
	if len(rules) == 0 {
		t.Fatal("found no rules")
	}
	return rules
}

func readYAML(t *testing.T, path string, v any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
}

// promtool returns the path of Prometheus's own checker.
func promtool(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("not tried: promtool is not installed, it comes with Prometheus (Debian: apt install prometheus)")
	}
	return path
}

// By Prometheus's own checker the rules are valid, and each fires and stays silent when it should.
func TestAlertsFire(t *testing.T) {
	t.Parallel()
	tool := promtool(t)
	for _, args := range [][]string{{"check", "rules", rulesFile}, {"test", "rules", alertsRun}} {
		if out, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// The dashboard's queries are valid: promtool checks them as recording rules.
func TestDashboardQueries(t *testing.T) {
	t.Parallel()
	tool := promtool(t)
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	readYAML(t, dashboardFile, &dashboard)
	type record struct{ Record, Expr string }
	var records []record
	for _, p := range dashboard.Panels {
		for _, q := range p.Targets {
			records = append(records, record{fmt.Sprintf("query:%d", len(records)), q.Expr})
		}
	}
	if len(records) < len(pipeline.Metrics) {
		t.Fatalf("found only %d queries", len(records))
	}
	text, err := yaml.Marshal(map[string]any{"groups": []any{map[string]any{"name": "dashboard", "rules": records}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "queries.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "check", "rules", path).CombinedOutput(); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
}

// Every alert has a test in which it fires, and one in which it must stay silent.
func TestEachAlertIsTried(t *testing.T) {
	t.Parallel()
	var file struct {
		Tests []struct {
			Name    string
			Queries []struct {
				Samples []struct{ Labels string } `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	readYAML(t, alertsRun, &file)
	fires, silent := make(map[string]bool), make(map[string]bool)
	for _, rule := range alertRules(t) {
		for _, test := range file.Tests {
			seen := 0
			for _, q := range test.Queries {
				for _, s := range q.Samples {
					if strings.Contains(s.Labels, `"`+rule.Alert+`"`) {
						seen++
					}
				}
			}
			fires[rule.Alert] = fires[rule.Alert] || seen > 0
			silent[rule.Alert] = silent[rule.Alert] || seen > 0 && seen < len(test.Queries)
		}
		if !fires[rule.Alert] || !silent[rule.Alert] {
			t.Errorf("%s is never seen to fire (%v), or never to be silent where it fires later (%v)", rule.Alert, fires[rule.Alert], silent[rule.Alert])
		}
	}
}
