package redact

import (
	"bytes"
	"html"
	"slices"
	"unicode"
	"unicode/utf8"
)

// spelling is a text in one spelling, with the place of each of its bytes in the original.
type spelling struct {
	plain       []byte
	from, to    []int
	lettersOnly bool // only letters and digits are left
}

func asWritten(text string) spelling {
	s := spelling{plain: []byte(text), from: make([]int, len(text)), to: make([]int, len(text))}
	for i := range s.plain {
		s.from[i], s.to[i] = i, i+1
	}
	return s
}

// spellings returns a text with each layer of escapes undone, and the base64 and hexadecimal in it
// decoded.
func spellings(text string) []spelling {
	const codesWithinCodes = 2
	all, layers := escapes(asWritten(text))
	for range codesWithinCodes {
		var inner []spelling
		for _, layer := range layers {
			for _, decoded := range layer.decoded() {
				even, below := escapes(decoded)
				all, inner = append(all, even...), append(inner, below...)
			}
		}
		layers = inner
	}
	return all
}

// escaped returns a text with each layer of escapes undone.
func escaped(text string) []spelling {
	all, _ := escapes(asWritten(text))
	return all
}

// escapes undoes the escapes of URLs, JSON and HTML layer by layer. It returns the text at each
// layer, because what looks like an escape may be part of a secret. Each layer is returned in even
// form and again with letters and digits only, since anything may stand between them; if there are
// tags, also without the tags. layers are the same layers, unchanged.
func escapes(s spelling) (even, layers []spelling) {
	const escapesWithinEscapes = 4
	for range escapesWithinEscapes + 1 {
		layers = append(layers, s)
		even = append(even, s.even(), s.letters())
		if untagged, found := s.untagged(); found {
			even = append(even, untagged.even(), untagged.letters())
		}
		next, found := s.unescape()
		if !found {
			break
		}
		s = next
	}
	return even, layers
}

// even returns a copy in lower case, without white space and invisible characters. The characters
// of base64 for URLs become those of standard base64.
func (s spelling) even() spelling {
	e := spelling{plain: make([]byte, 0, len(s.plain)), from: make([]int, 0, len(s.plain)), to: make([]int, 0, len(s.plain))}
	for i := 0; i < len(s.plain); {
		r, size := utf8.DecodeRune(s.plain[i:])
		if r > 0x7f && (unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Mn)) {
			i += size
			continue
		}
		for ; size > 0; size, i = size-1, i+1 {
			b := s.plain[i]
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
	}
	return e
}

// letters returns a copy with letters and digits only, in lower case.
func (s spelling) letters() spelling {
	e := spelling{lettersOnly: true}
	for i, b := range s.plain {
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b >= 'a' && b <= 'z' || b >= '0' && b <= '9' {
			e.plain, e.from, e.to = append(e.plain, b), append(e.from, s.from[i]), append(e.to, s.to[i])
		}
	}
	return e
}

// unescape returns a copy with one layer of escapes undone, and whether there was one.
func (s spelling) unescape() (next spelling, found bool) {
	for i := 0; i < len(s.plain); {
		value, size := unescaped(s.plain[i:])
		found = found || size > 1
		for _, b := range value {
			next.plain = append(next.plain, b)
			next.from, next.to = append(next.from, s.from[i]), append(next.to, s.to[i+size-1])
		}
		i += size
	}
	return next, found
}

// unescaped returns the character that the text begins with, unescaped, and how many bytes it
// takes.
func unescaped(text []byte) (value []byte, size int) {
	switch text[0] {
	case '%':
		if n, ok := hexNumber(text, 1, 2); ok {
			return []byte{byte(n)}, 3
		}
		if len(text) > 1 && text[1]|0x20 == 'u' {
			if n, ok := hexNumber(text, 2, 4); ok {
				return utf8.AppendRune(nil, rune(n)), 6
			}
		}
	case '\\':
		return unescapedJSON(text)
	case '&':
		return unescapedHTML(text)
	}
	return text[:1], 1
}

// untagged returns a copy without tags and comments, and whether there were any.
func (s spelling) untagged() (next spelling, found bool) {
	for i := 0; i < len(s.plain); i++ {
		if size := tag(s.plain[i:]); size > 0 {
			i, found = i+size-1, true
			continue
		}
		next.plain, next.from, next.to = append(next.plain, s.plain[i]), append(next.from, s.from[i]), append(next.to, s.to[i])
	}
	return next, found
}

// tag returns the length of the tag or comment that the text begins with, 0 if there is none.
func tag(text []byte) int {
	const longest = 200
	if len(text) < 2 || text[0] != '<' || text[1] != '/' && text[1] != '!' && (text[1]|0x20 < 'a' || text[1]|0x20 > 'z') {
		return 0
	}
	return 1 + bytes.IndexByte(text[:min(len(text), longest)], '>')
}

// unescapedJSON undoes the escapes of JSON, and those of most languages.
func unescapedJSON(text []byte) ([]byte, int) {
	if len(text) < 2 {
		return text[:1], 1
	}
	number := func(digits int) ([]byte, int) {
		if n, ok := hexNumber(text, 2, digits); ok {
			return utf8.AppendRune(nil, rune(n)), 2 + digits
		}
		if end := slices.Index(text[:min(len(text), 12)], '}'); end > 3 && text[2] == '{' {
			if n, ok := hexNumber(text, 3, end-3); ok {
				return utf8.AppendRune(nil, rune(n)), end + 1
			}
		}
		return text[:1], 1
	}
	switch c := text[1]; c {
	case 'u':
		return number(4)
	case 'U':
		return number(8)
	case 'x', 'X':
		if n, ok := hexNumber(text, 2, 2); ok {
			return []byte{byte(n)}, 4
		}
		return number(2)
	case '0', '1', '2', '3':
		if len(text) >= 4 && isOctal(text[2]) && isOctal(text[3]) {
			return []byte{(c-'0')<<6 | (text[2]-'0')<<3 | (text[3] - '0')}, 4
		}
	case 'n', 'r', 't', 'b', 'f':
		return []byte{' '}, 2
	case '"', '\'', '\\', '/':
		return text[1:2], 2
	}
	return text[:1], 1
}

func isOctal(b byte) bool { return b >= '0' && b <= '7' }

// unescapedHTML reads a character by name or number. Browsers need no semicolon behind a number and
// accept leading zeros.
func unescapedHTML(text []byte) ([]byte, int) {
	const longest = 34 // of names: &CounterClockwiseContourIntegral;
	end := 1
	for end < min(len(text), longest) && isEntity(text[end]) {
		end++
	}
	if end < len(text) && text[end] == ';' {
		end++
	} else if text[min(1, len(text)-1)] != '#' {
		return text[:1], 1
	}
	entity := string(text[:end])
	value := html.UnescapeString(entity)
	if value == entity || len(value) > len(entity) {
		return text[:1], 1
	}
	return []byte(value), end
}

func isEntity(b byte) bool {
	return b == '#' || b >= '0' && b <= '9' || b|0x20 >= 'a' && b|0x20 <= 'z'
}

// hexNumber reads a hexadecimal number with so many digits at i.
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

// mark marks n bytes of the spelling, and what was left out between them.
func (s spelling) mark(hit []bool, i, n int) {
	for k := s.from[i]; k < s.to[i+n-1]; k++ {
		hit[k] = true
	}
}

// markWhole marks each place of a short needle as a whole. A needle of three characters or less
// must stand alone as a word: it is part of many other words.
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
