package initialize

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"fluent-bit-confluence/cmd/confluence-audit/internal/host"
	"fluent-bit-confluence/examples"
	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/terminal"
)

const configurationName = "fluent-bit.yaml"

// write writes the configuration and its secrets, and prints what to do next.
func write(cmd *cobra.Command, folder, siem string, values map[string]string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make folder: %w; choose another --folder", err)
	}
	keys, err := writeSecrets(folder, values)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, configurationName)
	text := configuration(siem, folder, keys)
	if err := writeNew(path, text); err != nil {
		return err
	}
	s := terminal.On(cmd.OutOrStdout())
	fmt.Fprintf(s, "\n%s is written.\n", path)
	if missing := stillToSet(siem); len(missing) > 0 {
		fmt.Fprintf(s, "\nSet these variables first:\n\n%s\n", strings.Join(missing, "\n"))
	}
	fmt.Fprintf(s, "\nStart it with:\n\n  fluent-bit -e %s -c %s\n", cmp.Or(host.Plugin(), host.PluginName), path)
	return nil
}

// keyLine is one key of the input as it is written to the file.
type keyLine struct{ name, value string }

// writeSecrets puts each secret into a file of its own, and returns the keys of the input, which
// then name the files.
func writeSecrets(folder string, values map[string]string) ([]keyLine, error) {
	var lines []keyLine
	for _, key := range config.Keys() {
		value := values[key.Name]
		switch file := key.Name + "_file"; {
		case value == "":
		case key.Secret && hasKey(file):
			path := filepath.Join(folder, key.Name)
			if err := writeNew(path, value+"\n"); err != nil {
				return nil, err
			}
			lines = append(lines, keyLine{file, path})
		case key.Kind == "file" && !config.IsDatabase(value):
			path, err := filepath.Abs(value)
			if err != nil {
				return nil, err
			}
			lines = append(lines, keyLine{key.Name, path})
		default:
			lines = append(lines, keyLine{key.Name, value})
		}
	}
	return lines, nil
}

func hasKey(name string) bool {
	return slices.ContainsFunc(config.Keys(), func(k config.Key) bool { return k.Name == name })
}

// writeNew writes a file that no other user can read. It does not replace one.
func writeNew(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w; remove what is in the way, or choose another --folder", filepath.Base(path), err)
	}
	_, err = f.WriteString(text)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// recipeOf returns the recipe for a receiver's configuration. The one for stdout has the head of
// another recipe.
func recipeOf(siem string) string {
	if siem != toStdout {
		return examples.Recipe(siem)
	}
	head, _, _ := strings.Cut(examples.Recipe("http"), "\n  outputs:\n")
	_, head, _ = strings.Cut(head, "\n\n") // without its comment
	head, _, _ = strings.Cut(head, "\n  filters:\n")
	return "# Records on standard output.\n\n" + strings.TrimRight(head, "\n") + `

  outputs:
    - name: stdout
      match: atlassian.*
      format: json_lines
      retry_limit: no_limits
`
}

// metricsLines let status, and monitoring on the same machine, see how the input does.
const metricsLines = `  # Metrics, and what confluence-audit status reads. Choose another port if this one is taken.
  http_server: on
  http_listen: 127.0.0.1
  http_port: 2020`

var data = regexp.MustCompile(`\$\{CONFLUENCE_DATA[^}]*\}`)

// configuration returns a recipe with one input: that of the product, with its keys in place of the
// recipe's variables, and with state and buffer in the folder.
func configuration(siem, folder string, keys []keyLine) string {
	_, body, _ := strings.Cut(recipeOf(siem), "\n\n")
	title, _, _ := strings.Cut(recipeOf(siem), "\n")
	body = data.ReplaceAllLiteralString(body, filepath.Join(folder, "data"))
	product := productIn(keys)
	body = onlyInput(body, product)
	body = strings.Replace(body, "  log_level: info\n", "  log_level: info\n"+metricsLines+"\n", 1)
	given := func(line string) bool {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		return name == "user_identifier" || name == "api_token" ||
			slices.ContainsFunc(keys, func(k keyLine) bool { return k.name == name })
	}
	out := []string{title, ""}
	ours := false // within the input
	for line := range strings.SplitSeq(body, "\n") {
		switch {
		case line == inputLine:
			ours = true
			out = append(out, line)
			for _, key := range keys {
				out = append(out, fmt.Sprintf("      %s: %s", key.name, strconv.Quote(key.value)))
			}
			continue
		case !strings.HasPrefix(line, "      "):
			ours = false
		}
		if !ours || !given(line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// ofInput are the variables of the inputs of a recipe.
var ofInput = regexp.MustCompile(`^(CONFLUENCE|JIRA|ORGANIZATION)_`)

var variable = regexp.MustCompile(`(?m)^#   ([A-Z][A-Z0-9_]+) +(.+)$`)

// stillToSet returns the lines at the head of a recipe about the variables that only the operator
// knows.
func stillToSet(siem string) []string {
	var lines []string
	head, _, _ := strings.Cut(recipeOf(siem), "\n\n")
	for _, m := range variable.FindAllStringSubmatch(head, -1) {
		if !ofInput.MatchString(m[1]) && !strings.Contains(m[2], "if not set") {
			lines = append(lines, fmt.Sprintf("  %-24s %s", m[1], m[2]))
		}
	}
	return lines
}
