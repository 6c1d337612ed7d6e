package detections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The dashboards of the records, for Grafana on VictoriaLogs and on Loki, for Kibana and for
// OpenSearch Dashboards, are made from one list of panels.

// panel is one panel: what it shows of the records that match, by which fields.
type panel struct {
	title, text string
	kind        string // as Grafana calls it: stat, timeseries, table, logs
	width       int    // of 24
	match       []match
	by          []string
}

// match is a field that matches a regular expression.
type match struct{ field, pattern string }

var (
	high        = []match{{"event.severity", "4"}}
	permissions = []match{{"event.code", "(permission|restriction)[.].*|link[.]public[.].*|group[.](member|subgroup)[.].*|project[.]role[.].*"}}
	refusals    = []match{{"event.code", ".*[.]refused"}}
	collectors  = []match{{"event.code", "collector[.].*"}}
)

var panels = []panel{
	{"Records", "Records of the time range.", "stat", 6, nil, nil},
	{"High severity", "What opens the site to everybody, or blinds those who watch it.", "stat", 6, high, nil},
	{"Changes of permission", "Permissions, restrictions, public links, members of groups and of project roles.", "stat", 6, permissions, nil},
	{"Refused", "Logins, secure administration and restricted pages that were refused. Data Center and the log of the organization have them.", "stat", 6, refusals, nil},
	{"High severity, newest first", "", "logs", 24, high, []string{"event.code", "user.full_name", "user.name", "user.id", "source.ip", "service.address"}},
	{"Records by severity", "1 is daily work, 2 administration, 3 takes away data or gives access, 4 is high.", "timeseries", 24, nil, []string{"event.severity"}},
	{"Who", "The ten who did most. Jira Cloud has ids only.", "table", 8, nil, []string{"user.full_name", "user.name", "user.id"}},
	{"What", "The ten actions that came most.", "table", 8, nil, []string{"event.code"}},
	{"Where from", "The ten addresses from which most was done.", "table", 8, nil, []string{"source.ip"}},
	{"Changes of permission, newest first", "Who gave what to whom.", "logs", 24, permissions, []string{"event.code", "user.full_name", "user.name", "user.id", "user.target.full_name", "group.name", "source.ip"}},
	{"Refused, by address", "Many from one address are an attack.", "timeseries", 12, refusals, []string{"source.ip"}},
	{"Collector", "The health records of the input; none without health_records on.", "logs", 12, collectors, []string{"event.code", "event.reason", "service.address"}},
}

// logsQL returns the query of VictoriaLogs, and how its data source is to ask.
func (p panel) logsQL() (query, kind string) {
	query = `"service.type":~"^($product)$"`
	for _, m := range p.match {
		query += fmt.Sprintf(` %q:~"^(%s)$"`, m.field, m.pattern)
	}
	by := strings.Join(quoted(p.by), ", ")
	switch p.kind {
	case "stat":
		return query + " | stats count() as records", "stats"
	case "timeseries":
		return query + " | stats by (" + by + ") count() as records", "statsRange"
	case "table":
		return query + " | stats by (" + by + ") count() as records | sort by (records desc) | limit 10", "stats"
	}
	return query + ` | fields _time, _msg, ` + by, "instant"
}

