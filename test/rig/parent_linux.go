package rig

import (
	"os/exec"
	"syscall"
)

// dieWithParent keeps a test that is killed from leaving a Fluent Bit behind.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
