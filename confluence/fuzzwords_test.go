package confluence

import (
	"net/http"
	"strings"
	"testing"
)

// Whatever a server sends, its words are one line and bounded.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{`<html><title>HTTP Status 403 – Forbidden</title><h1>x</h1></html>`, `{"message":"not permitted"}`, `{"errors":[[[[[["x"]]]]]],"error":{"error":"a"}}`, `{"message":`, "<title", "&#x;"} {
		f.Add([]byte(seed))
	}
	c, err := newConn(Options{APIURL: "https://wiki.example.com", UserIdentifier: "bob", APIToken: NewSecret(longToken)})
	if err != nil {
		f.Fatal(err)
	}
	c.redact.remember("bob", longToken)
	f.Fuzz(func(t *testing.T, body []byte) {
		said := c.says(&answer{status: 403, header: http.Header{}, body: body})
		if len(said) > maxSaid+len("…")+4 || strings.ContainsAny(said, "\r\n\t\x1b") {
			t.Errorf("%d bytes: %q", len(said), said)
		}
	})
}
