package confluence

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/manual"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

// causesTable returns the documentation's table of causes.
func causesTable() string {
	var b strings.Builder
	b.WriteString("| `cause` | Line | What to do |\n| :--- | :--- | :--- |\n")
	for _, row := range atlassian.Causes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Cause, row.Example, row.Remedy)
	}
	return b.String()
}

func TestDocumentation(t *testing.T) {
	if err := manual.Check("../docs/troubleshooting.md", "causes", causesTable(), *update); err != nil {
		t.Error(err)
	}
}
