package rig

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// A FluentBit is a running Fluent Bit process. Its standard output and error go into one file, its
// log.
type FluentBit struct {
	log   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// Start runs the program at path with a configuration file. The log is beside that file.
func Start(path, config string) (*FluentBit, error) {
	cmd := exec.Command(path, "-c", config)
	cmd.Dir = filepath.Dir(config)
	return StartCommand(cmd)
}

// StartCommand runs a Fluent Bit that needs more than a configuration file. The log is in the
// command's folder.
func StartCommand(cmd *exec.Cmd) (*FluentBit, error) {
	log, err := os.CreateTemp(cmd.Dir, "fluent-bit-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	f := &FluentBit{log: log.Name(), cmd: cmd, ended: make(chan struct{})}
	f.cmd.Stdout, f.cmd.Stderr = log, log
	dieWithParent(f.cmd)
	if err := f.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start fluent-bit: %w", err)
	}
	go func() {
		_ = f.cmd.Wait()
		close(f.ended)
	}()
	return f, nil
}

// PID returns the number of the process.
func (f *FluentBit) PID() int { return f.cmd.Process.Pid }

// Log returns what the process has written so far.
func (f *FluentBit) Log() string {
	text, _ := os.ReadFile(f.log)
	return string(text)
}

// AwaitLog waits until the log has text n times. It returns an error when the process ends before.
func (f *FluentBit) AwaitLog(ctx context.Context, text string, n int) error {
	found := func() bool { return strings.Count(f.Log(), text) >= n }
	if err := Await(ctx, func() bool { return found() || f.Ended() }); err != nil {
		return fmt.Errorf("await %q in the log: %w", text, err)
	}
	if !found() {
		return fmt.Errorf("await %q in the log: fluent-bit ended, exit code %d", text, f.cmd.ProcessState.ExitCode())
	}
	return nil
}

// Signal sends a signal to the process.
func (f *FluentBit) Signal(s syscall.Signal) error { return f.cmd.Process.Signal(s) }

// Ended returns whether the process has ended.
func (f *FluentBit) Ended() bool {
	select {
	case <-f.ended:
		return true
	default:
		return false
	}
}

// Wait waits for the end of the process and returns its exit code, -1 when a signal ended it.
func (f *FluentBit) Wait(ctx context.Context) (int, error) {
	select {
	case <-f.ended:
		return f.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("wait for the end of fluent-bit: %w", ctx.Err())
	}
}

// Stop sends SIGTERM or SIGINT, waits for the end and returns how long it took. An exit code other
// than 0 is an error.
func (f *FluentBit) Stop(ctx context.Context, s syscall.Signal) (time.Duration, error) {
	began := time.Now()
	if err := f.Signal(s); err != nil {
		return 0, fmt.Errorf("stop fluent-bit: %w", err)
	}
	code, err := f.Wait(ctx)
	if err == nil && code != 0 {
		err = fmt.Errorf("stop fluent-bit: exit code %d", code)
	}
	return time.Since(began), err
}

// Kill ends the process with SIGKILL, if it runs.
func (f *FluentBit) Kill() {
	if !f.Ended() {
		_ = f.cmd.Process.Kill()
	}
	<-f.ended
}
