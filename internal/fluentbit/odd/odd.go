// Package odd holds configuration files that a reader easily reads otherwise than Fluent Bit, each
// with what Fluent Bit 5.1.1 reads from it. Two tests use them: the test of the reader, and one
// with the real Fluent Bit.
package odd

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a configuration of one or more inputs of the plugin probe.
type File struct {
	Name string
	Main string // path of the first file, within the folder that is the current one
	Text string // its content; DIR stands for the folder
	More map[string]string
	// Want has a line for each input, with the keys that have values. It is [Refused] when Fluent
	// Bit does not start.
	Want string
	// Stricter is why the reader refuses a file that Fluent Bit accepts, Looser why it accepts one
	// that Fluent Bit refuses.
	Stricter, Looser string
	// Reads is what the reader reads from a file for which it is looser.
	Reads string
}

// Refused is the Want of a file that Fluent Bit refuses.
const Refused = "refused"

// Keys are the keys whose values the tests compare.
var Keys = []string{"api_url", "api_token", "db", "apiurl"}

// Environment holds the variables that are set for each file.
var Environment = map[string]string{"ODD_SET": "value", "ODD_EMPTY": ""}

// Write puts the files into a folder.
func (f File) Write(folder string) error {
	texts := map[string]string{f.Main: f.Text}
	maps.Copy(texts, f.More)
	for name, text := range texts {
		path := filepath.Join(folder, strings.TrimPrefix(name, "DIR"))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "DIR", folder)), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Line returns an input in the form of Want.
func Line(get func(key string) string) string {
	var words []string
	for _, key := range Keys {
		if value := get(key); value != "" {
			words = append(words, fmt.Sprintf("%s=%q", key, value))
		}
	}
	return strings.Join(words, " ") + "\n"
}

// Files returns all files.
func Files() []File {
	return slices.Concat(
		named("classic ", "fluent-bit.conf", classic(), classicLines()),
		named("yaml ", "fluent-bit.yaml", yaml(), yamlTexts(), yamlParts()),
	)
}

func named(kind, main string, lists ...[]File) []File {
	files := slices.Concat(lists...)
	for i := range files {
		files[i].Name = kind + files[i].Name
		files[i].Main = cmp.Or(files[i].Main, main)
	}
	return files
}
