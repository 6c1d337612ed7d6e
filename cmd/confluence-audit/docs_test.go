package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every command line of the manual names a command and flags that there are.
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
				continue // the name in running text
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
