// Package scan finds where the values in a JSON text begin and end, to the letter of RFC 8259. A
// place is an index of the text; -1 is the place of what is not there, and all that is looked for
// from there is at -1 too, so that one check at the end is enough.
package scan

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// MaxNesting is how deep containers may nest, for who has no reason to set another limit.
const MaxNesting = 10_000

// Value returns the place behind the value that begins at i. Containers may nest as deep as nesting
// says.
func Value(src []byte, i, nesting int) int {
	if uint(i) >= uint(len(src)) {
		return -1
	}
	switch c := src[i]; {
	case c == '"':
		end, _ := String(src, i)
		return end
	case c == '{':
		return object(src, i, nesting)
	case c == '[':
		return array(src, i, nesting)
	}
	return Scalar(src, i)
}

// Skip returns the place behind the value that begins at i, however deep it nests. What it skips
// need not be JSON throughout: only strings and the number of brackets are looked at.
func Skip(src []byte, i int) int {
	depth := 0
	for uint(i) < uint(len(src)) {
		switch src[i] {
		case '"':
			if i, _ = String(src, i); i < 0 {
				return -1
			}
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\r', '\t':
			i++
			continue // alone none of them is a value
		default:
			for uint(i) < uint(len(src)) && !strings.ContainsRune(",:]}[{\" \n\r\t", rune(src[i])) {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return -1
}

func object(src []byte, i, nesting int) int {
	if nesting == 0 {
		return -1
	}
	i, more := First(src, i)
	for more {
		_, i = Name(src, i)
		i, more = Next(src, Value(src, i, nesting-1), '}')
	}
	return i
}

func array(src []byte, i, nesting int) int {
	if nesting == 0 {
		return -1
	}
	i, more := First(src, i)
	for more {
		i, more = Next(src, Value(src, i, nesting-1), ']')
	}
	return i
}

// First goes into the container that begins at i: to its first value or name when there is one, or
// else to the place behind the container.
func First(src []byte, i int) (next int, more bool) {
	closing := Closing(src[i])
	if i = Space(src, i+1); i < len(src) && src[i] == closing {
		return i + 1, false
	}
	return i, true
}

// Next goes on from the place behind a value: to the next value or name of the container when there
// is one, or else to the place behind the container, which closing closes.
func Next(src []byte, i int, closing byte) (next int, more bool) {
	i = Space(src, i)
	if uint(i) >= uint(len(src)) {
		return -1, false
	}
	switch src[i] {
	case ',':
		return Space(src, i+1), true
	case closing:
		return i + 1, false
	}
	return -1, false
}

// Name reads the name of a member that begins at i, quotes included, and returns the place of the
// member's value too.
func Name(src []byte, i int) (name []byte, value int) {
	if uint(i) >= uint(len(src)) || src[i] != '"' {
		return nil, -1
	}
	end, _ := String(src, i)
	if end < 0 {
		return nil, -1
	}
	colon := Space(src, end)
	if colon >= len(src) || src[colon] != ':' {
		return nil, -1
	}
	return src[i:end], Space(src, colon+1)
}

// Closing is the bracket that closes what opening opens: two further on in ASCII.
func Closing(opening byte) byte { return opening + 2 }

// Space returns the place behind the whitespace at i, if there is any.
func Space(src []byte, i int) int {
	for uint(i) < uint(len(src)) && src[i] <= ' ' && (src[i] == ' ' || src[i] == '\n' || src[i] == '\r' || src[i] == '\t') {
		i++
	}
	return i
}

// String returns the place behind the string whose opening quote is at i, and whether its text is
// known to be plain: ASCII without escapes. It may hold what is not UTF-8. Eight bytes are looked
// at together, each in its own part of a word (Mycroft's test): subtracting n sets the top bit of
// those below n, exactly up to the first one. The slice of eight says its capacity too, or else the
// compiler guards against an empty one, and each word waits for that.
func String(src []byte, i int) (end int, plain bool) {
	const each, top = 0x0101010101010101, 0x8080808080808080
	var seen uint64
	for i++; i+8 <= len(src); i += 8 {
		word := binary.LittleEndian.Uint64(src[i : i+8 : i+8])
		quote, escape := word^each*'"', word^each*'\\'
		stop := ((word - each*' ') | (quote - each) | (escape - each)) &^ word & top
		if stop != 0 {
			i += int(uint(bits.TrailingZeros64(stop)) / 8)
			if src[i] == '"' {
				return i + 1, (seen|word&(stop-1))&top == 0
			}
			break
		}
		seen |= word
	}
	return rest(src, i), false
}

// rest is String from an escape on, or close to the end of src.
func rest(src []byte, i int) (end int) {
	for i < len(src) {
		switch c := src[i]; {
		case c == '"':
			return i + 1
		case c < ' ':
			return -1
		case c == '\\':
			n := escapeLength(src[i:])
			if n == 0 {
				return -1
			}
			i += n
		default:
			i++
		}
	}
	return -1
}

// escapeLength is the length of the escape that s begins with, 0 when it is none. Half a surrogate
// pair is one.
func escapeLength(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && isHex(s[2]) && isHex(s[3]) && isHex(s[4]) && isHex(s[5]) {
			return 6
		}
	}
	return 0
}

// Scalar returns the place behind the number or literal that begins at i.
func Scalar(src []byte, i int) int {
	literal := ""
	switch src[i] {
	case 't':
		literal = "true"
	case 'f':
		literal = "false"
	case 'n':
		literal = "null"
	default:
		return number(src, i)
	}
	if end := i + len(literal); end <= len(src) && string(src[i:end]) == literal {
		return end
	}
	return -1
}

func number(src []byte, i int) int {
	if src[i] == '-' {
		i++
	}
	end := Digits(src, i)
	if end == i || end > i+1 && src[i] == '0' {
		return -1
	}
	i = end
	if i < len(src) && src[i] == '.' {
		if end = Digits(src, i+1); end == i+1 {
			return -1
		}
		i = end
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if end = Digits(src, i); end == i {
			return -1
		}
		i = end
	}
	return i
}

// Digits returns the place behind the digits at i, if there are any.
func Digits(src []byte, i int) int {
	for i < len(src) && isDigit(src[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
