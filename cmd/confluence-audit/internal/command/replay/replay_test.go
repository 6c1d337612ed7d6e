package replay

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
)

// Ctrl-C ends a replay while an output takes nothing, together with the Fluent Bit that it has
// started. No copy of a record is left.
func TestReplayIntoConfigurationStops(t *testing.T) {
	dir, temporary := t.TempDir(), t.TempDir()
	started := filepath.Join(dir, "started")
	t.Setenv("TMPDIR", temporary)
	t.Setenv("STARTED", started)
	t.Setenv("FLUENT_BIT", "") // else it comes before the one on PATH
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	for name, text := range map[string]string{
		"fluent-bit": "#!/bin/sh\ntrap 'exit 0' TERM\ntouch \"$STARTED\"\nwhile :; do sleep 0.1; done\n",
		"c.yaml":     "pipeline:\n  outputs:\n    - {name: http, alias: siem, match: '*'}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ctx, ctrlC := context.WithCancel(t.Context())
	defer ctrlC()
	go func() {
		for {
			if _, err := os.Stat(started); err == nil || ctx.Err() != nil {
				ctrlC()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var out, messages bytes.Buffer
	err := clitest.Run(ctx, Command(), &out, &messages, "--config", filepath.Join(dir, "c.yaml"), "--yes", "../../../../../internal/chunk/testdata/rejected.flb")
	if want := cli.Stopped("stopped: siem has taken 0 of 2 records"); !errors.Is(err, want) || messages.Len() > 0 {
		t.Errorf("%v, %q, want %q", err, &messages, want)
	}
	for _, folder := range []string{dir, temporary} {
		if left, _ := filepath.Glob(filepath.Join(folder, "*confluence-audit-*")); len(left) > 0 {
			t.Errorf("it leaves %v behind", left)
		}
	}
}

// Ctrl-C ends a replay between two records, with a line about how far it came.
func TestReplayStops(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file.ndjson")
	ctx, ctrlC := context.WithCancel(t.Context())
	ctrlC()
	var out, messages bytes.Buffer
	err := clitest.Run(ctx, Command(), &out, &messages, "--output", file, "../../../../../internal/chunk/testdata")
	if want := cli.Stopped("stopped: not all is written, only 0 records"); !errors.Is(err, want) || messages.Len() > 0 {
		t.Errorf("%v, %q, want %q", err, &messages, want)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file without a record is left behind, in the way of the next try")
	}
}
