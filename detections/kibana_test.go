package detections

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Kibana and OpenSearch Dashboards import saved objects, one a line. A panel is an object of its
// own: a visualization, or a search that lists records. The forms are those of Kibana 7.10, from
// which OpenSearch Dashboards was forked and which Kibana brings up to date when it imports them.

// server is what differs between the two.
type server struct {
	folder string
	// stamp says for which version an object was written.
	stamp func(object dict, kind string)
	// reference is the name by which a dashboard refers to a panel.
	reference func(panel string) string
}

// forms are the versions of the types, as OpenSearch Dashboards exports them: for example
// integrations/observability/nginx/assets of opensearch-project/opensearch-catalog.
var forms = map[string]string{"index-pattern": "7.6.0", "search": "7.9.3", "visualization": "7.10.0", "dashboard": "7.9.3"}

var servers = []server{
	{"opensearch", func(object dict, kind string) {
		object["migrationVersion"] = dict{kind: forms[kind]}
	}, func(panel string) string { return "panel_" + panel }},
	// As in the sample data of Kibana 8 and 9: src/platform/plugins/shared/home of elastic/kibana.
	{"elasticsearch", func(object dict, kind string) {
		object["coreMigrationVersion"], object["typeMigrationVersion"] = "8.8.0", forms[kind]
		if kind == "dashboard" {
			object["typeMigrationVersion"] = "8.7.0"
		}
	}, func(panel string) string { return panel + ":panel_" + panel }},
}

// indexPattern is the id of the object, which Kibana calls a data view, and the name of the alias.
const indexPattern = "atlassian-audit"

// lucene returns the query in the language that Kibana calls lucene: only this one has regular
// expressions. A number cannot match one.
func (p panel) lucene() string {
	var all []string
	for _, m := range p.match {
		if regexp.QuoteMeta(m.pattern) == m.pattern {
			all = append(all, fmt.Sprintf("%s:%q", m.field, m.pattern))
		} else {
			all = append(all, fmt.Sprintf("%s:/%s/", m.field, m.pattern))
		}
	}
	return strings.Join(all, " AND ")
}

