// Package docs runs the commands of the manual and tries its configurations, in a temporary folder
// and with simulated sites.
package docs

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/test/rig"
)

// patience is how long a command may take on a slow machine.
const patience = time.Minute

var fluentBit, plugin, tool string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if !rig.Wanted() {
		fmt.Println("SKIP tests of the manual: make manual runs them")
		return 0
	}
	dir, err := os.MkdirTemp("", "docs")
	if err == nil {
		defer os.RemoveAll(dir)
		plugin, err = rig.Plugin(dir)
	}
	if err == nil {
		tool = filepath.Join(dir, "confluence-audit")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", tool, "fluent-bit-confluence/cmd/confluence-audit").CombinedOutput(); err != nil {
			err = fmt.Errorf("build confluence-audit: %w\n%s", err, out)
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	if path, err := rig.Find(); err == nil {
		fluentBit = path
		// The pages use it by its name.
		if err := os.Symlink(path, filepath.Join(dir, "fluent-bit")); err != nil {
			fmt.Println(err)
			return 1
		}
	} else {
		fmt.Println("SKIPPED: commands and configurations that need the real Fluent Bit:", err)
	}
	return m.Run()
}

func needFluentBit(t *testing.T) {
	t.Helper()
	if fluentBit == "" {
		t.Skip("SKIPPED: needs the real Fluent Bit")
	}
}

// shell returns a command that runs a command line after the page's exports.
func (p *place) shell(t *testing.T, line string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, "bash", "-c", strings.Join(append(slices.Clone(p.exported), "set -o pipefail", line), "\n"))
	cmd.Dir = p.dir
	// A reader does not run it within another make.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "MAKE") || strings.HasPrefix(v, "MFLAGS=") || strings.HasPrefix(v, "CONFLUENCE_") || strings.HasPrefix(v, "JIRA_") || strings.HasPrefix(v, "ORGANIZATION_")
	})
	return cmd
}

// runs requires that a command succeeds and prints something.
func runs(t *testing.T, p *place, line string) {
	out, err := p.shell(t, line).CombinedOutput()
	if err != nil || len(out) == 0 {
		t.Errorf("%s: %v, output %q", line, err, out)
	}
}

var configured = regexp.MustCompile(`--config (\S+)`)

// moves runs a command that creates, moves or removes files of the place.
func moves(t *testing.T, p *place, line string) {
	base := filepath.Dir(p.dir)
	for word := range strings.FieldsSeq(line) {
		if filepath.IsAbs(word) && !strings.HasPrefix(word, base) {
			t.Fatalf("%s: %s is not of the made-up machine: add its folder to those of the system", line, word)
		}
	}
	if out, err := p.shell(t, line).CombinedOutput(); err != nil {
		t.Errorf("%s: %v, output %q", line, err, out)
	}
}

// audits runs the operator's tool. A rewind needs records that were delivered before, and --yes,
// because there is no terminal.
func audits(t *testing.T, p *place, line string) {
	if strings.Contains(line, " status ") { // it needs a running Fluent Bit
		besideFluentBit(t, p, configured.ReplaceAllString(line, "--config "+p.config))
		return
	}
	if strings.Contains(line, " replay ") && strings.Contains(line, "--config") {
		needFluentBit(t)
		line += " --yes"
	}
	if strings.Contains(line, " simulate ") && strings.Contains(line, " -- fluent-bit ") {
		delivers(t, p, line)
		return
	}
	if m := configured.FindStringSubmatch(line); m != nil && strings.Contains(line, " rewind ") {
		delivers(t, p, "fluent-bit -e build/in_confluence.so -c "+m[1])
		line += " --yes"
	}
	runs(t, p, line)
}

// delivers runs a Fluent Bit until a record has come out or, if the receiver does not exist here,
// until it reads.
func delivers(t *testing.T, p *place, line string) {
	needFluentBit(t)
	sign := `"event_id"`
	if strings.Contains(line, "examples/") || strings.Contains(line, "trial.yaml") { // test/recipes has the receivers
		sign = "is Confluence Cloud; found route site"
	}
	p.untilCtrlC(t, p.shell(t, line), func(log string) bool { return strings.Contains(log, sign) })
}

// untilCtrlC starts a command that runs until Ctrl-C, waits until does returns true for its output,
// and requires that Ctrl-C ends it in an orderly way.
func (p *place) untilCtrlC(t *testing.T, cmd *exec.Cmd, does func(log string) bool) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(log)
	must(t, err)
	defer f.Close()
	cmd.Stdout, cmd.Stderr = f, f
	// Ctrl-C reaches all processes of a terminal, so these get a process group of their own.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	read := func() string {
		text, _ := os.ReadFile(log)
		return string(text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := rig.Await(ctx, func() bool { return does(read()) || len(ended) > 0 }); err != nil || len(ended) > 0 {
		t.Fatalf("%s does not do what the page says: %v\n%s", cmd.Args[2], err, read())
	}
	must(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
	select {
	case <-ended:
	case <-ctx.Done():
		t.Errorf("%s does not end with Ctrl-C\n%s", cmd.Args[2], read())
	}
	if group := syscall.Kill(-cmd.Process.Pid, 0); group == nil {
		t.Errorf("%s leaves processes behind\n%s", cmd.Args[2], read())
	}
	for _, bad := range []string{"[error] [input:confluence", "[ warn] [input:confluence", "panic:"} {
		if strings.Contains(read(), bad) {
			t.Errorf("%s: the input is not well:\n%s", cmd.Args[2], read())
		}
	}
}

// readable matches a record as make run shows it.
var readable = regexp.MustCompile(`(?m)^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d  \S`)

// makes runs make in the project itself, because its targets work only there.
func makes(t *testing.T, p *place, line string) {
	line, _, _ = strings.Cut(line, "#")
	targets := strings.Fields(line)[1:]
	if slices.ContainsFunc(targets, func(target string) bool { return slices.Contains(heavy, target) }) {
		line = strings.Replace(line, "make", "make -n", 1)
	}
	cmd := p.shell(t, line)
	cmd.Dir = root
	if slices.Equal(targets, []string{"run"}) {
		p.untilCtrlC(t, cmd, func(log string) bool { return readable.MatchString(log) })
		return
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", line, err, out)
	}
}

// besideFluentBit runs a command that needs a running Fluent Bit, with the last configuration of
// the page.
func besideFluentBit(t *testing.T, p *place, line string) {
	needFluentBit(t)
	if p.config == "" {
		t.Fatalf("%s: the page shows no configuration before it", line)
	}
	p.untilCtrlC(t, p.shell(t, "fluent-bit -e build/in_confluence.so -c "+p.config), func(string) bool {
		out, err := p.shell(t, line).CombinedOutput()
		return err == nil && len(out) > 0
	})
}
