package confluence

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestRedactSpellings(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{longToken, proxyPhrase, clientPhrase, accessPhrase, patPhrase, symbolPhrase} {
		r := new(redactor)
		r.remember(leakUser, secret)
		for name, spell := range echoes {
			if secret == symbolPhrase && slices.Contains([]string{"dots", "dashes", "a list of letters", "tags", "comments"}, name) {
				continue // of which nobody can tell what belongs to it
			}
			for _, sent := range []string{secret, base64.StdEncoding.EncodeToString([]byte(leakUser + ":" + secret))} {
				text := "the server got " + spell(sent) + " and refused"
				got := r.redact(text, false)
				if found := leaked(got, secret); found != "" {
					t.Errorf("%s of %q: %q is in %q", name, sent, found, got)
				}
				few := run
				switch name {
				case "base64 of the whole line", "base64 of JSON", "a list of letters", "halves the other way round", "tags":
					few = 60 // pieces that are too short to tell, or nothing of the secret
				}
				if left := len(got) - len("the server got *** and refused"); left > few {
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
	r.remember(leakUser, longToken)
	for _, text := range []string{
		"", "***", "acme.atlassian.net refused the user name and password: check the credential",
		"50% of C:\\temp\\x &amp; \\u00e9 &#; &#x; &unknown; %zz", "trace 0af7651916cd43dd8448eb211c80319c", leakUser,
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
	r.remember(leakUser, longToken)
	line := strings.Repeat("acme.atlassian.net refused the e-mail and API token. ", 4)
	for b.Loop() {
		r.redact(line, false)
	}
}

// What a server sends costs bounded time, however it is written.
func BenchmarkQuote(b *testing.B) {
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, text := range map[string]string{
		"words":   strings.Repeat("not permitted to use Confluence ", 200),
		"base64":  code(code(code(strings.Repeat(longToken, 50)))),
		"escapes": each(strings.Repeat(longToken, 50), "%%2525%02x"),
		"tags":    strings.Repeat("<b>%25%41&#38;#65;</b>"+code(longToken), 100),
	} {
		b.Run(name, func(b *testing.B) {
			var r redactor
			r.remember(leakUser, longToken)
			for b.Loop() {
				r.quote(text, maxSaid)
			}
		})
	}
}
