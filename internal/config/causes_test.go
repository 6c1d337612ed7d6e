package config

import (
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/manual"
)

// TestCausesDocumentation compares the table of docs/troubleshooting.md with that of the causes and
// with what the products have of their own.
func TestDocumentationOfCauses(t *testing.T) {
	if err := manual.Check("../../docs/troubleshooting.md", "causes", causesTable(), *update); err != nil {
		t.Error(err)
	}
}

func causesTable() string {
	var b strings.Builder
	b.WriteString("| `cause` | Line | What to do |\n| :--- | :--- | :--- |\n")
	for _, row := range atlassian.Causes() {
		remedy, own := row.Remedy, []string(nil)
		for _, name := range Products() {
			p := products[name]
			if text := p.Remedies[row.Cause]; text != "" {
				own = append(own, p.Name+": "+text)
			}
		}
		if len(own) > 0 {
			remedy = strings.Join(own, ". ")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Cause, row.Example, remedy)
	}
	return b.String()
}

// Every product of the table of keys can be read, and says what to do where it differs.
func TestProducts(t *testing.T) {
	t.Parallel()
	for _, name := range Products() {
		p := products[name]
		if p == nil || p.Key != name {
			t.Fatalf("no product for product %s", name)
		}
		causes := []atlassian.Cause{atlassian.CauseScope, atlassian.CauseNotAdmin, atlassian.CauseFreePlan, atlassian.CauseForbidden}
		if name == "organization" { // has keys, and no administrators or plans of its own
			causes = []atlassian.Cause{atlassian.CauseScope, atlassian.CauseForbidden}
		}
		for _, cause := range causes {
			if !strings.Contains(strings.ToLower(p.Remedies[cause]), strings.ToLower(p.Name)) {
				t.Errorf("%s does not say what to do about %s", name, cause)
			}
		}
	}
}
