package confluence

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// redactor takes secrets out of text. Whatever leaves a Client passes here:
// errors, lines of the log, steps of Check; and with them health records, which
// are made of errors.
//
// A server or a proxy may echo a request in any spelling: as it was, as base64,
// escaped for a URL, for JSON or for HTML, in lower case, broken into lines, and
// only a part of it. So the text is brought into one spelling, see spell, and
// every run of a dozen characters that a secret holds too is replaced. A secret
// shorter than that is replaced where all of it stands, and only in text that
// others wrote: a password that is an ordinary word must not eat our own words.
type redactor struct {
	mu      sync.Mutex
	secrets []credentialSecret // the one used last at the end
	fixed   []credentialSecret // never forgotten
}

// credentialSecret is a value that is never printed, with the user it belongs to.
type credentialSecret struct{ user, value string }

const (
	// run is how many characters of a secret in a row are too many.
	run = 12

	// maxSecrets is how many values are remembered: OAuth makes a new one each
	// hour, and an old one is of no use to anybody.
	maxSecrets = 6
)

// remember keeps a secret so that it is found. The user is that of Basic
// authentication, where both are sent together.
func (r *redactor) remember(user, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	secret := credentialSecret{user, value}
	if value == "" || len(r.secrets) > 0 && r.secrets[len(r.secrets)-1] == secret {
		return
	}
	r.secrets = slices.DeleteFunc(r.secrets, func(s credentialSecret) bool { return s == secret })
	r.secrets = append(r.secrets, secret)
	r.secrets = r.secrets[max(0, len(r.secrets)-maxSecrets):]
}

// keep is remember for what stays as long as the process runs.
func (r *redactor) keep(user, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value != "" {
		r.fixed = append(r.fixed, credentialSecret{user, value})
	}
}

// redact returns the text without secrets. That of others, foreign, is searched
// for short ones too.
func (r *redactor) redact(text string, foreign bool) string {
	r.mu.Lock()
	secrets := slices.Concat(r.fixed, r.secrets)
	r.mu.Unlock()
	if len(secrets) == 0 || text == "" {
		return text
	}
	hit := make([]bool, len(text))
	for _, t := range spellings(text) {
		index := indexRuns(t.plain)
		for _, secret := range secrets {
			for _, form := range secret.forms() {
				for _, needle := range spellings(form) {
					if len(needle.plain) >= run {
						index.find(needle.plain, func(i int) { t.mark(hit, i, run) })
					} else if foreign {
						t.markWhole(hit, text, needle.plain)
					}
				}
			}
		}
	}
	return replace(text, hit)
}

// forms are the ways to write a secret that spellings does not undo.
func (s credentialSecret) forms() []string {
	plain := []string{s.value, url.QueryEscape(s.value)} // which makes + of a space
	hidden := []string{s.value}
	if s.user != "" {
		pair := s.user + ":" + s.value
		hidden = append(hidden, pair, base64.StdEncoding.EncodeToString([]byte(pair)))
		plain = append(plain, hidden[2])
	}
	for _, text := range hidden {
		plain = append(plain, hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)))
		if len(text) < run {
			continue
		}
		// Within a longer text it begins at any of three places of base64's groups.
		for before := 1; before <= 2; before++ {
			shifted := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
			plain = append(plain, shifted[before+1:len(shifted)-1])
		}
	}
	return plain
}

// spelling is a text in one spelling, with the place of each byte in the text.
type spelling struct {
	plain    []byte
	from, to []int
}

// spellings undoes the escapes of URLs, JSON and HTML layer by layer, and gives
// the text at each: what looks like an escape may be a part of a secret.
func spellings(text string) []spelling {
	const escapesWithinEscapes = 4
	s := spelling{[]byte(text), make([]int, len(text)), make([]int, len(text))}
	for i := range s.plain {
		s.from[i], s.to[i] = i, i+1
	}
	all := []spelling{s.even()}
	for range escapesWithinEscapes {
		if !s.unescape() {
			break
		}
		all = append(all, s.even())
	}
	return all
}

// even is a copy without white space and in small letters. Base64 for URLs
// becomes the usual one.
func (s *spelling) even() spelling {
	var e spelling
	for i, b := range s.plain {
		switch {
		case b <= ' ', b == 0x7f:
			continue
		case b >= 'A' && b <= 'Z':
			b += 'a' - 'A'
		case b == '-':
			b = '+'
		case b == '_':
			b = '/'
		}
		e.plain, e.from, e.to = append(e.plain, b), append(e.from, s.from[i]), append(e.to, s.to[i])
	}
	return e
}

// unescape undoes one layer of escapes in place, and tells whether there was one.
func (s *spelling) unescape() bool {
	kept, found := 0, false
	for i := 0; i < len(s.plain); {
		value, size := unescaped(s.plain[i:])
		from, to := s.from[i], s.to[i+size-1]
		found = found || size > 1
		// A character takes at most as many bytes as its escape.
		for _, b := range value {
			s.plain[kept], s.from[kept], s.to[kept] = b, from, to
			kept++
		}
		i += size
	}
	s.plain, s.from, s.to = s.plain[:kept], s.from[:kept], s.to[:kept]
	return found
}

