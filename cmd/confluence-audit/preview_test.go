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
