package schema

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/event/asim"
	"fluent-bit-confluence/internal/event/cim"
	"fluent-bit-confluence/internal/event/ecs"
	"fluent-bit-confluence/internal/event/ocsf"
	"fluent-bit-confluence/internal/meaning/action"
)

// TestActionsPage compares the tables of docs/actions.md with the table of actions.
func TestActionsPage(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/actions.md", "<!-- actions: ", "<!-- end of actions -->\n"
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(page), begin)
	comment, rest, _ := strings.Cut(rest, "\n")
	got, tail, ok := strings.Cut(rest, end)
	if !ok {
		t.Fatalf("%s has no markers for the tables", file)
	}
	if *update {
		got = actionTables()
		if err := os.WriteFile(file, []byte(head+begin+comment+"\n"+got+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(actionTables(), got); diff != "" {
		t.Errorf("%s is out of date, run go test ./internal/schema -update (-want +got):\n%s", file, diff)
	}
}

// actionTables returns the tables of all products: what is recognised, and what becomes of it.
func actionTables() string {
	var names, classes strings.Builder
	classes.WriteString("\n## What the schemas make of them\n")
	for _, product := range []struct {
		name, key string
		table     *action.Table
	}{{"Confluence", "confluence", action.Confluence}, {"Jira", "jira", action.Jira}, {"an organization", "organization", action.Organization}} {
		fmt.Fprintf(&names, "\n### Records of %s\n\n| Action | Severity, and why | Texts | Keys |\n| :--- | :--- | :--- | :--- |\n", product.name)
		fmt.Fprintf(&classes, "\n### Events of %s\n\n| Action | Verb, object | ECS category: type | OCSF class: activity | ASIM EventType | CIM action |\n| :--- | :--- | :--- | :--- | :--- | :--- |\n", product.name)
		for a := range product.table.All() {
			var keys []string
			for _, key := range product.table.KeysOf(a) {
				keys = append(keys, "`"+product.table.ShortKey(key)+"`")
			}
			texts := strings.Join(a.Texts(), "<br>")
			if texts == "" && len(keys) == 0 && a.Object != action.Setting && a.Object != action.App {
				texts = "from [who has it and what it allows](#permissions)"
			}
			fmt.Fprintf(&names, "| `%s` | %s: %s | %s | %s |\n", a.Name, a.Severity, a.Why, texts, strings.Join(keys, "<br>"))
			categories, types := ecs.CategoriesOf(a, product.key)
			fmt.Fprintf(&classes, "| `%s` | %s %s | %s: %s | %s | %s | %s |\n", a.Name, a.Verb, a.Object,
				strings.Join(categories, ", "), strings.Join(types, ", "), ocsfCell(a), asim.TypeOf(a), cim.ActionOf(a))
		}
	}
	return names.String() + classes.String()
}

// ocsfCell returns the class of a record that names its user or group; for a permission, those of
// both.
func ocsfCell(a *action.Action) string {
	cell := ocsf.ActivityOf(a, true)
	if a.Object == action.Permission {
		cell += "<br>" + ocsf.ActivityOf(a, false)
	}
	return cell
}