// unescaped is what the text begins with, and how many bytes that takes.
func unescaped(text []byte) (value []byte, size int) {
	switch text[0] {
	case '%':
		if n, ok := hexNumber(text, 1, 2); ok {
			return []byte{byte(n)}, 3
		}
	case '\\':
		return unescapedJSON(text)
	case '&':
		return unescapedHTML(text)
	}
	return text[:1], 1
}

func unescapedJSON(text []byte) ([]byte, int) {
	if len(text) < 2 {
		return text[:1], 1
	}
	switch text[1] {
	case 'u':
		if n, ok := hexNumber(text, 2, 4); ok {
			return utf8.AppendRune(nil, rune(n)), 6
		}
	case 'x':
		if n, ok := hexNumber(text, 2, 2); ok {
			return []byte{byte(n)}, 4
		}
	case 'n', 'r', 't', 'b', 'f':
		return []byte{' '}, 2
	case '"', '\'', '\\', '/':
		return text[1:2], 2
	}
	return text[:1], 1
}

func unescapedHTML(text []byte) ([]byte, int) {
	end := slices.Index(text[:min(len(text), 10)], ';')
	if end < 2 {
		return text[:1], 1
	}
	if text[1] != '#' {
		named := map[string]string{"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'"}
		if value, ok := named[string(text[1:end])]; ok {
			return []byte(value), end + 1
		}
		return text[:1], 1
	}
	digits, base := text[2:end], 10
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		digits, base = digits[1:], 16
	}
	number := 0
	for _, d := range digits {
		n := hexDigit(d)
		if n < 0 || n >= base {
			return text[:1], 1
		}
		number = number*base + n
	}
	if len(digits) == 0 {
		return text[:1], 1
	}
	return utf8.AppendRune(nil, rune(number)), end + 1
}

// hexNumber reads digits hexadecimal digits at i.
func hexNumber(text []byte, i, digits int) (int, bool) {
	if len(text) < i+digits {
		return 0, false
	}
	number := 0
	for _, b := range text[i : i+digits] {
		n := hexDigit(b)
		if n < 0 {
			return 0, false
		}
		number = number<<4 | n
	}
	return number, true
}

func hexDigit(b byte) int {
	switch {
	case b >= '0' && b <= '9':
		return int(b - '0')
	case b >= 'a' && b <= 'f':
		return int(b-'a') + 10
	case b >= 'A' && b <= 'F':
		return int(b-'A') + 10
	}
	return -1
}

// runIndex finds where each run of a text begins. The text is the short side:
// secrets can have thousands of characters.
type runIndex struct {
	first map[[run]byte]int
	next  []int // the same run again, -1: nowhere
}

func indexRuns(text []byte) runIndex {
	n := max(0, len(text)-run+1)
	index := runIndex{make(map[[run]byte]int, n), make([]int, n)}
	for i := range n {
		key := [run]byte(text[i:])
		index.next[i] = -1
		if before, ok := index.first[key]; ok {
			index.next[i] = before
		}
		index.first[key] = i
	}
	return index
}

// find calls found with the place of every run that the needle holds too.
func (x runIndex) find(needle []byte, found func(i int)) {
	for i := 0; i+run <= len(needle); i++ {
		at, ok := x.first[[run]byte(needle[i:])]
		for ok && at >= 0 {
			found(at)
			at = x.next[at]
		}
	}
}

// mark marks n bytes of the spelling, with what was left out between them.
func (s spelling) mark(hit []bool, i, n int) {
	for k := s.from[i]; k < s.to[i+n-1]; k++ {
		hit[k] = true
	}
}

// markWhole marks where all of a short needle stands. One of three characters
// or less is looked for by itself only: it is within every other word.
func (s spelling) markWhole(hit []bool, text string, needle []byte) {
	const short = 3
	inWord := func(i int) bool {
		return i >= 0 && i < len(text) && (text[i]|0x20 >= 'a' && text[i]|0x20 <= 'z' || text[i] >= '0' && text[i] <= '9')
	}
	for i := 0; len(needle) > 0 && i+len(needle) <= len(s.plain); i++ {
		if !bytes.HasPrefix(s.plain[i:], needle) {
			continue
		}
		if len(needle) > short || !inWord(s.from[i]-1) && !inWord(s.to[i+len(needle)-1]) {
			s.mark(hit, i, len(needle))
		}
	}
}

// replace puts *** in place of what was hit.
func replace(text string, hit []bool) string {
	if !slices.Contains(hit, true) {
		return text
	}
	var b strings.Builder
	for i := range len(text) {
		switch {
		case !hit[i]:
			b.WriteByte(text[i])
		case i == 0 || !hit[i-1]:
			b.WriteString(redacted)
		}
	}
	return b.String()
}
