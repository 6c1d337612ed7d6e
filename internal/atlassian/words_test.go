package atlassian

import (
	"net/http"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/redact/leak"
)

// Whatever a server sends, its words are one line and bounded.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{`<html><title>HTTP Status 403 – Forbidden</title><h1>x</h1></html>`, `{"message":"not permitted"}`, `{"errors":[[[[[["x"]]]]]],"error":{"error":"a"}}`, `{"message":`, "<title", "&#x;"} {
		f.Add([]byte(seed))
	}
	c, err := New(Options{APIURL: "https://wiki.example.com", UserIdentifier: "bob", APIToken: NewSecret(leak.LongToken)})
	if err != nil {
		f.Fatal(err)
	}
	c.redact.Remember("bob", leak.LongToken)
	f.Fuzz(func(t *testing.T, body []byte) {
		said := c.says(&Answer{Status: 403, Header: http.Header{}, Body: body})
		if len(said) > MaxSaid+len("…")+4 || strings.ContainsAny(said, "\r\n\t\x1b") {
			t.Errorf("%d bytes: %q", len(said), said)
		}
	})
}
