package main

import (
	"bytes"
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// Ctrl-C ends an export at once, even one that waits for a site that never answers.
func TestExportStops(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 10)
	o := simulate.Options{Credentials: simulated, Records: 10, Start: time.Now(), Faults: []simulate.Fault{{Kind: simulate.FaultHang, After: 2}}}
	server := httptest.NewServer(simulate.New(o))
	defer server.Close()
	_ = asked
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Second)
	defer stop()
	var out, messages bytes.Buffer
	file := filepath.Join(t.TempDir(), "out")
	code := run(ctx, console{&out, &messages}, []string{"export", "--api-url", server.URL, "--user-identifier", "admin@example.com",
		"--api-token", simulated.Token, "--from", "all", "--output", file})
	if code != 1 || !strings.Contains(messages.String(), "incomplete") {
		t.Errorf("exit code %d: %s", code, &messages)
	}
}
