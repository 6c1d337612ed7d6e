package atlassian

import (
	"net/http"
	"testing"
)

// A configured proxy is not used for hosts in NO_PROXY.
func TestNoProxy(t *testing.T) {
	t.Setenv("NO_PROXY", ".internal.example.com,10.0.0.0/8")
	choose, err := proxyFunc("http://user:secret@proxy.example.com:3128")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://acme.atlassian.net":         "proxy.example.com:3128",
		"https://wiki.internal.example.com":  "",
		"https://10.1.2.3":                   "",
		"https://internal.example.com.other": "proxy.example.com:3128",
		"http://127.0.0.1:8080":              "proxy.example.com:3128",
	} {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if u, err := choose(r); err != nil {
			t.Fatal(err)
		} else if u != nil {
			got = u.Host
		}
		if got != want {
			t.Errorf("%s goes through %q, want %q", address, got, want)
		}
	}
}
