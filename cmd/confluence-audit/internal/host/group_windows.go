package host

import "os/exec"

func group(*exec.Cmd) (end func()) { return func() {} }
