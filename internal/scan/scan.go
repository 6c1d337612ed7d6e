// Package scan finds where the values in a JSON text begin and end, strictly by RFC 8259. Functions
// take and return indexes of the text; -1 means that the text is not JSON there. A function that
// gets -1 returns -1, so one check at the end is enough.
package scan

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// MaxNesting is the usual limit of how deep containers may nest.
const MaxNesting = 10_000

// Value returns the index behind the value that begins at i. Containers may nest at most nesting
// deep.
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

// Skip returns the index behind the value that begins at i, however deep it nests. It checks only
// strings and counts brackets, so what it skips need not be valid JSON.
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
			continue // these alone are no value
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

// First enters the container that begins at i. It returns the index of its first value or name and
// true or, when it is empty, the index behind the container.
func First(src []byte, i int) (next int, more bool) {
	closing := Closing(src[i])
	if i = Space(src, i+1); i < len(src) && src[i] == closing {
		return i + 1, false
	}
	return i, true
}

// Next goes on from the index behind a value. It returns the index of the container's next value or
// name and true or, after the last, the index behind the container, which ends with closing.
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

// Name returns the name of the member that begins at i, with its quotes, and the index of the
// member's value.
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

// Closing returns the bracket that closes opening. It is two further in ASCII.
func Closing(opening byte) byte { return opening + 2 }

// Space returns the index behind any whitespace at i.
func Space(src []byte, i int) int {
	for uint(i) < uint(len(src)) && src[i] <= ' ' && (src[i] == ' ' || src[i] == '\n' || src[i] == '\r' || src[i] == '\t') {
		i++
	}
	return i
}

// String returns the index behind the string whose opening quote is at i, and whether its text is
// known to be plain: ASCII without escapes. The string may hold bytes that are not UTF-8. The loop
// tests eight bytes together in one word (Mycroft's test): subtracting n from each sets the top bit
// of the bytes below n, exactly up to the first one. The slice of eight gives its capacity too;
// otherwise the compiler adds a check for an empty slice, which slows each word.
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

// rest is String from the first escape on, or near the end of src.
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

// escapeLength returns the length of the escape at the beginning of s, 0 when there is none. Half a
// surrogate pair counts as an escape.
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

// Scalar returns the index behind the number or literal that begins at i.
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

// Digits returns the index behind the digits at i, if there are any.
func Digits(src []byte, i int) int {
	for i < len(src) && isDigit(src[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }
