package record

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// document is one JSON value laid out flat: every value and every member name is a node, in the order of the text, so
// that a walk is a loop over a slice and nothing is allocated once the slices have grown. A member's name is the node
// before its value.
type document struct {
	src     []byte // what was parsed; nodes point into it
	decoded []byte // texts of the strings that do not stand in src as they are
	nodes   []node
	open    []uint32 // the containers around the value being parsed
	input   bytes.Buffer
	decoder jsontext.Decoder
}

// node is one value. Kinds are those of jsontext: '{' '[' '"' '0' 't' 'f' 'n'.
type node struct {
	kind       jsontext.Kind
	elsewhere  bool   // a string whose text is decoded[start:end], not src[start:end]
	taken      bool   // a schema has given the value a place of its own
	start, end uint32 // in src; for a string the text between the quotes
	next       uint32 // the first node that is not part of this value
}

// Bounds of what one record may cost. A node takes 16 bytes, so a hostile record cannot claim more than 16 MB for them.
// What an unusually large record needed is given back at the next one. Real records have fewer than 100 nodes.
const (
	maxBytes  = 1 << 30
	maxNodes  = 1 << 20
	keepBytes = 1 << 20
	keepNodes = 1 << 14
)

var errLarge = errors.New("more than a million values, or more than 1 GB")

// parse lays out src, which must be exactly one JSON value. Duplicate names are allowed, and what is not UTF-8 in a
// string becomes U+FFFD, for one odd character must not cost a record. src is referred to until the next parse. After
// an error the nodes are of no use.
func (d *document) parse(src []byte) error {
	if cap(d.nodes) > keepNodes || cap(d.decoded) > keepBytes {
		d.nodes, d.decoded, d.open = nil, nil, nil
	}
	d.src, d.nodes, d.decoded, d.open = src, d.nodes[:0], d.decoded[:0], d.open[:0]
	if len(src) > maxBytes {
		return errLarge
	}
	d.input = *bytes.NewBuffer(src) // which the decoder reads in place
	d.decoder.Reset(&d.input, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

	verbatim := bytes.IndexByte(src, '\\') < 0 && utf8.Valid(src)
	for first := true; first || len(d.open) > 0; first = false {
		if len(d.nodes) >= maxNodes {
			return errLarge
		}
		if err := d.value(verbatim); err != nil {
			return err
		}
	}
	if _, err := d.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// release lets go of the source, which may be part of a whole page.
func (d *document) release() {
	d.src, d.input = nil, bytes.Buffer{}
	d.decoder.Reset(&d.input)
}

// value adds the next scalar or name, opens a container, or closes one.
func (d *document) value(verbatim bool) error {
	self := uint32(len(d.nodes))
	switch kind := d.decoder.PeekKind(); kind {
	case '{', '[':
		if _, err := d.decoder.ReadToken(); err != nil {
			return err
		}
		d.open = append(d.open, self)
		d.nodes = append(d.nodes, node{kind: kind, start: uint32(d.decoder.InputOffset()) - 1})
	case '}', ']':
		if _, err := d.decoder.ReadToken(); err != nil {
			return err
		}
		container := &d.nodes[d.open[len(d.open)-1]]
		container.end, container.next = uint32(d.decoder.InputOffset()), self
		d.open = d.open[:len(d.open)-1]
	default:
		text, err := d.decoder.ReadValue()
		if err != nil {
			return err
		}
		end := uint32(d.decoder.InputOffset())
		n := node{kind: kind, start: end - uint32(len(text)), end: end, next: self + 1}
		if kind == '"' {
			n.start, n.end = n.start+1, n.end-1
			if !verbatim && (bytes.IndexByte(text, '\\') >= 0 || !utf8.Valid(text)) {
				n.elsewhere, n.start = true, uint32(len(d.decoded))
				d.decoded, _ = jsontext.AppendUnquote(d.decoded, text) // fails only for what it has replaced by U+FFFD
				n.end = uint32(len(d.decoded))
			}
		}
		d.nodes = append(d.nodes, n)
	}
	return nil
}

// text is the text of a string, or the JSON text of any other value. It is valid until the next parse, and it is UTF-8
// unless the value is a container.
func (d *document) text(i uint32) []byte {
	n := &d.nodes[i]
	if n.elsewhere {
		return d.decoded[n.start:n.end]
	}
	return d.src[n.start:n.end]
}

// take marks a value that stands elsewhere in the event now. Node 0, the record itself, is never taken.
func (d *document) take(i uint32) {
	if i != 0 {
		d.nodes[i].taken = true
	}
}

// members yields the nodes of name and value of each member of object i.
func (d *document) members(i uint32) iter.Seq2[uint32, uint32] {
	return func(yield func(name, value uint32) bool) {
		for end, name := d.nodes[i].next, i+1; name < end; name = d.nodes[name+1].next {
			if !yield(name, name+1) {
				return
			}
		}
	}
}

// elements yields the node of each element of array i.
func (d *document) elements(i uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for end, e := d.nodes[i].next, i+1; e < end; e = d.nodes[e].next {
			if !yield(e) {
				return
			}
		}
	}
}