// text returns an object as the text of which saved objects have some inside.
func text(t *testing.T, object any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(object); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// savedObject returns the object that is a panel: its type and its attributes.
func (p panel) savedObject(t *testing.T) (kind string, attributes dict) {
	t.Helper()
	const ref = "kibanaSavedObjectMeta.searchSourceJSON.index"
	attributes = dict{"title": "Atlassian audit: " + p.title, "description": p.text, "version": 1,
		"kibanaSavedObjectMeta": dict{"searchSourceJSON": text(t, dict{
			"query": dict{"query": p.lucene(), "language": "lucene"}, "filter": []dict{}, "indexRefName": ref})}}
	if p.kind == "logs" {
		attributes["columns"], attributes["sort"] = p.by, [][]string{{"@timestamp", "desc"}}
		return "search", attributes
	}
	var vis string
	var params dict
	aggs := []dict{{"id": "1", "enabled": true, "type": "count", "schema": "metric", "params": dict{"customLabel": "Records"}}}
	add := func(kind, schema string, params dict) {
		aggs = append(aggs, dict{"id": fmt.Sprint(len(aggs) + 1), "enabled": true, "type": kind, "schema": schema, "params": params})
	}
	terms := func(field string) dict {
		return dict{"field": field, "size": 10, "order": "desc", "orderBy": "1", "otherBucket": false, "otherBucketLabel": "Other",
			// A record of Jira Cloud has the id of its user only.
			"missingBucket": len(p.by) > 1, "missingBucketLabel": "-"}
	}
	switch p.kind {
	case "stat":
		vis, params = "metric", dict{"type": "metric", "addTooltip": true, "addLegend": false, "metric": dict{
			"percentageMode": false, "useRanges": false, "colorSchema": "Green to Red", "metricColorMode": "None", "colorsRange": []dict{{"from": 0, "to": 10000}},
			"labels": dict{"show": false}, "invertColors": false,
			"style": dict{"bgFill": "#000", "bgColor": false, "labelColor": false, "subText": "", "fontSize": 40}}}
	case "table":
		vis, params = "table", dict{"perPage": 10, "showPartialRows": false, "showMetricsAtAllLevels": false, "showTotal": false, "totalFunc": "sum",
			"percentageCol": "", "sort": dict{"columnIndex": nil, "direction": nil}}
		for _, field := range p.by {
			add("terms", "bucket", terms(field))
		}
	case "timeseries":
		vis, params = "histogram", histogram
		add("date_histogram", "segment", dict{"field": "@timestamp", "interval": "auto", "drop_partials": false, "min_doc_count": 1, "extended_bounds": dict{}})
		for _, field := range p.by {
			add("terms", "group", terms(field))
		}
	default:
		t.Fatalf("%s: a panel of kind %s", p.title, p.kind)
	}
	attributes["visState"] = text(t, dict{"title": attributes["title"], "type": vis, "params": params, "aggs": aggs})
	attributes["uiStateJSON"] = "{}"
	return "visualization", attributes
}

// histogram holds the parameters of stacked bars over time.
var histogram = dict{
	"type": "histogram", "grid": dict{"categoryLines": false}, "addTooltip": true, "addLegend": true, "legendPosition": "right", "times": []dict{}, "addTimeMarker": false,
	"labels": dict{"show": false}, "thresholdLine": dict{"show": false, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
	"categoryAxes": []dict{{"id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": true, "style": dict{}, "scale": dict{"type": "linear"},
		"labels": dict{"show": true, "filter": true, "truncate": 100}, "title": dict{}}},
	"valueAxes": []dict{{"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": true, "style": dict{},
		"scale": dict{"type": "linear", "mode": "normal"}, "labels": dict{"show": true, "rotate": 0, "filter": false, "truncate": 100}, "title": dict{"text": "Records"}}},
	"seriesParams": []dict{{"show": true, "type": "histogram", "mode": "stacked", "data": dict{"label": "Records", "id": "1"}, "valueAxis": "ValueAxis-1",
		"drawLinesBetweenPoints": true, "lineWidth": 2, "showCircles": true}},
}

// savedObjects returns the file for a server: what is referred to comes first.
func savedObjects(t *testing.T, to server) string {
	t.Helper()
	var lines strings.Builder
	write := func(kind, id string, attributes dict, references []dict) {
		object := dict{"id": id, "type": kind, "attributes": attributes, "references": references}
		to.stamp(object, kind)
		lines.WriteString(text(t, object) + "\n")
	}
	const title = "Confluence and Jira audit log"
	write("index-pattern", indexPattern, dict{"title": indexPattern, "timeFieldName": "@timestamp"}, []dict{})
	var all, references []dict
	for i, p := range panels {
		kind, attributes := p.savedObject(t)
		name, id := fmt.Sprint(i+1), fmt.Sprintf("%s-%d", indexPattern, i+1)
		write(kind, id, attributes, []dict{{"name": "kibanaSavedObjectMeta.searchSourceJSON.index", "type": "index-pattern", "id": indexPattern}})
		references = append(references, dict{"name": to.reference(name), "type": kind, "id": id})
		// Their dashboards have 48 columns, and rows of two thirds of Grafana's.
		grid := dict{"i": name, "x": 2 * places[i].x, "y": places[i].y * 3 / 2, "w": 2 * p.width, "h": (places[i].y+places[i].h)*3/2 - places[i].y*3/2}
		all = append(all, dict{"version": "7.10.0", "type": kind, "panelIndex": name, "gridData": grid, "panelRefName": "panel_" + name,
			"title": p.title, "embeddableConfig": dict{"title": p.title}})
	}
	write("dashboard", indexPattern, dict{"title": title, "version": 1,
		"description": "Audit records of Confluence and Jira. Made from a list of panels: go test ./detections -update",
		"timeRestore": true, "timeFrom": "now-24h", "timeTo": "now", "refreshInterval": dict{"pause": false, "value": 60000},
		"optionsJSON": text(t, dict{"useMargins": true, "hidePanelTitles": false}), "panelsJSON": text(t, all),
		"kibanaSavedObjectMeta": dict{"searchSourceJSON": text(t, dict{"query": dict{"query": "", "language": "kuery"}, "filter": []dict{}})}}, references)
	return lines.String()
}
