package rig

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes Fluent Bit end when the test is killed.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
