package check

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"fluent-bit-confluence/cmd/confluence-audit/internal/cli"
	"fluent-bit-confluence/cmd/confluence-audit/internal/cli/clitest"
)

// Ctrl-C ends a check with one line. It is not a result.
func TestCheckStops(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"--json", "--json=false"} {
		ctx, ctrlC := context.WithCancel(t.Context())
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			ctrlC()
			<-r.Context().Done()
		}))
		defer server.Close()
		var out, messages bytes.Buffer
		err := clitest.Run(ctx, Command(), &out, &messages, form, "--api-url", server.URL, "--user-identifier", "admin@example.com", "--api-token", "x")
		if !errors.Is(err, cli.Stopped("stopped")) || messages.Len() > 0 || out.Len() > 0 {
			t.Errorf("%s: %v, %q, %q, want that it was stopped", form, err, &out, &messages)
		}
	}
}
