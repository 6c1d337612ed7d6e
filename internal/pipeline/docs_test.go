package pipeline

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/manual"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

func metricsTable() string {
	var b strings.Builder
	b.WriteString("| Metric | Kind | Meaning | Alert |\n| :--- | :--- | :--- | :--- |\n")
	for _, m := range Metrics {
		label := ""
		if m.Label != "" {
			label = "{" + m.Label + "}"
		}
		fmt.Fprintf(&b, "| `fluentbit_confluence_%s%s` | %s | %s | %s |\n", m.Name, label, m.Kind, m.Help, m.Alert)
	}
	return b.String()
}

func TestDocumentation(t *testing.T) {
	if err := manual.Check("../../docs/metrics.md", "metrics", metricsTable(), *update); err != nil {
		t.Error(err)
	}
}

// Every log line that the manual quotes is in the code.
func TestLinesOfTheManualExist(t *testing.T) {
	t.Parallel()
	const root = "../.."
	manual, err := os.ReadFile(filepath.Join(root, "docs/troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(manual), "## What else the input says")
	section, _, ok2 := strings.Cut(section, "## Lines of Fluent Bit itself")
	if !ok || !ok2 {
		t.Fatal("the manual has lost its section")
	}
	var code strings.Builder
	for _, dir := range []string{"internal", "plugin", "confluence"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".c") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			// A message may continue on the next line of the code.
			code.WriteString(regexp.MustCompile(`" \+\s*"`).ReplaceAllString(string(text), ""))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	quoted := regexp.MustCompile("(?m)^\\| `(.+?)` \\|").FindAllStringSubmatch(section, -1)
	if len(quoted) < 20 {
		t.Fatalf("found only %d lines in the manual", len(quoted))
	}
	for _, q := range quoted {
		if !strings.Contains(code.String(), q[1]) {
			t.Errorf("no code says %q", q[1])
		}
	}
}