// logQL returns the query of Loki.
func (p panel) logQL() string {
	label := func(field string) string { return strings.ReplaceAll(field, ".", "_") }
	var fields, labels []string
	for _, m := range p.match {
		fields = append(fields, m.field)
	}
	for _, field := range p.by {
		labels = append(labels, label(field))
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	query := `{job="atlassian", product=~"$product"}`
	for i, field := range fields {
		fields[i] = fmt.Sprintf("%s=%q", label(field), field)
	}
	if len(fields) > 0 {
		query += " | json " + strings.Join(fields, ", ")
	}
	for _, m := range p.match {
		query += fmt.Sprintf(" | %s=~%q", label(m.field), m.pattern)
	}
	by := strings.Join(labels, ", ")
	switch p.kind {
	case "stat":
		return "sum(count_over_time(" + query + " [$__range]))"
	case "timeseries":
		return "sum by (" + by + ") (count_over_time(" + query + " [$__auto]))"
	case "table":
		return "topk(10, sum by (" + by + ") (count_over_time(" + query + " [$__range])))"
	}
	return query + ` | line_format "{{.` + strings.Join(labels, "}} {{.") + `}}"`
}

type dict = map[string]any

// place is where a panel is, in columns of 24 and rows.
type place struct{ x, y, h int }

// places are those of the panels, in rows that are as high as their panels.
var places = func() (all []place) {
	var next place
	for _, p := range panels {
		if next.x+p.width > 24 {
			next.x, next.y = 0, next.y+next.h
		}
		if next.h = 9; p.kind == "stat" {
			next.h = 4
		}
		all = append(all, next)
		next.x += p.width
	}
	return all
}()

// dashboard returns the model of Grafana.
func dashboard(title, uid, source string, target func(panel) dict) dict {
	var all []dict
	for i, p := range panels {
		options := map[string]dict{
			"stat": {"reduceOptions": dict{"calcs": []string{"lastNotNull"}}, "colorMode": "none"},
			"logs": {"showTime": true, "wrapLogMessage": true, "enableLogDetails": true, "sortOrder": "Descending"},
		}[p.kind]
		if options == nil {
			options = dict{}
		}
		t := target(p)
		t["refId"] = "A"
		t["datasource"] = dict{"type": source, "uid": "${datasource}"}
		all = append(all, dict{"id": i + 1, "title": p.title, "description": p.text, "type": p.kind, "datasource": t["datasource"], "options": options,
			"gridPos": dict{"x": places[i].x, "y": places[i].y, "w": p.width, "h": places[i].h}, "targets": []dict{t}})
	}
	return dict{
		"title": title, "uid": uid, "schemaVersion": 39, "editable": true, "refresh": "1m", "tags": []string{"atlassian", "audit"}, "time": dict{"from": "now-24h", "to": "now"},
		"description": "Audit records of Confluence and Jira. Made from a list of panels: go test ./detections -update",
		"templating": dict{"list": []dict{
			{"name": "datasource", "label": "Data source", "type": "datasource", "query": source},
			{"name": "product", "label": "Product", "type": "custom", "query": "confluence,jira,organization", "includeAll": true, "allValue": ".*", "current": dict{"text": "All", "value": "$__all"}},
		}},
		"panels": all,
	}
}

// TestDashboards: the dashboards are up to date.
func TestDashboards(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]dict{
		"../examples/victorialogs/dashboard.json": dashboard("Confluence and Jira audit log", "atlassian-audit-victorialogs", "victoriametrics-logs-datasource", func(p panel) dict {
			query, kind := p.logsQL()
			return dict{"expr": query, "queryType": kind}
		}),
		"../examples/loki/dashboard.json": dashboard("Confluence and Jira audit log", "atlassian-audit-loki", "loki", func(p panel) dict {
			kind := "range"
			if p.kind == "stat" || p.kind == "table" {
				kind = "instant"
			}
			return dict{"expr": p.logQL(), "queryType": kind}
		}),
	} {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		if err := e.Encode(want); err != nil {
			t.Fatal(err)
		}
		upToDate(t, file, text.String())
	}
}

// upToDate compares a file with what it has to be.
func upToDate(t *testing.T, file, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, _ := os.ReadFile(file)
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is out of date, run go test ./detections -update (-want +have):\n%s", file, diff)
	}
}

// TestPanelsShowSomething: each panel has fields that records have, and shows records of the
// ordinary week or of the attacks.
func TestPanelsShowSomething(t *testing.T) {
	t.Parallel()
	for _, p := range panels {
		shows, has := false, map[string]bool{}
		patterns := make([]*regexp.Regexp, len(p.match))
		for i, m := range p.match {
			patterns[i] = regexp.MustCompile("^(" + m.pattern + ")$")
		}
		for _, play := range ecs() {
			for _, event := range play.events {
				matches := true
				for i, m := range p.match {
					matches = matches && patterns[i].MatchString(event.text(m.field))
				}
				shows = shows || matches
				for _, field := range p.by {
					has[field] = has[field] || matches && event.text(field) != ""
				}
			}
		}
		if !shows {
			t.Errorf("%s: shows nothing", p.title)
		}
		for _, field := range p.by {
			if !has[field] {
				t.Errorf("%s: no record that it shows has %s", p.title, field)
			}
		}
	}
}
