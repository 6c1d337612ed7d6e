//go:build unix

package host

import (
	"os/exec"
	"syscall"
)

// group gives a command a process group of its own. The whole group ends with the command's
// context, and end kills processes that the command has left running.
func group(cmd *exec.Cmd) (end func()) {
	kill := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = kill
	return func() {
		if cmd.Process != nil {
			_ = kill()
		}
	}
}
