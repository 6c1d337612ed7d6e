package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
)

// The command line that simulate prints has to work, and Ctrl-C has to end it.
func TestSimulate(t *testing.T) {
	t.Parallel()
	for _, deployment := range []string{"cloud", "datacenter"} {
		t.Run(deployment, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			out, in := io.Pipe()
			code := make(chan int, 1)
			go func() {
				code <- run(ctx, []string{"simulate", "--listen", "127.0.0.1:0", "--deployment", deployment, "--rate", "0", "--records", "7"}, in, in)
				in.Close()
			}()

			var commandLine string
			for lines := bufio.NewScanner(out); commandLine == "" && lines.Scan(); {
				if strings.HasPrefix(lines.Text(), "fluent-bit ") {
					commandLine = lines.Text()
				}
			}
			args := []string{"export", "--from", "all"}
			for _, setting := range regexp.MustCompile(`-p (\S+)=(\S+)`).FindAllStringSubmatch(commandLine, -1) {
				args = append(args, "--"+strings.ReplaceAll(setting[1], "_", "-"), setting[2])
			}
			var records, messages bytes.Buffer
			if code := run(ctx, args, &records, &messages); code != 0 {
				t.Errorf("exit code %d of %q: %s", code, args, &messages)
			}
			if got := strings.Count(records.String(), "\n"); got != 7 {
				t.Errorf("%d records, want 7", got)
			}

			stop()
			if code := <-code; code != 0 {
				t.Errorf("exit code %d after Ctrl-C", code)
			}
		})
	}
}
