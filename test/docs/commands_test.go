package docs

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// way is how the commands of a program are tested: they are run, or there is a reason why not.
type way struct {
	run func(t *testing.T, p *place, line string)
	not string
}

// ways has a row for every program of the manual.
var ways map[string]way

func init() {
	ways = map[string]way{
		"confluence-audit": {run: audits},
		"fluent-bit":       {run: delivers},
		"make":             {run: makes},
		"curl":             {run: besideFluentBit},
		"export":           {run: func(_ *testing.T, p *place, line string) { p.export(line) }},

		"mkdir": {run: moves},
		"mv":    {run: moves},
		"rm":    {run: moves},
		"sed":   {run: moves},

		"docker":        {not: "needs a container runtime; make containers runs what the pages say in one"},
		"kubectl":       {not: "needs a cluster; test/deploy reads the manifests, make containers runs their containers"},
		"helm":          {not: "needs a cluster; test/deploy reads the values"},
		"createuser":    {not: "needs a PostgreSQL of the reader's; the tests of cmd/confluence-audit make the user in one of their own"},
		"createdb":      {not: "the same"},
		"psql":          {not: "the same; they run the statements and the grants"},
		"apt":           {not: "installs a package, as root"},
		"dnf":           {not: "installs a package, as root"},
		"cosign":        {not: "needs the files of a release and the internet"},
		"sha256sum":     {not: "needs the files of a release"},
		"victoria-logs": {not: "needs VictoriaLogs; the tests of detections and of test/recipes start it, where it is"},
		"vmalert":       {not: "needs vmalert; the tests of detections ask VictoriaLogs what it would ask"},

		"promtool": {not: "comes with Prometheus; the tests of deploy run it, where it is"},
	}
}

// heavy are the targets of make that take long, want the network, or change files that other tests use: make only
// prints what it would do.
var heavy = []string{"test", "bench", "lint", "vuln", "mutate", "torture", "packages", "dist", "recipes", "recipe-tools", "containers"}

// TestCommands runs the commands of the manual.
func TestCommands(t *testing.T) {
	ran := 0
	for _, page := range pages(t) {
		t.Run(filepath.Base(page), func(t *testing.T) {
			p := newPlace(t)
			for _, b := range blocks(t, page) {
				switch b.language {
				case "shell", "sh", "bash", "console":
					for _, line := range b.commands() {
						ran += p.command(t, b, line)
					}
				case "yaml", "text":
					t.Run(b.where, func(t *testing.T) { p.configuration(t, b) })
				case "json", "ini", "mermaid", "rsyslog", "output":
				default:
					t.Errorf("%s: the block has language %q: say which", b.where, b.language)
				}
			}
		})
	}
	if ran < 10 && flag.Lookup("test.run").Value.String() == "" {
		t.Errorf("only %d commands of the manual were run", ran)
	}
}

// command tests one line, and returns how many commands were run.
func (p *place) command(t *testing.T, b block, line string) int {
	way, ok := ways[program(line)]
	switch {
	case !ok:
		t.Errorf("%s: %q: there is no way to run %s, nor a reason why not: add one to the table", b.where, line, program(line))
	case way.run == nil:
		t.Logf("%s: not run: %s: %s", b.where, program(line), way.not)
		p.namesFiles(t, b, line)
	default:
		t.Run(b.where+" "+program(line), func(t *testing.T) { way.run(t, p, p.here(line)) })
		return 1
	}
	return 0
}

// namesFiles requires that the project files in a line exist.
func (p *place) namesFiles(t *testing.T, b block, line string) {
	for word := range strings.FieldsSeq(line) {
		if strings.HasPrefix(word, "deploy/") || strings.HasPrefix(word, "examples/") {
			if _, err := os.Stat(filepath.Join(p.dir, word)); err != nil {
				t.Errorf("%s: %q: %v", b.where, line, err)
			}
		}
	}
}

var inText = regexp.MustCompile("`make ([a-z-]+)`")

// Every `make` target in running text exists.
func TestTargets(t *testing.T) {
	p := newPlace(t)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		must(t, err)
		for _, m := range inText.FindAllStringSubmatch(string(text), -1) {
			makes(t, p, "make -n "+m[1])
		}
	}
}
