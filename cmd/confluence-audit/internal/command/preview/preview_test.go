package preview

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

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
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
	ended := make(chan error, 1)
	var messages bytes.Buffer
	go func() {
		ended <- clitest.Run(ctx, Command(), in, &messages, "--follow", "--poll-interval", "1s", "--api-url", server.URL,
			"--user-identifier", "admin@example.com", "--api-token", "unscoped-token")
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
	if err := <-ended; err != nil {
		t.Errorf("after Ctrl-C: %v, %s", err, &messages)
	}
}
