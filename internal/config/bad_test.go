package config

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/fluentbit"
)

var update = flag.Bool("update", false, "rewrite what the tests compare with")

var comment = regexp.MustCompile(`(?m)^# (.+)\n`)

// TestBad reads testdata/bad: each file has the lines that an operator sees, and then the
// configuration.
func TestBad(t *testing.T) {
	eachFile(t, "bad", func(settings Settings, err error) []string { return Mistakes(err) })
}

// TestDoubtful does the same for what is accepted with a warning.
func TestDoubtful(t *testing.T) {
	eachFile(t, "doubtful", func(settings Settings, err error) []string {
		return append(Mistakes(err), settings.Warnings...)
	})
}

func eachFile(t *testing.T, folder string, lines func(Settings, error) []string) {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.conf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in testdata/%s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".conf"), func(t *testing.T) {
			configuration, err := fluentbit.Read(file, func(string) string { return "" })
			inputs := configuration.Inputs("confluence")
			if err != nil || len(inputs) != 1 {
				t.Fatalf("%d inputs, %v", len(inputs), err)
			}
			got := lines(Parse(inputs[0].Get))
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				rewrite(t, file, string(text), got)
				return
			}
			var want []string
			for _, match := range comment.FindAllStringSubmatch(string(text), -1) {
				want = append(want, match[1])
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("lines for the operator (-want +got):\n%s", diff)
			}
		})
	}
}

func rewrite(t *testing.T, file, text string, lines []string) {
	var b strings.Builder
	for _, line := range lines {
		b.WriteString("# " + line + "\n")
	}
	b.WriteString(comment.ReplaceAllString(text, ""))
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
