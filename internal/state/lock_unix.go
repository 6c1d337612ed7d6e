//go:build unix

package state

import (
	"errors"
	"os"
	"syscall"
)

// openNow keeps open from waiting for a writer when the file is a named pipe.
const openNow = syscall.O_NONBLOCK

// noLink refuses a name that is a symbolic link.
const noLink = syscall.O_NOFOLLOW

// lock takes the lock that bbolt takes too. That bbolt takes it again, on the same open file, does
// not fail. lock does not wait.
func lock(file *os.File, exclusive bool) (taken bool, err error) {
	how := syscall.LOCK_SH | syscall.LOCK_NB
	if exclusive {
		how = syscall.LOCK_EX | syscall.LOCK_NB
	}
	err = syscall.Flock(int(file.Fd()), how)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
