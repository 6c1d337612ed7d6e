package state

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// The lock itself is on the state file. A small file beside it names the process that holds it,
// only for the message to a second process: it may be missing or stale without harm. A symbolic
// link in its place is not followed, neither to write nor to read.

func holderPath(path string) string { return path + ".holder" }

func writeHolder(path string) {
	// Always a new file, so that nothing is written into a file that another program has put there.
	_ = os.Remove(holderPath(path))
	file, err := os.OpenFile(holderPath(path), os.O_WRONLY|os.O_CREATE|os.O_EXCL|noLink, 0o600)
	if err != nil {
		return
	}
	defer file.Close()
	host, _ := os.Hostname()
	_, _ = fmt.Fprintf(file, "process %d (%s) on %s", os.Getpid(), strings.Join(program(), " "), host)
}

func removeHolder(path string) { _ = os.Remove(holderPath(path)) }

func holder(path string) string {
	file, err := openRegular(holderPath(path), os.O_RDONLY|noLink)
	if err != nil {
		return "another process"
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, 200))
	if err != nil || len(text) == 0 {
		return "another process"
	}
	return strings.ToValidUTF8(string(text), "?")
}

// program returns the name of this process without its arguments: those of Fluent Bit may hold
// secrets.
func program() []string {
	if len(os.Args) == 0 {
		return nil
	}
	return os.Args[:1]
}
