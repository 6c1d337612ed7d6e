package record

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf8"
)

// maxNesting is how deep containers may nest.
const maxNesting = 10_000

var (
	errNotJSON = errors.New("not one JSON value")
	errLarge   = errors.New("more than a million values, or more than 1 GB")
	errDeep    = errors.New("nested more than 10,000 deep")
)

// outside is the container around the record itself: none.
const outside = ^uint32(0)

// scan lays out d.src, which must be one JSON value to the letter of RFC 8259, in one pass. A container that is still
// open has the one around it in the place of next, so there is no stack.
func (d *Document) scan() error {
	src, nodes := d.src, d.nodes
	if len(src) > maxBytes {
		return errLarge
	}
	i, around, depth := 0, outside, 0
	name := false // whether a member's name is due at i, or else a value
	for {
		i = skipSpace(src, i)
		if i >= len(src) {
			return errNotJSON
		}
		self := uint32(len(nodes))
		if self >= maxNodes-1 {
			return errLarge
		}
		switch c := src[i]; {
		case c == '"':
			end, plain := stringEnd(src, i+1)
			if end < 0 {
				return errNotJSON
			}
			nodes = append(nodes, node{kind: '"', start: uint32(i + 1), end: uint32(end), next: self + 1})
			if !plain {
				d.decode(&nodes[self])
			}
			i = end + 1
			if name {
				if i = skipSpace(src, i); i >= len(src) || src[i] != ':' {
					return errNotJSON
				}
				i, name = i+1, false
				continue
			}
		case name:
			return errNotJSON
		case c == '{' || c == '[':
			if depth++; depth > maxNesting {
				return errDeep
			}
			nodes = append(nodes, node{kind: c, start: uint32(i), next: around})
			around = self
			if i = skipSpace(src, i+1); i < len(src) && src[i] != closing(c) {
				name = c == '{'
				continue
			}
		default:
			end := scalarEnd(src, i)
			if end < 0 {
				return errNotJSON
			}
			if c < 'a' {
				c = '0'
			}
			nodes = append(nodes, node{kind: c, start: uint32(i), end: uint32(end), next: self + 1})
			i = end
		}
		// A value has ended, or a container is empty: what follows closes containers, or leads to the next value.
		for {
			i = skipSpace(src, i)
			if around == outside {
				if i < len(src) {
					return errNotJSON
				}
				d.nodes = nodes
				return nil
			}
			if i >= len(src) {
				return errNotJSON
			}
			container := &nodes[around]
			if src[i] == ',' {
				i, name = i+1, container.kind == '{'
				break
			}
			if src[i] != closing(container.kind) {
				return errNotJSON
			}
			i++
			container.end, container.next, around = uint32(i), uint32(len(nodes)), container.next
			depth--
		}
	}
}

// closing is the bracket that closes what opening opens: two further on in ASCII.
func closing(opening byte) byte { return opening + 2 }

func skipSpace(src []byte, i int) int {
	for i < len(src) && src[i] <= ' ' && (src[i] == ' ' || src[i] == '\n' || src[i] == '\r' || src[i] == '\t') {
		i++
	}
	return i
}

// stringEnd returns the place of the quote that closes the string whose text begins at i, -1 when the string is not
// one. A plain text stands for itself: it is UTF-8 without escapes. Eight bytes are looked at together, each in its own
// part of a word (Mycroft's test): subtracting n sets the top bit of those below n, exactly up to the first one.
func stringEnd(src []byte, i int) (end int, plain bool) {
	const each, top = 0x0101010101010101, 0x8080808080808080
	start, seen := i, uint64(0)
	for ; i+8 <= len(src); i += 8 {
		word := binary.LittleEndian.Uint64(src[i:])
		seen |= word
		quote, escape := word^each*'"', word^each*'\\'
		stop := ((word - each*' ') | (quote - each) | (escape - each)) &^ word & top
		if stop != 0 {
			i += bits.TrailingZeros64(stop) / 8
			if src[i] == '"' {
				return i, seen&top == 0 || utf8.Valid(src[start:i])
			}
			break
		}
	}
	end, escaped := rareEnd(src, i)
	return end, end >= 0 && !escaped && utf8.Valid(src[start:end])
}

// rareEnd is stringEnd from an escape on, or close to the end of src.
func rareEnd(src []byte, i int) (end int, escaped bool) {
	for i < len(src) {
		switch c := src[i]; {
		case c == '"':
			return i, escaped
		case c < ' ':
			return -1, false
		case c == '\\':
			n := escapeLength(src[i:])
			if n == 0 {
				return -1, false
			}
			i, escaped = i+n, true
		default:
			i++
		}
	}
	return -1, false
}

// escapeLength is the length of the escape that s begins with, 0 when it is none. Half a surrogate pair is one.
func escapeLength(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) >= 6 && all(s[2:6], isHex) {
			return 6
		}
	}
	return 0
}

// scalarEnd returns where the number or literal ends that begins at i, -1 when there is none.
func scalarEnd(src []byte, i int) int {
	literal := ""
	switch src[i] {
	case 't':
		literal = "true"
	case 'f':
		literal = "false"
	case 'n':
		literal = "null"
	default:
		return numberEnd(src, i)
	}
	if end := i + len(literal); end <= len(src) && string(src[i:end]) == literal {
		return end
	}
	return -1
}

func numberEnd(src []byte, i int) int {
	if src[i] == '-' {
		i++
	}
	digits := digitsEnd(src, i)
	if digits == i || digits > i+1 && src[i] == '0' {
		return -1
	}
	i = digits
	if i < len(src) && src[i] == '.' {
		if digits = digitsEnd(src, i+1); digits == i+1 {
			return -1
		}
		i = digits
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if digits = digitsEnd(src, i); digits == i {
			return -1
		}
		i = digits
	}
	return i
}

func digitsEnd(src []byte, i int) int {
	for i < len(src) && isDigit(src[i]) {
		i++
	}
	return i
}
