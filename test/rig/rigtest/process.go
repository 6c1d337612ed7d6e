package rigtest

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/test/rig"
)

// A Process is a Fluent Bit of a test.
type Process struct {
	*rig.FluentBit
	t testing.TB
}

// Start runs a command that is a Fluent Bit, see [rig.StartCommand]. It is killed at the end of the
// test, and if that has failed, the end of its log is shown.
func Start(t testing.TB, cmd *exec.Cmd) Process {
	t.Helper()
	f, err := rig.StartCommand(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		f.Kill()
		if t.Failed() {
			t.Logf("log of Fluent Bit:\n%s", tail(f.Log()))
		}
	})
	return Process{f, t}
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// Stop ends the process as an operator does, and returns how long that took.
func (p Process) Stop() time.Duration {
	p.t.Helper()
	took, err := p.FluentBit.Stop(Patient(p.t), syscall.SIGTERM)
	if err != nil {
		p.t.Fatal(err)
	}
	return took
}

// Signal sends a signal to the process.
func (p Process) Signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.FluentBit.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// AwaitLog waits until the log has text n times.
func (p Process) AwaitLog(text string, n int) {
	p.t.Helper()
	if err := p.FluentBit.AwaitLog(Patient(p.t), text, n); err != nil {
		p.t.Fatal(err)
	}
}

// AwaitEnd waits until the process has ended by itself, and returns its exit code.
func (p Process) AwaitEnd() int {
	p.t.Helper()
	code, err := p.Wait(Patient(p.t))
	if err != nil {
		p.t.Fatal(err)
	}
	return code
}
