package detections

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/manual"
	"fluent-bit-confluence/internal/simulate"
)

const page = "../docs/detections.md"

// TestDocumentation: the tables of the manual are those of the files and of the simulator.
func TestDocumentation(t *testing.T) {
	t.Parallel()
	inRaw := map[string]bool{}
	for _, r := range rulesIn(t, "raw") {
		inRaw[r.Title] = true
	}
	for folder, table := range map[string]string{"ecs": "detections", "templates": "templates"} {
		text := "| Rule | Level | What it finds | ATT&CK | `raw` |\n| :--- | :--- | :--- | :--- | :--- |\n"
		for _, r := range rulesIn(t, folder) {
			if !r.alerts() {
				continue
			}
			also := ""
			if inRaw[r.Title] {
				also = "yes"
			}
			var techniques []string
			for _, tag := range r.Tags {
				if id, ok := strings.CutPrefix(tag, "attack.t"); ok {
					techniques = append(techniques, "T"+id)
				}
			}
			name := strings.TrimSuffix(filepath.Base(r.file), ".yml")
			text += fmt.Sprintf("| [`%s`](../detections/%s/%s.yml) | %s | %s | %s | %s |\n", name, folder, name, r.Level, strings.TrimSpace(r.Description), strings.Join(techniques, ", "), also)
		}
		if err := manual.Check(page, table, text, *update); err != nil {
			t.Error(err)
		}
	}
	text := "| Attack | What the attacker does | Recorded by | Rules that find it |\n| :--- | :--- | :--- | :--- |\n"
	files := map[string]string{}
	for _, r := range rulesIn(t, "ecs") {
		files[r.Title] = strings.TrimSuffix(filepath.Base(r.file), ".yml")
	}
	for _, a := range simulate.Attacks() {
		var rules []string
		for _, title := range finds[a.Name] {
			rules = append(rules, "`"+files[title]+"`")
		}
		slices.Sort(rules)
		text += fmt.Sprintf("| `%s` | %s | %s | %s |\n", a.Name, a.Text, recordedBy(a), strings.Join(rules, ", "))
	}
	if err := manual.Check(page, "attacks", text, *update); err != nil {
		t.Error(err)
	}
}

// recordedBy names the logs that record an attack.
func recordedBy(a simulate.Attack) string {
	var logs []string
	for _, product := range []struct{ key, name string }{{simulate.Confluence, "Confluence"}, {simulate.Jira, "Jira"}, {simulate.Organization, "the organization"}} {
		cloud, center := a.RecordedBy(product.key, simulate.Cloud), a.RecordedBy(product.key, simulate.DataCenter)
		switch {
		case cloud && center:
			logs = append(logs, product.name)
		case product.key == simulate.Organization && cloud:
			logs = append(logs, product.name)
		case cloud:
			logs = append(logs, product.name+" Cloud")
		case center:
			logs = append(logs, product.name+" Data Center")
		}
	}
	return strings.Join(logs, ", ")
}
