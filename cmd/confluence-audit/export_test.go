package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// Records of the same millisecond come in the order in which they were written: the site lists the newest first.
func TestExportKeepsOrderWithinMillisecond(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{Credentials: simulated})
	at := time.Now().Add(-time.Hour).UnixMilli()
	for _, name := range []string{"first", "second", "third"} {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":%q}`, at, name)})
	}
	server := httptest.NewServer(site)
	defer server.Close()
	var out, messages bytes.Buffer
	run(t.Context(), console{&out, &messages}, []string{"export", "--api-url", server.URL,
		"--user-identifier", "admin@example.com", "--api-token", simulated.Token})
	var got []string
	for line := range strings.Lines(out.String()) {
		_, after, _ := strings.Cut(line, `"summary":"`)
		name, _, _ := strings.Cut(after, `"`)
		got = append(got, name)
	}
	if diff := cmp.Diff([]string{"first", "second", "third"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s%s", diff, &messages)
	}
}

// However narrow the windows get, no millisecond falls between two of them.
func TestExportLeavesNoGap(t *testing.T) {
	t.Parallel()
	const n = 30_000
	site := simulate.New(simulate.Options{Credentials: simulated})
	from := time.Now().Add(-time.Hour).Truncate(time.Second)
	for i := range n {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":"%d"}`, from.UnixMilli()+int64(i/4), i)})
	}
	server := httptest.NewServer(site)
	defer server.Close()
	var out, messages bytes.Buffer
	run(t.Context(), console{&out, &messages}, []string{"export", "--api-url", server.URL, "--page-size", "10000",
		"--user-identifier", "admin@example.com", "--api-token", simulated.Token, "--from", from.Format(time.RFC3339)})
	if got := strings.Count(out.String(), "\n"); got != n {
		t.Errorf("%d records, want %d\n%s", got, n, &messages)
	}
}
