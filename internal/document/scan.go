package document

import (
	"bytes"
	"errors"
	"unicode/utf8"

	"fluent-bit-confluence/internal/scan"
)

var (
	errNotJSON = errors.New("not one JSON value")
	errLarge   = errors.New("more than a million values, or more than 1 GB")
	errDeep    = errors.New("nested more than 10,000 deep")
)

// outside stands for the container around the record: there is none.
const outside = ^uint32(0)

// scan makes the nodes of d.src in one pass. The text must be one JSON value, strictly by RFC 8259.
// The next of a container that is still open holds the container around it, so no stack is needed.
func (d *Document) scan() error {
	src, nodes := d.src, d.nodes
	if len(src) > maxBytes {
		return errLarge
	}
	i, around, depth := 0, outside, 0
	name := false // whether a member's name is expected at i, not a value
	for {
		i = scan.Space(src, i)
		if i >= len(src) {
			return errNotJSON
		}
		self := uint32(len(nodes))
		if self >= maxNodes-1 {
			return errLarge
		}
		switch c := src[i]; {
		case c == '"':
			end, plain := scan.String(src, i)
			if end < 0 {
				return errNotJSON
			}
			nodes = append(nodes, node{kind: '"', start: uint32(i + 1), end: uint32(end - 1), next: self + 1})
			if !plain && (bytes.IndexByte(src[i:end], '\\') >= 0 || !utf8.Valid(src[i:end])) {
				d.decode(&nodes[self])
			}
			i = end
			if name {
				if i = scan.Space(src, i); i >= len(src) || src[i] != ':' {
					return errNotJSON
				}
				i, name = i+1, false
				continue
			}
		case name:
			return errNotJSON
		case c == '{' || c == '[':
			if depth++; depth > scan.MaxNesting {
				return errDeep
			}
			nodes = append(nodes, node{kind: c, start: uint32(i), next: around})
			around = self
			if i = scan.Space(src, i+1); i < len(src) && src[i] != scan.Closing(c) {
				name = c == '{'
				continue
			}
		default:
			end := scan.Scalar(src, i)
			if end < 0 {
				return errNotJSON
			}
			if c < 'a' {
				c = '0'
			}
			nodes = append(nodes, node{kind: c, start: uint32(i), end: uint32(end), next: self + 1})
			i = end
		}
		// After a value or an empty container: close containers, or go on to the next value.
		for {
			i = scan.Space(src, i)
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
			if src[i] != scan.Closing(container.kind) {
				return errNotJSON
			}
			i++
			container.end, container.next, around = uint32(i), uint32(len(nodes)), container.next
			depth--
		}
	}
}
