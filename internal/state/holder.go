package state

import (
	"fmt"
	"os"
	"strings"
)

// The lock itself is bbolt's, on the state file. Who holds it stands in a small file beside it, for the message to the second one only:
// it may be missing or stale without harm.

func holderPath(path string) string { return path + ".holder" }

func writeHolder(path string) {
	host, _ := os.Hostname()
	_ = os.WriteFile(holderPath(path), fmt.Appendf(nil, "process %d (%s) on %s", os.Getpid(), strings.Join(program(), " "), host), 0o600)
}

func removeHolder(path string) { _ = os.Remove(holderPath(path)) }

func holder(path string) string {
	text, err := os.ReadFile(holderPath(path))
	if err != nil || len(text) == 0 {
		return "another process"
	}
	return string(text[:min(len(text), 200)])
}

// program names the process without its arguments: those of Fluent Bit may hold secrets.
func program() []string {
	if len(os.Args) == 0 {
		return nil
	}
	return os.Args[:1]
}
