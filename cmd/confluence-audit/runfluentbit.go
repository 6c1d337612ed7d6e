package main

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"
)

// A hiredFluentBit is a Fluent Bit process that this tool runs for a short time.
type hiredFluentBit struct {
	log  *fluentBitLog
	port string // of its metrics
	cmd  *exec.Cmd
	end  context.CancelFunc
}

// hireFluentBit starts one with a configuration whose HTTP server has the given port.
func hireFluentBit(ctx context.Context, program, config, port string, secrets []string) (*hiredFluentBit, error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, program, "-c", config)
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
	f := &hiredFluentBit{log: &fluentBitLog{ended: make(chan struct{}), secrets: secrets}, port: port, cmd: cmd, end: cancel}
	go f.log.read(pipe)
	return f, nil
}

// stop ends it and waits until it has ended.
func (f *hiredFluentBit) stop() {
	f.end()
	<-f.log.ended
	_ = f.cmd.Wait() // we have ended it, or its log tells why
}
