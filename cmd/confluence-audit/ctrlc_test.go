package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
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
