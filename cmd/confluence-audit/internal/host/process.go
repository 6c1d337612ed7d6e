// Package host runs the Fluent Bit of this machine for a short time: to check a configuration, or to
// send records through the outputs of a copy of one.
package host

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// Process is a Fluent Bit that this tool runs for a short time.
type Process struct {
	*outputLog
	port string // of its metrics
	cmd  *exec.Cmd
	end  context.CancelFunc
}

// Start starts a Fluent Bit with a copy of a configuration, which has the given secrets.
func Start(ctx context.Context, program string, c *Copy, secrets []string) (*Process, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, "-c", c.path)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	pipe, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("run fluent-bit: %w", err)
	}
	p := &Process{outputLog: &outputLog{ended: make(chan struct{}), secrets: secrets}, port: c.port, cmd: cmd, end: cancel}
	go p.read(pipe)
	return p, nil
}

// Stop ends it and waits until it has ended.
func (p *Process) Stop() {
	p.end()
	<-p.ended
	_ = p.cmd.Wait() // we have ended it, or its log tells why
}

// Ended returns a channel that is closed when it has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }
