// Package redact removes secrets from text, also if they are encoded, escaped or incomplete.
package redact

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// hidden replaces a secret.
const hidden = "***"

// Redactor removes secrets from text. Everything that leaves a client passes through it: errors,
// log lines, steps of Check, and health records, which are made of errors.
//
// A server or a proxy may echo a request in any spelling: unchanged, as base64 or hexadecimal,
// escaped for a URL, for JSON or for HTML, in lower case, broken into pieces, several of these at
// once, or only a part of it. So the text is brought into one spelling, see spellings, and every
// run of twelve characters that a secret also has is replaced. A shorter secret is replaced only as
// a whole and only in text that others wrote: a password that is an ordinary word must not change
// our own messages.
type Redactor struct {
	mu      sync.Mutex
	secrets []credentialSecret // the last one used is at the end
	fixed   []credentialSecret // kept for ever
}

// credentialSecret is a value that is never printed, with the user it belongs to.
type credentialSecret struct {
	user, value string
	known       []needle // what to look for; nil if it is too large to keep
}

const (
	// Run is how many consecutive characters of a secret count as a leak.
	Run = 12

	// maxSecrets is how many values are kept: OAuth makes a new one each hour, and old ones are
	// useless.
	maxSecrets = 6

	// keptLength is the longest secret whose needles are kept: they are more than ten times as
	// long, and there may be hundreds of clients.
	keptLength = 512
)

// Remember adds a secret to those that are removed. The user is that of Basic authentication, which
// sends both together.
func (r *Redactor) Remember(user, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	same := func(s credentialSecret) bool { return s.user == user && s.value == value }
	if value == "" || len(r.secrets) > 0 && same(r.secrets[len(r.secrets)-1]) {
		return
	}
	r.secrets = append(slices.DeleteFunc(r.secrets, same), newCredentialSecret(user, value))
	r.secrets = r.secrets[max(0, len(r.secrets)-maxSecrets):]
}

// Keep is Remember for a secret that is kept as long as the process runs.
func (r *Redactor) Keep(user, value string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if value != "" {
		r.fixed = append(r.fixed, newCredentialSecret(user, value))
	}
}

func newCredentialSecret(user, value string) credentialSecret {
	s := credentialSecret{user: user, value: value}
	if len(value) <= keptLength {
		s.known = s.needles()
	}
	return s
}

// Redact returns the text without secrets. If the text is foreign, written by others, short secrets
// are removed too.
func (r *Redactor) Redact(text string, foreign bool) string {
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
			known := secret.known
			if known == nil {
				known = secret.needles()
			}
			for _, n := range known {
				switch {
				case len(n.plain) >= Run:
					index.find(n.plain, func(i int) { t.mark(hit, i, Run) })
				case foreign && n.whole && !t.lettersOnly:
					t.markWhole(hit, text, n.plain)
				}
			}
		}
	}
	return replace(text, hit)
}

// needle is what to look for in a text in one spelling.
type needle struct {
	plain []byte
	whole bool // it is a whole secret
}

// needles returns the forms of a secret in every spelling.
func (s credentialSecret) needles() (all []needle) {
	seen := make(map[string]bool)
	for _, form := range s.forms() {
		for _, spelled := range escaped(form) {
			if text := string(spelled.plain); !seen[text] {
				seen[text] = true
				all = append(all, needle{spelled.plain, !spelled.lettersOnly})
			}
		}
	}
	return all
}

// Quote makes text that others wrote safe for a message: one line of at most about n bytes, without
// secrets.
func (r *Redactor) Quote(text string, n int) string {
	const enough = 4 << 10
	text = printable(text[:min(len(text), enough)], enough)
	return printable(r.Redact(text, true), n)
}

// Quote makes the words of another program safe for a message: one line of at most about n bytes,
// without the secrets.
func Quote(text string, n int, secrets ...string) string {
	var r Redactor
	for _, secret := range secrets {
		r.Keep("", secret)
	}
	return r.Quote(text, n)
}

// forms returns the ways to write a secret that spellings does not undo.
func (s credentialSecret) forms() []string {
	// + or %20 for a space
	plain := []string{s.value, url.QueryEscape(s.value), url.PathEscape(s.value)}
	hidden := []string{s.value}
	if s.user != "" {
		pair := s.user + ":" + s.value
		hidden = append(hidden, pair, base64.StdEncoding.EncodeToString([]byte(pair)))
		plain = append(plain, hidden[2])
	}
	for _, text := range hidden {
		plain = append(plain, hex.EncodeToString([]byte(text)), base64.StdEncoding.EncodeToString([]byte(text)))
		if len(text) < Run {
			continue
		}
		// Within a longer text the secret may begin at any of the three places of a base64 group.
		for before := 1; before <= 2; before++ {
			shifted := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + text))
			plain = append(plain, shifted[before+1:len(shifted)-1])
		}
	}
	return plain
}

// runIndex finds the places of each run of a text. The text is indexed because it is short: secrets
// can have thousands of characters.
type runIndex struct {
	first map[[Run]byte]int
	next  []int // place where the same run comes again; -1 for none
}

func indexRuns(text []byte) runIndex {
	n := max(0, len(text)-Run+1)
	index := runIndex{make(map[[Run]byte]int, n), make([]int, n)}
	for i := range n {
		key := [Run]byte(text[i:])
		index.next[i] = -1
		if before, ok := index.first[key]; ok {
			index.next[i] = before
		}
		index.first[key] = i
	}
	return index
}

// find calls found with the place of every run that the needle also has.
func (x runIndex) find(needle []byte, found func(i int)) {
	for i := 0; i+Run <= len(needle); i++ {
		at, ok := x.first[[Run]byte(needle[i:])]
		for ok && at >= 0 {
			found(at)
			at = x.next[at]
		}
	}
}

// replace puts *** in place of the bytes that were hit.
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
			b.WriteString(hidden)
		}
	}
	return b.String()
}

// printable makes text from a server safe for one log line: control and invisible characters become
// spaces, and the text is cut after n bytes.
func printable(text string, n int) string {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\uFFFD' || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Cf, r) {
			r = ' '
		}
		if b.Len() >= n {
			b.WriteString("…")
			break
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
