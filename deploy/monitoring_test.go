package deploy

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/pipeline"
)

const dashboardFile = "monitoring/grafana-dashboard.json"

var metricName = regexp.MustCompile(`fluentbit_confluence_(\w+)`)

// named returns the names of the metrics in a file.
func named(t *testing.T, path string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, m := range metricName.FindAllStringSubmatch(string(text), -1) {
		names[strings.TrimSuffix(m[1], "_bucket")] = true // of a histogram
	}
	return names
}

// The alerts and the dashboard use only metrics that the input has, and all that they should use.
func TestMonitoringKnowsTheMetrics(t *testing.T) {
	t.Parallel()
	rules, dashboard := named(t, rulesFile), named(t, dashboardFile)
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

// hostMetrics are Fluent Bit's own metrics that the files may use, by the names of 5.1.1. An alert
// with a wrong name would never fire.
var hostMetrics = []string{
	"fluentbit_input_ingestion_paused", "fluentbit_output_chunk_available_capacity_percent", "fluentbit_output_dropped_records_total",
	"fluentbit_output_errors_total", "fluentbit_output_proc_records_total", "fluentbit_output_retries_failed_total", "fluentbit_output_retries_total",
}

func TestMonitoringKnowsTheHostsMetrics(t *testing.T) {
	t.Parallel()
	for _, path := range []string{rulesFile, alertsRun, dashboardFile, "../docs/metrics.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`fluentbit_(input|output|storage)_\w+`).FindAllString(string(text), -1) {
			if !slices.Contains(hostMetrics, name) {
				t.Errorf("%s: Fluent Bit has no metric %s", path, name)
			}
		}
	}
}

func TestMonitoringFilesAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, r := range alertRules(t) {
		if r.Alert == "" || r.Expr == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
			t.Errorf("incomplete rule %+v", r)
		}
	}
	text, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Error("the dashboard is not JSON")
	}
}

// The dashboard can show one product: the choice of a product limits the choice of inputs, and
// nothing else selects inputs.
func TestDashboardFiltersByProduct(t *testing.T) {
	t.Parallel()
	var dashboard struct {
		Templating struct {
			List []struct {
				Name, Regex, AllValue string
				Query                 any
			}
		}
	}
	readYAML(t, dashboardFile, &dashboard)
	var names []string
	for _, v := range dashboard.Templating.List {
		names = append(names, v.Name)
		if v.Name != "name" {
			continue
		}
		query, _ := v.Query.(map[string]any)["query"].(string)
		if !strings.Contains(query, `fluentbit_confluence_product{product=~"$product"}`) || v.AllValue != "" {
			t.Errorf("inputs of all products can be chosen: %s", query)
		}
		label := regexp.MustCompile(strings.Trim(v.Regex, "/"))
		if m := label.FindStringSubmatch(`{instance="a:2020", pod_name="b", name="jira", product="jira"} 1 1767225600000`); m == nil || m[1] != "jira" {
			t.Errorf("the name of the input is not found: %q", m)
		}
	}
	if !slices.Equal(names, []string{"datasource", "product", "name"}) {
		t.Errorf("variables %v", names)
	}
}
