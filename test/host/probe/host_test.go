// Package probe tests the test host with a plugin that logs all calls of the host.
package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var binaries struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(binaries.dir)
	os.Exit(code)
}

// build compiles the host and the probe once and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("gcc is missing: the host is a C program")
	}
	binaries.Do(func() {
		binaries.dir, binaries.err = os.MkdirTemp("", "testhost")
		if binaries.err != nil {
			return
		}
		sources, _ := filepath.Glob("../*.c")
		host := append([]string{"-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-Wl,--export-dynamic-symbol=flb_input_*", "-o", filepath.Join(binaries.dir, "testhost")}, sources...)
		for _, args := range [][]string{
			append(host, "-ldl"),
			{"-O2", "-Wall", "-Wextra", "-Werror", "-pthread", "-fPIC", "-shared", "-o", filepath.Join(binaries.dir, "probe.so"), "testdata/probe.c"},
		} {
			if out, err := exec.Command(gcc, args...).CombinedOutput(); err != nil {
				binaries.err = errors.Join(binaries.err, fmt.Errorf("gcc: %w\n%s", err, out))
			}
		}
	})
	if binaries.err != nil {
		t.Fatal(binaries.err)
	}
	return binaries.dir
}

// command is a run of the test host with the probe. Its output is kept.
type command struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	lines          *io.PipeReader // standard error as it comes, when started by start
}

func newCommand(t *testing.T, script string, args ...string) *command {
	t.Helper()
	dir := build(t)
	if script != "" {
		args = append(args, "--script", "-", "--tick", "10")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // for a host that hangs
	t.Cleanup(cancel)
	c := &command{Cmd: exec.CommandContext(ctx, filepath.Join(dir, "testhost"), append([]string{"-e", filepath.Join(dir, "probe.so")}, args...)...)}
	c.Stdin = strings.NewReader(script)
	c.Cmd.Stdout, c.Cmd.Stderr = &c.stdout, &c.stderr
	return c
}

// run waits until the host has ended, and fails the test unless the exit code is wantCode.
func (c *command) run(t *testing.T, wantCode int) *command {
	t.Helper()
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := c.ProcessState.ExitCode(); code != wantCode {
		t.Fatalf("exit code %d, want %d\nstderr:\n%s", code, wantCode, &c.stderr)
	}
	return c
}

var probeLine = regexp.MustCompile(`(?m)\[probe\] (\S+) (-?\d+) (.*)$`)

// calls returns the calls that the probe logged, as "CALL INSTANCE DETAIL", without the threads.
func (c *command) calls() []string {
	var calls []string
	for _, match := range probeLine.FindAllStringSubmatch(c.stderr.String(), -1) {
		switch match[1] {
		case "property", "Level", "Metrics":
			continue
		}
		_, detail, _ := strings.Cut(match[3], " ")
		calls = append(calls, match[1]+" "+match[2]+" "+detail)
	}
	return calls
}

func (c *command) wantStderr(t *testing.T, want string) {
	t.Helper()
	if !strings.Contains(c.stderr.String(), want) {
		t.Errorf("stderr does not contain %q:\n%s", want, &c.stderr)
	}
}

func diff(t *testing.T, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func lines(text string) []string {
	return strings.Split(strings.TrimSpace(text), "\n")
}
