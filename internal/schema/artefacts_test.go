package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/manual"
)

// What a receiver has to be told about the events is made from the tables of fields that the tests
// hold every event against. So a new field is in all of it, or a test fails.

// artefact compares a file of examples/ with what it has to be.
func artefact(t *testing.T, file string, want any) {
	t.Helper()
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(want); err != nil {
		t.Fatal(err)
	}
	file = "../../examples/" + file
	if *update {
		if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, _ := os.ReadFile(file)
	if diff := cmp.Diff(text.String(), string(have)); diff != "" {
		t.Errorf("%s is out of date, run go test ./internal/schema -update (-want +have):\n%s", file, diff)
	}
}

type dict = map[string]any

// TestSentinelTemplate: an ARM template with the table, the data collection rule, and the role of
// the application that sends.
func TestSentinelTemplate(t *testing.T) {
	t.Parallel()
	const stream, version = "Custom-AtlassianAudit_CL", "2023-03-11"
	var columns, declared []dict
	for _, c := range asimColumns {
		declared = append(declared, dict{"name": c.name, "type": c.kind})
		kind := c.kind
		if kind == "datetime" {
			kind = "dateTime" // as the API of tables writes it
		}
		columns = append(columns, dict{"name": c.name, "type": kind})
	}
	parameter := func(text string) dict { return dict{"type": "string", "metadata": dict{"description": text}} }
	optional := func(text string, value any) dict {
		p := parameter(text)
		p["defaultValue"] = value
		return p
	}
	days := optional("Days for which the records are kept, the first 90 of them for rules and searches.", 365)
	days["type"] = "int"
	const rule = "[resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName'))]"
	artefact(t, "sentinel/azuredeploy.json", dict{
		"$schema":        "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
		"contentVersion": "1.0.0.0",
		"metadata":       dict{"description": "The table and the data collection rule of examples/sentinel. Made from the columns of the schema asim: go test ./internal/schema -update"},
		"parameters": dict{
			"workspaceName":  parameter("Log Analytics workspace of Microsoft Sentinel, in this resource group."),
			"location":       optional("Region of the workspace.", "[resourceGroup().location]"),
			"ruleName":       optional("Name of the data collection rule.", "atlassian-audit"),
			"retentionDays":  days,
			"senderObjectId": optional("Object id of the application's service principal (not of the application). It gets the role Monitoring Metrics Publisher on the rule. Empty: give it by hand.", ""),
		},
		"resources": []dict{
			{
				"type": "Microsoft.OperationalInsights/workspaces/tables", "apiVersion": "2022-10-01",
				"name": "[concat(parameters('workspaceName'), '/AtlassianAudit_CL')]",
				"properties": dict{"plan": "Analytics", "retentionInDays": 90, "totalRetentionInDays": "[parameters('retentionDays')]",
					"schema": dict{"name": "AtlassianAudit_CL", "columns": columns}},
			},
			{
				"type": "Microsoft.Insights/dataCollectionRules", "apiVersion": version, "kind": "Direct",
				"name": "[parameters('ruleName')]", "location": "[parameters('location')]",
				"dependsOn": []string{"[resourceId('Microsoft.OperationalInsights/workspaces/tables', parameters('workspaceName'), 'AtlassianAudit_CL')]"},
				"properties": dict{
					"streamDeclarations": dict{stream: dict{"columns": declared}},
					"destinations": dict{"logAnalytics": []dict{{"name": "workspace",
						"workspaceResourceId": "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspaceName'))]"}}},
					"dataFlows": []dict{{"streams": []string{stream}, "destinations": []string{"workspace"}, "transformKql": "source", "outputStream": stream}},
				},
			},
			{
				"condition": "[not(empty(parameters('senderObjectId')))]",
				"type":      "Microsoft.Authorization/roleAssignments", "apiVersion": "2022-04-01", "scope": "[concat('Microsoft.Insights/dataCollectionRules/', parameters('ruleName'))]",
				"name":      "[guid(resourceGroup().id, parameters('ruleName'), parameters('senderObjectId'))]",
				"dependsOn": []string{rule},
				"properties": dict{"principalId": "[parameters('senderObjectId')]", "principalType": "ServicePrincipal",
					"roleDefinitionId": "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '3913510d-42f4-4e42-8a64-420c390055eb')]"},
			},
		},
		"outputs": dict{
			"AZURE_DCE_URL": dict{"type": "string", "value": "[reference(" + strings.Trim(rule, "[]") + ", '" + version + "').endpoints.logsIngestion]"},
			"AZURE_DCR_ID":  dict{"type": "string", "value": "[reference(" + strings.Trim(rule, "[]") + ", '" + version + "').immutableId]"},
		},
	})
}

// allECSFields returns every field of an event with its type, and event_time, which Fluent Bit adds.
func allECSFields() map[string]string {
	all := maps.Clone(ecsFields)
	for name, kind := range ecsAuditFields {
		for _, product := range []string{"confluence", "jira", "atlassian_cloud"} {
			all[product+".audit."+name] = kind
		}
	}
	for name, kind := range ecsOrganizationFields {
		all["atlassian_cloud.audit."+name] = kind
	}
	all["event_time"] = "date"
	return all
}

// TestIndexTemplates: the mappings of Elasticsearch and OpenSearch have every field.
func TestIndexTemplates(t *testing.T) {
	t.Parallel()
	for _, server := range []struct {
		file     string
		types    map[string]string // where this server calls a type otherwise
		settings dict
	}{
		{"elasticsearch", nil, dict{"index.lifecycle.name": "atlassian-audit", "index.lifecycle.rollover_alias": "atlassian-audit"}},
		{"opensearch", map[string]string{"flattened": "flat_object", "match_only_text": "text", "wildcard": "keyword"},
			dict{"plugins.index_state_management.rollover_alias": "atlassian-audit"}},
	} {
		properties := dict{}
		for name, kind := range allECSFields() {
			kind = strings.TrimSuffix(kind, "[]")
			if other := server.types[kind]; other != "" {
				kind = other
			}
			put(properties, strings.Split(name, "."), mappingOf(name, kind))
		}
		settings := maps.Clone(server.settings)
		settings["index.mapping.ignore_malformed"] = true
		settings["index.number_of_shards"] = 1
		artefact(t, server.file+"/index-template.json", dict{
			"index_patterns": []string{"atlassian-audit-*"},
			"priority":       200,
			"template":       dict{"settings": settings, "mappings": dict{"dynamic": false, "properties": properties}},
			"_meta":          dict{"description": "Made from the fields of the schema ecs: go test ./internal/schema -update"},
		})
	}
}

// put puts the mapping of a field into the properties of the objects that it is in.
func put(properties dict, path []string, mapping dict) {
	for _, name := range path[:len(path)-1] {
		if properties[name] == nil {
			properties[name] = dict{"properties": dict{}}
		}
		properties = properties[name].(dict)["properties"].(dict)
	}
	properties[path[len(path)-1]] = mapping
}

// mappingOf returns the mapping of a field. A text that is too long for an index would make the
// server refuse the whole record, so long ones are only stored.
func mappingOf(name, kind string) dict {
	switch m := (dict{"type": kind}); {
	case name == "event.original" || strings.HasSuffix(name, ".audit.other"):
		m["index"], m["doc_values"] = false, false
		return m
	case kind == "keyword" || kind == "wildcard" || kind == "flattened": // flat_object has no such parameter
		m["ignore_above"] = 1024
		return m
	default:
		return m
	}
}

// TestECSColumns: the manual lists every field of the schema ecs.
func TestECSColumns(t *testing.T) {
	t.Parallel()
	table := "| Field | Type |\n| :--- | :--- |\n"
	write := func(fields map[string]string, prefix string) {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			kind, list := strings.CutSuffix(fields[name], "[]")
			if list {
				kind = "list of " + kind
			}
			table += "| `" + prefix + name + "` | " + kind + " |\n"
		}
	}
	write(ecsFields, "")
	write(ecsAuditFields, "confluence.audit.")
	write(ecsOrganizationFields, "atlassian_cloud.audit.")
	if err := manual.Check("../../docs/schemas.md", "ecs", table, *update); err != nil {
		t.Error(err)
	}
}

