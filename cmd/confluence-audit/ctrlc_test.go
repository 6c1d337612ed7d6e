package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Ctrl-C ends every command that waits for a site at once, with one line and exit code 130.
func TestCommandsStop(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"check", "check --json", "estimate", "preview", "preview --last 5 --action x", "export --from 24h", "init --siem stdout --folder FOLDER/made",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			ctx, ctrlC := context.WithCancel(t.Context())
			defer ctrlC()
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				ctrlC()
				<-r.Context().Done()
			}))
			defer server.Close()
			folder := t.TempDir()
			args := strings.Fields(strings.ReplaceAll(line, "FOLDER", folder))
			args = append(args, "--api-url", server.URL, "--user-identifier", "admin@example.com", "--api-token", "x")
			var out, messages bytes.Buffer
			code := run(ctx, args, &out, &messages)
			if said := messages.String(); code != exitStopped || !strings.HasPrefix(said, "confluence-audit "+args[0]+": stopped") || strings.Count(said, "\n") != 1 {
				t.Errorf("exit code %d, %q, want %d and one line that says stopped", code, said, exitStopped)
			}
			if left, _ := os.ReadDir(folder); len(left) > 0 {
				t.Errorf("it leaves %v behind", left)
			}
		})
	}
}

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
	code := run(ctx, []string{"replay", "--config", filepath.Join(dir, "c.yaml"), "--yes", "../../internal/chunk/testdata/rejected.flb"}, &out, &messages)
	if want := "confluence-audit replay: stopped: siem has taken 0 of 2 records\n"; code != exitStopped || messages.String() != want {
		t.Errorf("exit code %d, %q, want %d, %q", code, &messages, exitStopped, want)
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
	code := run(ctx, []string{"replay", "--output", file, "../../internal/chunk/testdata"}, &out, &messages)
	if want := "confluence-audit replay: stopped: not all is written, only 0 records\n"; code != exitStopped || messages.String() != want {
		t.Errorf("exit code %d, %q, want %d, %q", code, &messages, exitStopped, want)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file without a record is left behind, in the way of the next try")
	}
}
