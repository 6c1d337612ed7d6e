package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/terminal"
)

// preview --follow shows each new record once, until Ctrl-C.
func TestPreviewFollows(t *testing.T) {
	t.Parallel()
	site := simulate.New(simulate.Options{})
	add := func(summary string) {
		site.Add(simulate.Record{JSON: fmt.Appendf(nil, `{"creationDate":%d,"summary":%q}`, time.Now().Add(-time.Second).UnixMilli(), summary)})
	}
	add("first")
	server := httptest.NewServer(site)
	defer server.Close()
	ctx, ctrlC := context.WithCancel(t.Context())
	defer ctrlC()
	out, in := io.Pipe()
	code := make(chan int, 1)
	var messages bytes.Buffer
	go func() {
		code <- run(ctx, []string{"preview", "--follow", "--poll-interval", "1s", "--api-url", server.URL,
			"--user-identifier", "admin@example.com", "--api-token", "unscoped-token"}, in, &messages)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	for _, want := range []string{"first", "second", "third"} {
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), "  "+want) {
			t.Fatalf("got %q, want the record %s; messages %q", lines.Text(), want, &messages)
		}
		switch want {
		case "first":
			add("second")
		case "second":
			add("third")
		}
	}
	ctrlC()
	if lines.Scan() {
		t.Errorf("one more line: %s", lines.Text())
	}
	if got := <-code; got != exitOK {
		t.Errorf("exit code %d after Ctrl-C: %s", got, &messages)
	}
}

// The text of a record cannot control the terminal, and a record of any form has a line.
func TestGlance(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ event, want string }{
		"harmful":    {`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"action":"a\u001b[2Jb"},"user":{"full_name":"x\ny"}}`, "2026-11-25 22:00:00  a\uFFFD[2Jb  x y"},
		"unreadable": {`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"original":"<html>"}}`, "2026-11-25 22:00:00  <html>"},
		"nothing":    {`{"@timestamp":"2026-11-25T22:00:00.000Z"}`, "2026-11-25 22:00:00  a record that cannot be read"},
		"group with its id": {
			`{"@timestamp":"2026-11-25T22:00:00.000Z","event":{"action":"User added"},"user":{"full_name":"Ada","target":{"full_name":"Bo"}},"group":{"name":"staff"},
			 "source":{"ip":"192.0.2.1"},"confluence":{"audit":{"affected_objects":[{"name":"staff:7c1d"},{"name":"Bo"}]}}}`,
			"2026-11-25 22:00:00  User added  Ada  Bo, staff  192.0.2.1",
		},
	} {
		if got := glanceAt([]byte(tt.event)).line(terminal.Screen{}); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
