package manual

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

var (
	code   = regexp.MustCompile("`([^`\n]+)`")
	path   = regexp.MustCompile(`^(cmd|confluence|internal|jira|plugin|test)(/[\w.-]+)*$`)
	isTest = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// Every file and folder of the code that CONTRIBUTING.md names is there, and every test is in the
// folder that is named next.
func TestContributing(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	var waiting []string // tests whose folder comes next
	paths, tests := 0, 0
	for _, match := range code.FindAllStringSubmatch(string(text), -1) {
		switch name := match[1]; {
		case strings.HasPrefix(name, "Test"):
			waiting = append(waiting, name)
		case path.MatchString(name):
			paths++
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("CONTRIBUTING.md: %v", err)
			}
			for _, test := range waiting {
				tests++
				if !slices.Contains(testsIn(t, name), test) {
					t.Errorf("CONTRIBUTING.md: there is no %s in %s", test, name)
				}
			}
			waiting = nil
		}
	}
	if paths < 40 || tests < 15 || len(waiting) > 0 {
		t.Errorf("found %d paths and %d tests, and no folder for %v", paths, tests, waiting)
	}
}

// testsIn returns the names of the tests in a folder.
func testsIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range isTest.FindAllSubmatch(text, -1) {
			names = append(names, string(match[1]))
		}
	}
	return names
}
