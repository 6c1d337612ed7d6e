package redact

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/redact/leak"
)

func TestRedactSpellings(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{leak.LongToken, leak.ProxyPhrase, leak.ClientPhrase, leak.AccessPhrase, leak.PatPhrase, leak.SymbolPhrase} {
		r := new(Redactor)
		r.Remember(leak.User, secret)
		for name, spell := range leak.Spellings {
			if secret == leak.SymbolPhrase && slices.Contains([]string{"dots", "dashes", "a list of letters", "tags", "comments"}, name) {
				continue // one cannot tell what belongs to it
			}
			for _, sent := range []string{secret, base64.StdEncoding.EncodeToString([]byte(leak.User + ":" + secret))} {
				text := "the server got " + spell(sent) + " and refused"
				got := r.Redact(text, false)
				if found := leak.Find(got, secret); found != "" {
					t.Errorf("%s of %q: %q is in %q", name, sent, found, got)
				}
				few := Run
				switch name {
				case "base64 of the whole line", "base64 of JSON", "a list of letters", "halves the other way round", "tags":
					few = 60 // pieces that are too short to reveal anything, or not of the secret
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

// Text that is no secret stays as it is.
func TestRedactLeavesTheRest(t *testing.T) {
	t.Parallel()
	r := new(Redactor)
	r.Remember("admin", "password")
	r.Remember(leak.User, leak.LongToken)
	for _, text := range []string{
		"", "***", "acme.atlassian.net refused the user name and password: check the credential",
		"50% of C:\\temp\\x &amp; \\u00e9 &#; &#x; &unknown; %zz", "trace 0af7651916cd43dd8448eb211c80319c", leak.User,
		base64.StdEncoding.EncodeToString([]byte("another:credential-of-somebody-else")),
	} {
		if got := r.Redact(text, false); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// A short secret is removed from text of others, and not from our own messages.
func TestRedactShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ secret, text, want string }{
		{"s3cret", `{"password":"S3CRET"}`, `{"password":"***"}`},
		{"s3cret", "cz NjcmV0 czNjcmV0", "*** ***"},
		{"a b", "x=a+b&y=a%20b", "x=***&y=***"},
		{"x", "x-ray of box x", "***-ray of box ***"},
	} {
		r := new(Redactor)
		r.Remember("", tt.secret)
		if got := r.Redact(tt.text, true); got != tt.want {
			t.Errorf("%q without %q: %q, want %q", tt.text, tt.secret, got, tt.want)
		}
		if got := r.Redact("check "+tt.secret, false); got != "check "+tt.secret {
			t.Errorf("our own words: %q", got)
		}
	}
}

// The secret in use is kept, however many there were.
func TestRedactRemembers(t *testing.T) {
	t.Parallel()
	r := new(Redactor)
	r.Keep("", leak.ProxyPhrase)
	for i := range 100 {
		r.Remember("", leak.ClientPhrase)
		r.Remember("", fmt.Sprintf("access-token-number-%d", i))
	}
	if n := len(r.secrets); n > maxSecrets {
		t.Errorf("%d secrets are kept", n)
	}
	text := leak.ProxyPhrase + " " + leak.ClientPhrase + " access-token-number-99"
	if got := r.Redact(text, false); got != "*** *** ***" && got != "***" {
		t.Errorf("got %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add(`\u003d%3D&#61;`, leak.LongToken)
	f.Fuzz(func(t *testing.T, text, secret string) {
		r := new(Redactor)
		r.Remember("user", secret)
		for _, foreign := range []bool{true, false} {
			got := r.Redact(text+secret+text, foreign)
			if len(secret) >= Run && secret == strings.ToLower(secret) && !strings.ContainsAny(secret, "\\%& \t\r\n-_") &&
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
	r := new(Redactor)
	r.Remember(leak.User, leak.LongToken)
	line := strings.Repeat("acme.atlassian.net refused the e-mail and API token. ", 4)
	for b.Loop() {
		r.Redact(line, false)
	}
}

// Text of a server takes a bounded time, however it is written.
func BenchmarkQuote(b *testing.B) {
	code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, text := range map[string]string{
		"words":   strings.Repeat("not permitted to use Confluence ", 200),
		"base64":  code(code(code(strings.Repeat(leak.LongToken, 50)))),
		"escapes": leak.Each(strings.Repeat(leak.LongToken, 50), "%%2525%02x"),
		"tags":    strings.Repeat("<b>%25%41&#38;#65;</b>"+code(leak.LongToken), 100),
	} {
		b.Run(name, func(b *testing.B) {
			var r Redactor
			r.Remember(leak.User, leak.LongToken)
			for b.Loop() {
				r.Quote(text, 300)
			}
		})
	}
}
