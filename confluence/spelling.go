package confluence

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

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
