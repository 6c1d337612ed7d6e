package main

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/terminal"
)

// The picture in the README has the text that the program prints now. Times and trace ids differ
// with each run.
func TestPictureIsUpToDate(t *testing.T) {
	t.Parallel()
	tool := filepath.Join(t.TempDir(), "confluence-audit")
	if out, err := exec.Command("go", "build", "-o", tool, "../../cmd/confluence-audit").CombinedOutput(); err != nil {
		t.Fatalf("build the tool: %v\n%s", err, out)
	}
	text, err := play(tool)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if n := terminal.Columns(strings.TrimRight(sgr.ReplaceAllString(line, ""), "\n")); n > columns {
			t.Errorf("the line has %d columns: %s", n, line)
		}
	}
	picture, err := os.ReadFile("../../docs/pictures/session.svg")
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(picture) {
		t.Error("the picture is not UTF-8")
	}
	if diff := cmp.Diff(wordsOf(string(picture)), wordsOf(draw(text))); diff != "" {
		t.Errorf("run \"make pictures\": the picture (-) is not what the program shows (+):\n%s", diff)
	}
}

// TestPicturesAreShown: each picture is small, and a page shows it with an alternative text.
func TestPicturesAreShown(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, pattern := range []string{"../../*.md", "../../docs/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range image.FindAllStringSubmatch(string(text), -1) {
				shown[filepath.Join(filepath.Dir(page), m[1])] = true
			}
		}
	}
	pictures, err := os.ReadDir("../../docs/pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		info, err := p.Info()
		if err != nil {
			t.Fatal(err)
		}
		if !shown[filepath.Join("../../docs/pictures", p.Name())] || info.Size() > 100_000 {
			t.Errorf("%s has %d bytes; shown with an alternative text: %v", p.Name(), info.Size(), shown)
		}
	}
}

var (
	image   = regexp.MustCompile(`!\[[^\]]+\]\(([^)]+)\)`)
	element = regexp.MustCompile(`<text [^>]*>([^<]*)</text>`)
	varying = regexp.MustCompile(`\d+ \w+ ago|[0-9a-f]{8,}|\d+`)
)

// wordsOf returns the texts of a picture, without the parts that differ.
func wordsOf(picture string) (words []string) {
	for _, m := range element.FindAllStringSubmatch(picture, -1) {
		words = append(words, varying.ReplaceAllString(html.UnescapeString(m[1]), "0"))
	}
	return words
}
