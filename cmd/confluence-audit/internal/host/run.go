package host

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"time"

	"fluent-bit-confluence/internal/redact"
)

// maxSaid and maxShown bound what is kept and what is shown of Fluent Bit's output, in bytes.
const maxSaid, maxShown = 64 << 10, 400

// Run runs Fluent Bit until it ends, and returns its output. Fluent Bit gets no secrets but those
// of its configuration and environment. It ends when we end, with its own children.
func Run(ctx context.Context, program string, args []string) (said string, _ error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out head
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = time.Second
	end := group(cmd)
	defer end()
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay):
		// it has ended without an error, but left a child running
		err = nil
	}
	return string(out.text), err
}

// head is a writer that keeps the first bytes.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), maxSaid-len(h.text))]...)
	return len(p), nil
}

// Problems returns the errors and warnings in the output of Fluent Bit, without the lines that
// follow each, and without secrets.
func Problems(said string, secrets []string) string {
	var lines []string
	for line := range strings.Lines(said) {
		text := logHead.ReplaceAllString(strings.TrimSpace(line), "")
		switch {
		case !strings.Contains(line, "[error]") && !strings.Contains(line, "[ warn]"):
		case strings.Contains(text, "contains errors, aborting"), strings.HasPrefix(text, "check properties"):
		default:
			lines = append(lines, text)
		}
	}
	return redact.Quote(strings.Join(lines, "; "), maxShown, secrets...)
}
