package confluence

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

const (
	// As Atlassian's tokens look, with characters that URLs, JSON and base64 treat in their own ways.
	longToken    = `ATATT3xFfGF0-Qm9_x&y"z/w+v=u%41\u0042 <k>QpLxN8vTb2`
	proxyPhrase  = "pr0xy/p@ss phrase-0815"
	clientPhrase = "cl13nt~Secret_of.many+characters/0123456789=="
	accessPhrase = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiIsImF1ZCI6IngifQ.c2lnbmF0dXJlLW9mLXRva2Vu"
	symbolPhrase = "?>?>~?>?>~?>?>~?>?>~" // whose base64 is full of + and /
	patPhrase    = "NjU0MzIxMDk4NzY1OhWk8Q7cJ3pVt2xYzLmN5bRf0dEa"
)

// echoes are ways in which an echo may write a secret.
var echoes = map[string]func(secret string) string{
	"plain":                    func(s string) string { return s },
	"upper case":               strings.ToUpper,
	"lower case":               strings.ToLower,
	"base64":                   func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64 without padding":   func(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs":          func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
	"base64 in lower case":     func(s string) string { return strings.ToLower(base64.StdEncoding.EncodeToString([]byte(s))) },
	"base64 within more":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x-" + s + "-y")) },
	"base64 within one more":   func(s string) string { return base64.StdEncoding.EncodeToString([]byte("x" + s + "yz")) },
	"hexadecimal":              func(s string) string { return hex.EncodeToString([]byte(s)) },
	"query":                    url.QueryEscape,
	"path":                     url.PathEscape,
	"base64 in a query":        func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))) },
	"query within a query":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"each byte for a URL":      func(s string) string { return each(s, "%%%02x") },
	"each byte for JSON":       func(s string) string { return each(s, `\u%04x`) },
	"each byte for HTML":       func(s string) string { return each(s, "&#%d;") },
	"each byte for HTML, hex":  func(s string) string { return each(s, "&#x%X;") },
	"JSON":                     func(s string) string { return strings.Trim(fmt.Sprintf("%q", s), `"`) },
	"padding for JSON":         func(s string) string { return strings.ReplaceAll(s, "=", `\u003d`) },
	"HTML":                     html.EscapeString,
	"HTML within JSON":         func(s string) string { return strings.Trim(fmt.Sprintf("%q", html.EscapeString(s)), `"`) },
	"lines of eight":           func(s string) string { return every(s, 8, "\n") },
	"words of five":            func(s string) string { return every(s, 5, " ") },
	"base64 in lines":          func(s string) string { return every(base64.StdEncoding.EncodeToString([]byte(s)), 16, "\r\n") },
	"the first half":           func(s string) string { return s[:len(s)/2] },
	"the second half":          func(s string) string { return s[len(s)/2:] },
	"a piece of its base64":    func(s string) string { return fragment(base64.StdEncoding.EncodeToString([]byte(s)), 14) },
	"a piece":                  func(s string) string { return fragment(s, 13) },
	"base64 of the whole line": func(s string) string { return base64.StdEncoding.EncodeToString([]byte("Authorization: Bearer " + s)) },
}

func each(s, format string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func every(s string, n int, separator string) string {
	var lines []string
	for ; len(s) > n; s = s[n:] {
		lines = append(lines, s[:n])
	}
	return strings.Join(append(lines, s), separator)
}

func fragment(s string, n int) string {
	n = min(n, len(s))
	from := (len(s) - n) / 2
	return s[from : from+n]
}

// leaked returns a piece of twelve characters of a secret, in one of the forms
// that tell it, that a text holds; also across white space and in either case.
func leaked(text string, secrets ...string) string {
	squeeze := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }
	squeezed := squeeze(text)
	for _, secret := range secrets {
		quoted := strings.Trim(fmt.Sprintf("%q", secret), `"`)
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted,
			base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte(testUser + ":" + secret)), url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(testUser + ":" + secret)))} {
			form = squeeze(form)
			for i := 0; i+run <= len(form); i++ {
				if strings.Contains(squeezed, form[i:i+run]) {
					return form[i : i+run]
				}
			}
		}
	}
	return ""
}

