package config

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
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
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Cause, row.Example, remedies(row))
	}
	return b.String()
}

// remedies returns what to do about a cause, for each product that has a text of its own, and for
// the other sites what the table of causes has.
func remedies(row atlassian.CauseInfo) string {
	var others, own []string
	for _, name := range Products() {
		switch p := products[name]; {
		case p.Remedies[row.Cause] != "":
			own = append(own, p.Name+": "+p.Remedies[row.Cause])
		case name != "organization": // which no refusal about a site's plan or account concerns
			others = append(others, p.Name)
		}
	}
	switch {
	case len(own) == 0:
		return row.Remedy
	case len(others) > 0:
		own = append([]string{strings.Join(others, " and ") + ": " + row.Remedy}, own...)
	}
	return strings.Join(own, ". ")
}

// The page has what the tool says about a refusal by Confluence or Jira, whatever an organization
// has in its place.
func TestPageHasTheRemedyOfEverySite(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range atlassian.Causes() {
		for _, name := range []string{"confluence", "jira"} {
			remedy := cmp.Or(products[name].Remedies[row.Cause], row.Remedy)
			line := regexp.MustCompile("(?m)^\\| `" + string(row.Cause) + "` \\|.*$").FindString(string(page))
			if !strings.Contains(line, remedy) {
				t.Errorf("the row of %s does not tell %s to %s", row.Cause, name, remedy)
			}
		}
	}
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
