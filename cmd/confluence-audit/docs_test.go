package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/internal/manual"
)

// Every command line of the manual has a command and flags that exist.
func TestCommandsOfTheManual(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	help := make(map[string]string)
	for _, c := range rootCommand().Commands() {
		var out, errs bytes.Buffer
		run(t.Context(), []string{c.Name(), "--help"}, &out, &errs)
		help[c.Name()] = out.String() + errs.String()
	}
	call := regexp.MustCompile("confluence-audit ([a-z]+)([^`\n|#]*)")
	flags := regexp.MustCompile(`--([a-z][a-z-]*)`)
	found := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		joined := strings.ReplaceAll(string(text), "\\\n", " ")
		for _, m := range call.FindAllStringSubmatch(joined, -1) {
			usage, ok := help[m[1]]
			if !ok {
				continue // the program's name in running text
			}
			arguments, _, _ := strings.Cut(m[2], " -- ")
			for _, f := range flags.FindAllStringSubmatch(arguments, -1) {
				found++
				if f[1] != "help" && !strings.Contains(usage, "--"+f[1]) {
					t.Errorf("%s: %q: there is no --%s", filepath.Base(page), strings.TrimSpace(m[0]), f[1])
				}
			}
		}
	}
	if found < 10 {
		t.Errorf("found only %d flags in the manual", found)
	}
}

var update = flag.Bool("update", false, "rewrite what the tests compare with")

//go:generate go test -run TestExitCodesOfTheManual -update

// The manual explains each exit code of each command.
func TestExitCodesOfTheManual(t *testing.T) {
	root := rootCommand()
	var b strings.Builder
	b.WriteString("| Command | 0 | 1 |\n| :--- | :--- | :--- |\n")
	plain := []string{}
	for _, cmd := range root.Commands() {
		if cmd.Annotations[cli.FailedMeans] == "" {
			plain = append(plain, "`"+cmd.Name()+"`")
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", cmd.Name(), exitMeaning(cmd, exitOK, exitCodes[0].meaning), exitMeaning(cmd, exitFailed, exitCodes[1].meaning))
	}
	fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(plain, ", "), exitCodes[0].meaning, exitCodes[1].meaning)
	if err := manual.Check("../../docs/troubleshooting.md", "exit codes", b.String(), *update); err != nil {
		t.Error(err)
	}
}

// The table of the README has all commands, in the order of the help.
func TestCommandsOfTheREADME(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "\n| Command | |\n| :--- | :--- |\n")
	if !found {
		t.Fatal("the README has no table of commands")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var got, want []string
	name := regexp.MustCompile("`([a-z]+)`")
	for row := range strings.Lines(table) {
		first, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, m := range name.FindAllStringSubmatch(first, -1) {
			got = append(got, m[1])
		}
	}
	for _, c := range rootCommand().Commands() {
		want = append(want, c.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commands in the README (-want +got):\n%s", diff)
	}
}

// The manual shows the output of the script of status, and explains the messages of the code.
func TestStatusInTheManual(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/status.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## At the terminal")
	_, screen, _ := strings.Cut(section, "```output\n")
	screen, _, _ = strings.Cut(screen, "```")
	_, want, _ := strings.Cut(string(script), "-- want --\n")
	if diff := cmp.Diff(want, withoutTimes(screen)); diff != "" {
		t.Errorf("the manual shows another screen (-want +got):\n%s", diff)
	}
	var code strings.Builder
	scale, err := os.ReadFile("../../docs/scale.md")
	if err != nil {
		t.Fatal(err)
	}
	_, shared, _ := strings.Cut(string(scale), "## Troubleshooting")
	section += shared
	files, _ := filepath.Glob("internal/command/status/*.go")
	for _, file := range append(files, "../../internal/scrape/scrape.go") {
		if text, err := os.ReadFile(file); err == nil && !strings.HasSuffix(file, "_test.go") {
			code.Write(text)
		}
	}
	said := regexp.MustCompile("(?m)^\\| `([^`]{3,})` \\|").FindAllStringSubmatch(section, -1)
	if len(said) < 8 {
		t.Errorf("found only %d lines in the manual", len(said))
	}
	for _, m := range said {
		if !strings.Contains(code.String(), m[1]) {
			t.Errorf("no code says %q", m[1])
		}
	}
}
