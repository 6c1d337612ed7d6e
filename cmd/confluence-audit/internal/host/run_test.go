//go:build unix

package host

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A Fluent Bit that hangs is ended with all its children, and so are children that one leaves
// running.
func TestRunLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"hangs":  "#!/bin/sh\necho >$1\nsleep 1000 >$1 & sleep 1000 >$1\n",
		"leaves": "#!/bin/sh\necho >$1\nsleep 1000 >$1 &\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			program, pipe := filepath.Join(folder, "fluent-bit"), filepath.Join(folder, "pipe")
			if err := os.WriteFile(program, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
				t.Fatal(err)
			}
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				_, err := Run(ctx, "/bin/sh", []string{program, pipe})
				ended <- err
			}()
			running, err := os.Open(pipe) // once it runs
			if err != nil {
				t.Fatal(err)
			}
			defer running.Close()
			if name == "hangs" {
				cancel()
			}
			if err := <-ended; (err == nil) != (name == "leaves") {
				t.Errorf("error %v", err)
			}
			_, _ = io.Copy(io.Discard, running) // ends when no process has the pipe open
		})
	}
}