func TestRedactSpellings(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{longToken, proxyPhrase, clientPhrase, accessPhrase, patPhrase, symbolPhrase} {
		r := new(redactor)
		r.remember(testUser, secret)
		for name, spell := range echoes {
			for _, sent := range []string{secret, base64.StdEncoding.EncodeToString([]byte(testUser + ":" + secret))} {
				text := "the server got " + spell(sent) + " and refused"
				got := r.redact(text, false)
				if found := leaked(got, secret); found != "" {
					t.Errorf("%s of %q: %q is in %q", name, sent, found, got)
				}
				if left := len(got) - len("the server got *** and refused"); left > 12 && (name != "base64 of the whole line" || left > 40) {
					t.Errorf("%s of %q: much of it is left in %q", name, sent, got)
				}
				if !strings.HasPrefix(got, "the server g") || !strings.HasSuffix(got, "d refused") {
					t.Errorf("%s of %q: more than the secret is gone: %q", name, sent, got)
				}
			}
		}
	}
}

// What is no secret stays as it is.
func TestRedactLeavesTheRest(t *testing.T) {
	t.Parallel()
	r := new(redactor)
	r.remember("admin", "password")
	r.remember(testUser, longToken)
	for _, text := range []string{
		"", "***", "acme.atlassian.net refused the user name and password: check the credential",
		"50% of C:\\temp\\x &amp; \\u00e9 &#; &#x; &unknown; %zz", "trace 0af7651916cd43dd8448eb211c80319c", testUser,
		base64.StdEncoding.EncodeToString([]byte("another:credential-of-somebody-else")),
	} {
		if got := r.redact(text, false); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// A short secret is taken out of what others say, and not out of our own words.
func TestRedactShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ secret, text, want string }{
		{"s3cret", `{"password":"S3CRET"}`, `{"password":"***"}`},
		{"s3cret", "cz NjcmV0 czNjcmV0", "*** ***"},
		{"a b", "x=a+b&y=a%20b", "x=***&y=***"},
		{"x", "x-ray of box x", "***-ray of box ***"},
	} {
		r := new(redactor)
		r.remember("", tt.secret)
		if got := r.redact(tt.text, true); got != tt.want {
			t.Errorf("%q without %q: %q, want %q", tt.text, tt.secret, got, tt.want)
		}
		if got := r.redact("check "+tt.secret, false); got != "check "+tt.secret {
			t.Errorf("our own words: %q", got)
		}
	}
}

// The secret in use is never forgotten, however many there were.
func TestRedactRemembers(t *testing.T) {
	t.Parallel()
	r := new(redactor)
	r.keep("", proxyPhrase)
	for i := range 100 {
		r.remember("", clientPhrase)
		r.remember("", fmt.Sprintf("access-token-number-%d", i))
	}
	if n := len(r.secrets); n > maxSecrets {
		t.Errorf("%d secrets are kept", n)
	}
	text := proxyPhrase + " " + clientPhrase + " access-token-number-99"
	if got := r.redact(text, false); got != "*** *** ***" && got != "***" {
		t.Errorf("got %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`\u003d%3D&#61;`, longToken)
	f.Fuzz(func(t *testing.T, text, secret string) {
		r := new(redactor)
		r.remember("user", secret)
		for _, foreign := range []bool{true, false} {
			got := r.redact(text+secret+text, foreign)
			if len(secret) >= run && secret == strings.ToLower(secret) && !strings.ContainsAny(secret, "\\%& \t\r\n-_") &&
				!strings.ContainsAny(text, "\\%&") && isPrintable(secret) && strings.Contains(got, secret) && !strings.Contains(text, secret) {
				t.Errorf("%q is in %q", secret, got)
			}
		}
	})
}

func isPrintable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) < 0
}

func BenchmarkRedact(b *testing.B) {
	r := new(redactor)
	r.remember(testUser, longToken)
	line := strings.Repeat("acme.atlassian.net refused the e-mail and API token. ", 4)
	for b.Loop() {
		r.redact(line, false)
	}
}
