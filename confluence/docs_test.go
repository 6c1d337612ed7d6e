package confluence

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

// causesTable is the documentation's table of causes.
func causesTable() string {
	var b strings.Builder
	b.WriteString("| `cause` | Line | What to do |\n| :--- | :--- | :--- |\n")
	for _, row := range Causes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Cause, row.Example, row.Remedy)
	}
	return b.String()
}

func TestDocumentation(t *testing.T) {
	const file = "../docs/troubleshooting.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- causes: .*? -->\n)(.*?)(<!-- end of causes -->)`)
	match := between.FindSubmatch(text)
	if match == nil {
		t.Fatalf("%s has no markers for the table", file)
	}
	want := "\n" + causesTable() + "\n"
	if *update {
		text = between.ReplaceAllFunc(text, func([]byte) []byte { return slices.Concat(match[1], []byte(want), match[3]) })
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(match[2])); diff != "" {
		t.Errorf("%s is out of date, run go generate ./confluence (-want +got):\n%s", file, diff)
	}
}
