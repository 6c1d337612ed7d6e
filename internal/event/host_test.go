package event

import "testing"

func TestHostOf(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://acme.atlassian.net":              "acme.atlassian.net",
		"http://wiki.example.com:8090/confluence": "wiki.example.com",
		"http://jane:secret@wiki.example.com/":    "wiki.example.com",
		"https://[2001:db8::1]:8443/x":            "2001:db8::1",
		"wiki.example.com":                        "",
		"":                                        "",
	} {
		if got := string(HostOf([]byte(url))); got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}
