package docs

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// internal are targets that only other targets use.
var internal = []string{"force", "package-compilers"}

// make help explains every target, in lines that are not wider than a terminal.
func TestMakeHelp(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	cmd := p.shell(t, "make help")
	cmd.Dir = root
	help, err := cmd.Output()
	must(t, err)
	phony := regexp.MustCompile(`(?m)^\.PHONY: (.+)$`)
	found := 0
	for _, file := range []string{"Makefile", "deploy/deploy.mk", "test/recipes/tools.mk"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		must(t, err)
		for _, m := range phony.FindAllStringSubmatch(string(text), -1) {
			for target := range strings.FieldsSeq(m[1]) {
				if strings.Contains(target, "/") || slices.Contains(internal, target) {
					continue
				}
				found++
				if !regexp.MustCompile(`(?m)^` + target + ` +\S`).Match(help) {
					t.Errorf("make help does not explain %s: write a comment above it in %s", target, file)
				}
			}
		}
	}
	if found < 20 {
		t.Errorf("found only %d targets", found)
	}
	for line := range strings.Lines(string(help)) {
		if utf8.RuneCountInString(line) > 81 {
			t.Errorf("the line is too wide: %s", line)
		}
	}
}

// make packages says what is missing before it builds anything.
func TestMakePackagesSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	cmd := p.shell(t, "make packages CROSS=amd64")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	want := "packages of arm64 need aarch64-linux-gnu-gcc (Debian: apt-get install gcc-aarch64-linux-gnu); without: make packages ARCHS=amd64\n"
	if _, failed := errors.AsType[*exec.ExitError](err); !failed || !strings.HasPrefix(string(out), want) {
		t.Errorf("%v, %s", err, out)
	}
}

// The README names the version of Go that the project needs.
func TestGoVersion(t *testing.T) {
	t.Parallel()
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	must(t, err)
	m := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if m == nil || !strings.Contains(string(readme), "With Go "+string(m[1])+" or later") {
		t.Errorf("the README does not name the version of go.mod, %q", m)
	}
}
