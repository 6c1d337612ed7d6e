package deploy

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"go.yaml.in/yaml/v3"

	"fluent-bit-confluence/internal/pipeline"
)

var metricName = regexp.MustCompile(`fluentbit_confluence_(\w+)`)

// named returns the metrics that a file names.
func named(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, m := range metricName.FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
	return names
}

// The alerts and the dashboard name no metric that the input does not have, and leave none out that they should show.
func TestMonitoringKnowsTheMetrics(t *testing.T) {
	t.Parallel()
	rules, dashboard := named(t, "monitoring/prometheus-rules.yaml"), named(t, "monitoring/grafana-dashboard.json")
	for _, m := range pipeline.Metrics {
		if m.Alert != "" && !rules[m.Name] {
			t.Errorf("no alert is on %s", m.Name)
		}
		if !dashboard[m.Name] {
			t.Errorf("the dashboard does not show %s", m.Name)
		}
		delete(rules, m.Name)
		delete(dashboard, m.Name)
	}
	if len(rules) > 0 || len(dashboard) > 0 {
		t.Errorf("the input has no metrics %v, %v", rules, dashboard)
	}
}

func TestMonitoringFilesAreWellFormed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("monitoring/prometheus-rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" || r.Expr == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("incomplete rule %+v", r)
			}
		}
	}
	text, err = os.ReadFile("monitoring/grafana-dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Error("the dashboard is not JSON")
	}
}
