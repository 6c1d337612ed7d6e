// Package leak helps tests: it writes secrets in many spellings and finds pieces of them in text.
package leak

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// dozen is how many consecutive characters of a secret count as a leak.
const dozen = 12

// Secrets to look for, and their user.
const (
	// User is the user that the secrets belong to.
	User = "auditor@acme.example"

	// LongToken has the form of Atlassian's tokens, with characters that URLs, JSON and base64
	// write differently.
	LongToken    = `ATATT3xFfGF0-Qm9_x&y"z/w+v=u%41\u0042 <k>QpLxN8vTb2`
	ProxyPhrase  = "pr0xy/p@ss phrase-0815"
	ClientPhrase = "cl13nt~Secret_of.many+characters/0123456789=="
	AccessPhrase = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiI0MiIsImF1ZCI6IngifQ.c2lnbmF0dXJlLW9mLXRva2Vu"
	SymbolPhrase = "?>?>~?>?>~?>?>~?>?>~" // its base64 has many + and /
	PatPhrase    = "NjU0MzIxMDk4NzY1OhWk8Q7cJ3pVt2xYzLmN5bRf0dEa"
)

// Spellings are ways in which a server may write a secret that it echoes.
var Spellings = map[string]func(secret string) string{
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
	"each byte for a URL":      func(s string) string { return Each(s, "%%%02x") },
	"each byte for JSON":       func(s string) string { return Each(s, `\u%04x`) },
	"each byte for HTML":       func(s string) string { return Each(s, "&#%d;") },
	"each byte for HTML, hex":  func(s string) string { return Each(s, "&#x%X;") },
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

	"zero-width spaces":            func(s string) string { return every(s, 1, "\u200b") },
	"zero-width joiners":           func(s string) string { return every(s, 3, "\u200d") },
	"soft hyphens":                 func(s string) string { return every(s, 4, "\u00ad") },
	"no-break spaces":              func(s string) string { return every(s, 2, "\u00a0") },
	"byte order marks":             func(s string) string { return every(s, 5, "\ufeff") },
	"directions of writing":        func(s string) string { return "\u202e" + every(s, 6, "\u202c\u202e") },
	"dashes":                       func(s string) string { return every(s, 4, "-") },
	"dots":                         func(s string) string { return every(s, 1, ".") },
	"a list of letters":            func(s string) string { return `["` + every(s, 1, `", "`) + `"]` },
	"tags":                         func(s string) string { return every(html.EscapeString(s), 7, "<b></b>") },
	"comments":                     func(s string) string { return every(s, 9, "<!-- -->") },
	"escaped line ends":            func(s string) string { return every(s, 8, `\r\n`) },
	"each byte for a URL, capital": func(s string) string { return Each(s, "%%%02X") },
	"each byte for a URL, twice":   func(s string) string { return Each(s, "%%25%02X") },
	"each byte for a URL, thrice":  func(s string) string { return Each(s, "%%2525%02x") },
	"each byte for IIS":            func(s string) string { return Each(s, "%%u%04X") },
	"each byte for JSON, capital":  func(s string) string { return Each(s, `\u%04X`) },
	"each byte for JSON, twice":    func(s string) string { return Each(s, `\\u%04x`) },
	"each byte for C":              func(s string) string { return Each(s, `\x%02x`) },
	"each byte in octal":           func(s string) string { return Each(s, `\%03o`) },
	"each byte for Rust":           func(s string) string { return Each(s, `\u{%x}`) },
	"each byte for Python":         func(s string) string { return Each(s, `\U%08x`) },
	"each byte for HTML, bare":     func(s string) string { return Each(s, "&#%d") },
	"each byte for HTML, zeros":    func(s string) string { return Each(s, "&#x%08x;") },
	"each byte for HTML in a URL":  func(s string) string { return url.QueryEscape(Each(s, "&#%d;")) },
	"names for HTML": func(s string) string {
		return strings.NewReplacer("/", "&sol;", "=", "&equals;", "+", "&plus;", "_", "&lowbar;", ".", "&period;", "0", "&#48;", "9", "&#57;").Replace(html.EscapeString(s))
	},
	"base64 twice": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"base64 of capitals":      func(s string) string { return base64.StdEncoding.EncodeToString([]byte(strings.ToUpper(s))) },
	"base64 of small letters": func(s string) string { return base64.URLEncoding.EncodeToString([]byte(strings.ToLower(s))) },
	"base64 of a query":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(s))) },
	"base64 of JSON": func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf(`{"token":%q}`, s)))
	},
	"base64 of hexadecimal":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString([]byte(s)))) },
	"base64 for URLs, bare":         func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"base64 for URLs in lower case": func(s string) string { return strings.ToLower(base64.RawURLEncoding.EncodeToString([]byte(s))) },
	"base64 in words":               func(s string) string { return every(base64.StdEncoding.EncodeToString([]byte(s)), 8, "\u200b ") },
	"base64 for JSON":               func(s string) string { return Each(base64.StdEncoding.EncodeToString([]byte(s)), `\u%04x`) },
	"base64 in a query, twice": func(s string) string {
		return url.QueryEscape(url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(s))))
	},
	"hexadecimal, capital":       func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"hexadecimal with colons":    func(s string) string { return every(hex.EncodeToString([]byte(s)), 2, ":") },
	"hexadecimal with spaces":    func(s string) string { return every(strings.ToUpper(hex.EncodeToString([]byte(s))), 2, " ") },
	"hexadecimal of base64":      func(s string) string { return hex.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s)))) },
	"hexadecimal of capitals":    func(s string) string { return hex.EncodeToString([]byte(strings.ToUpper(s))) },
	"hexadecimal within more":    func(s string) string { return "f0" + hex.EncodeToString([]byte("x"+s)) + "0a" },
	"capitals in a query":        func(s string) string { return url.QueryEscape(strings.ToUpper(s)) },
	"every other in capitals":    everyOther,
	"JSON within JSON":           func(s string) string { return fmt.Sprintf("%q", fmt.Sprintf("%q", s)) },
	"a query within HTML":        func(s string) string { return html.EscapeString("a=1&b=" + url.QueryEscape(s)) },
	"the first dozen":            func(s string) string { return s[:12] },
	"the last dozen":             func(s string) string { return s[len(s)-12:] },
	"a dozen, base64":            func(s string) string { return base64.StdEncoding.EncodeToString([]byte(fragment(s, 24))) },
	"halves the other way round": func(s string) string { return s[len(s)/2:] + " " + s[:len(s)/2] },
}