// TestAthenaTable: the table over the objects in S3 has every attribute of the events. Objects and
// lists are JSON text, of which json_extract takes what a query needs.
func TestAthenaTable(t *testing.T) {
	t.Parallel()
	columns := map[string]string{}
	for _, raw := range slices.Concat(actionSamples(t), jiraSamples(t), organizationSamples(t)) {
		for _, m := range line(t, "ocsf", true, timeOf(raw), raw) {
			columns[m.Name] = "string"
			if _, ok := m.Value.(json.Number); ok {
				columns[m.Name] = "bigint"
			}
		}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		lines = append(lines, fmt.Sprintf("  `%s` %s", name, columns[name]))
	}
	want := fmt.Sprintf(athenaTable, strings.Join(lines, ",\n"))
	const file = "../../examples/s3/athena.sql"
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, _ := os.ReadFile(file)
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is out of date, run go test ./internal/schema -update (-want +have):\n%s", file, diff)
	}
	recipe, err := os.ReadFile("../../examples/s3/fluent-bit.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(recipe, []byte("/ext/$TAG[1]/1.0/region=${AWS_REGION:-us-east-1}/accountId=${AWS_ACCOUNT_ID}/eventDay=%Y%m%d/")) {
		t.Error("the recipe has other partitions than the table")
	}
}

const athenaTable = `-- What examples/s3 delivers, as a table of Amazon Athena. Made from the events of the schema ocsf:
-- go test ./internal/schema -update
-- Put your bucket, region and account in the place of BUCKET, REGION and ACCOUNT. For Jira write jira
-- in the place of confluence.
CREATE EXTERNAL TABLE atlassian_confluence (
%s
)
PARTITIONED BY (region string, accountid string, eventday string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/ext/confluence/1.0/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.region.type' = 'enum', 'projection.region.values' = 'REGION',
  'projection.accountid.type' = 'enum', 'projection.accountid.values' = 'ACCOUNT',
  'projection.eventday.type' = 'date', 'projection.eventday.format' = 'yyyyMMdd', 'projection.eventday.range' = '20240101,NOW',
  'storage.location.template' = 's3://BUCKET/ext/confluence/1.0/region=${region}/accountId=${accountid}/eventDay=${eventday}/'
);
`
