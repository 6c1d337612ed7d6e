package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the folder of the project.
const root = "../.."

// pages returns the pages with commands.
func pages(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"*.md", "docs/*.md", "deploy/*/*.md", "examples/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) < 10 {
		t.Fatalf("only %d pages: %v", len(all), all)
	}
	return all
}

// block is the text between two fences.
type block struct {
	where    string // page and line
	language string
	lines    []string
}

// blocks returns the blocks of a page in their order. Text outside of a block that looks like a
// command is an error.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var found []block
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		language, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && !inside:
			found = append(found, block{where: fmt.Sprintf("%s:%d", filepath.Base(page), i+1), language: language})
			inside = true
		case fence:
			inside = false
		case inside:
			b := &found[len(found)-1]
			b.lines = append(b.lines, line)
		case strings.HasPrefix(line, "    ") && known(line):
			t.Errorf("%s:%d: %q is a command in no block: put it between ```shell and ```", filepath.Base(page), i+1, strings.TrimSpace(line))
		}
	}
	if inside {
		t.Errorf("%s: a block has no end", page)
	}
	return found
}

// commands returns the commands of a shell block, each on one line.
func (b block) commands() []string {
	text := strings.ReplaceAll(strings.Join(b.lines, "\n"), "\\\n", " ")
	lines := strings.Split(text, "\n")
	return slices.DeleteFunc(lines, func(line string) bool {
		line = strings.TrimSpace(line)
		return line == "" || strings.HasPrefix(line, "#")
	})
}

// program returns the program that a command line runs.
func program(line string) string {
	words := strings.Fields(line)
	if len(words) > 1 && words[0] == "sudo" {
		words = words[1:]
	}
	if len(words) == 0 || strings.HasSuffix(words[0], "/") {
		return ""
	}
	return filepath.Base(words[0])
}

func known(line string) bool {
	_, ok := ways[program(line)]
	return ok
}

var titled = regexp.MustCompile(`^# ([a-z-]+\.(?:conf|yaml))\b`)

// file returns the file name in the first line of a configuration, "" when there is none.
func (b block) file() string {
	if len(b.lines) > 0 {
		if m := titled.FindStringSubmatch(b.lines[0]); m != nil {
			return m[1]
		}
	}
	return ""
}
