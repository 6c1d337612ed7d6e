package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// Ctrl-C ends an export at once, also while it waits for an answer, and tells where to go on.
func TestExportStops(t *testing.T) {
	t.Parallel()
	ctx, ctrlC := context.WithCancel(t.Context())
	defer ctrlC()
	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	site := simulate.New(simulate.Options{Credentials: simulated, Start: from.Add(time.Hour)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("startDate") == "1793491200000" { // the first window
			ctrlC()
			<-r.Context().Done()
			return
		}
		site.ServeHTTP(w, r)
	}))
	defer server.Close()

	var out, messages bytes.Buffer
	code := run(ctx, console{&out, &messages}, []string{"export", "--api-url", server.URL,
		"--user-identifier", "admin@example.com", "--api-token", simulated.Token, "--from", from.Format(time.RFC3339)})
	want := "incomplete: 0 records are written, all before 2026-11-01T00:00:00Z; go on with --from 2026-11-01T00:00:00Z\n" +
		"confluence-audit export: stopped\n"
	if code != 1 || messages.String() != want {
		t.Errorf("exit code %d, %q, want 1, %q", code, messages.String(), want)
	}
}
