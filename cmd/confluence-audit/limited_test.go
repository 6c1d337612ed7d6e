package main

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/simulate"
)

// A site that allows one request a second can be checked and exported.
func TestLimitedSite(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"check"}, {"export", "--from", "all", "--page-size", "8"}} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			site := httptest.NewServer(simulate.New(simulate.Options{Records: 20, Faults: []simulate.Fault{{Kind: simulate.FaultRateBucket}}}))
			defer site.Close()
			var out, messages bytes.Buffer
			login := []string{"--api-url", site.URL, "--user-identifier", "admin@example.com", "--api-token", "unscoped-token", "--gateway-url", site.URL}
			if code := run(t.Context(), append(args, login...), &out, &messages); code != 0 {
				t.Errorf("exit code %d: %s%s", code, &out, &messages)
			}
			if got := strings.Count(out.String(), "\n"); args[0] == "export" && got != 20 {
				t.Errorf("%d records, want 20", got)
			}
		})
	}
}