func everyOther(s string) string {
	b := []byte(strings.ToLower(s))
	for i := 0; i < len(b); i += 2 {
		b[i] = strings.ToUpper(string(b[i]))[0]
	}
	return string(b)
}

// Each writes each byte of s in a format.
func Each(s, format string) string {
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

// Find returns a piece of twelve characters of a secret that a text holds, in one of the forms that
// reveal it. It ignores case, white space and invisible characters, and undoes escapes.
func Find(text string, secrets ...string) string {
	texts := []string{squeeze(text)}
	for range 3 {
		text = unescapeAll(text)
		texts = append(texts, squeeze(text))
	}
	for _, secret := range secrets {
		quoted := strings.Trim(fmt.Sprintf("%q", secret), `"`)
		code := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), quoted,
			code(secret), base64.URLEncoding.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(secret)),
			code(User + ":" + secret), url.QueryEscape(code(User + ":" + secret)), code(code(secret)),
			code(strings.ToUpper(secret)), code(strings.ToLower(secret)), hex.EncodeToString([]byte(code(secret)))} {
			form = squeeze(form)
			for i := 0; i+dozen <= len(form); i++ {
				for _, t := range texts {
					if strings.Contains(t, form[i:i+dozen]) {
						return form[i : i+dozen]
					}
				}
			}
		}
	}
	return ""
}

// squeeze removes invisible characters and makes all letters lower case.
func squeeze(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
}

var byteEscape = regexp.MustCompile(`(?i)%u?[0-9a-f]{2,4}|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}`)

func unescapeAll(s string) string {
	s = html.UnescapeString(s)
	return byteEscape.ReplaceAllStringFunc(s, func(e string) string {
		digits := strings.TrimLeft(e, `%uUxX\`)
		rest := ""
		if e[0] == '%' && e[1]|0x20 != 'u' {
			digits, rest = e[1:3], e[3:]
		}
		n, err := strconv.ParseUint(digits, 16, 32)
		if err != nil {
			return e
		}
		return string(rune(n)) + rest
	})
}
