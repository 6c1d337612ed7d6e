// Package document lays one JSON record flat, tells its identity, and writes its values into an
// event.
package document

import (
	"encoding/binary"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// A Document is one record, laid out once for all that reads it: [Hasher] and [Encoder]. It is
// flat: every value and every member name is a node, in the order of the text, so that a walk is a
// loop over a slice and nothing is allocated once the slices have grown. A member's name is the
// node before its value. The zero document is ready for Parse, and serves one goroutine at a time.
type Document struct {
	src      []byte // what was parsed; nodes point into it
	decoded  []byte // texts of the strings that do not stand in src as they are
	nodes    []node
	readable bool // whether src is JSON; else only src is of use
}

// node is one value.
type node struct {
	kind       byte   // '{' '[' '"' '0' 't' 'f' 'n'
	elsewhere  bool   // a string whose text is decoded[start:end], not src[start:end]
	taken      bool   // a schema has given the value a place of its own
	start, end uint32 // in src; for a string the text between the quotes
	next       uint32 // the first node that is not part of this value
}

// Bounds of what one record may cost. A node takes 16 bytes, so a hostile record cannot claim more
// than 16 MB for them. What an unusually large record needed is given back at the next one. Real
// records have fewer than 100 nodes.
const (
	maxBytes  = 1 << 30
	maxNodes  = 1 << 20
	keepBytes = 1 << 20
	keepNodes = 1 << 14
)

// Parse lays out raw, a record as it was sent. It never fails: what is not JSON is a document too,
// of bytes. Repeated names are allowed, and what is not UTF-8 in a string becomes U+FFFD, for one
// odd character must not cost a record. The document refers to raw until the next Parse or Release.
func (d *Document) Parse(raw []byte) { _ = d.parse(raw) }

// parse is Parse, with the reason when raw is not exactly one JSON value. After an error the nodes
// are of no use.
func (d *Document) parse(raw []byte) error {
	if len(d.nodes) > keepNodes || len(d.decoded) > keepBytes {
		d.nodes, d.decoded = nil, nil
	}
	d.src, d.nodes, d.decoded = raw, d.nodes[:0], d.decoded[:0]
	err := d.scan()
	d.readable = err == nil
	return err
}

// Raw is the record as it was sent.
func (d *Document) Raw() []byte { return d.src }

// IsReadable tells whether the record is JSON. If not, only Raw is of use.
func (d *Document) IsReadable() bool { return d.readable }

// Release lets go of the record, which may be part of a whole page.
func (d *Document) Release() { d.src, d.readable = nil, false }

// Kind is what value i is: '{' '[' '"', '0' for a number, 't' 'f' 'n' for true, false and null.
func (d *Document) Kind(i uint32) byte { return d.nodes[i].kind }

// Empty tells whether value i says nothing: null, an empty text, an empty container.
func (d *Document) Empty(i uint32) bool {
	switch n := &d.nodes[i]; n.kind {
	case 'n':
		return true
	case '"':
		return n.start == n.end
	case '{', '[':
		return n.next == i+1
	}
	return false
}

// IsObject tells whether the record is what a record should be.
func (d *Document) IsObject() bool { return d.readable && d.nodes[0].kind == '{' }

// decode puts the text of a string elsewhere that has escapes in it or is not UTF-8.
func (d *Document) decode(n *node) {
	quoted := d.src[n.start-1 : n.end+1]
	n.elsewhere, n.start = true, uint32(len(d.decoded))
	// fails only for what it has replaced by U+FFFD
	d.decoded, _ = jsontext.AppendUnquote(d.decoded, quoted)
	n.end = uint32(len(d.decoded))
}

// Text is the text of a string, or the JSON text of any other value. It is valid until the next
// parse, and it is UTF-8 unless the value is a container.
func (d *Document) Text(i uint32) []byte {
	n := &d.nodes[i]
	if n.elsewhere {
		return d.decoded[n.start:n.end]
	}
	return d.src[n.start:n.end]
}

// start is startOf of a text.
func (d *Document) start(i uint32) uint64 {
	n := &d.nodes[i]
	size := n.end - n.start
	// faster than startOf, and the same
	if from := int(n.start); size > 0 && !n.elsewhere && from+8 <= len(d.src) {
		beyond := (64 - 8*min(8, size)) & 63
		return binary.BigEndian.Uint64(d.src[from:from+8:from+8]) >> beyond << beyond
	}
	return startOf(d.Text(i))
}

// startOf is the first eight bytes of a text as a number, with zeros where it is shorter: of two
// texts that differ in it, the one with the smaller number sorts first.
func startOf[T string | []byte](text T) uint64 {
	var start uint64
	for i := range min(8, len(text)) {
		start |= uint64(text[i]) << (56 - 8*i)
	}
	return start
}

// Take marks a value that stands elsewhere in the event now. Node 0, the record itself, is never
// taken.
func (d *Document) Take(i uint32) {
	if i != 0 {
		d.nodes[i].taken = true
	}
}

// Taken tells whether a value stands elsewhere in the event now.
func (d *Document) Taken(i uint32) bool { return d.nodes[i].taken }

// Restore makes the document as it was before anything was taken.
func (d *Document) Restore() {
	for i := range d.nodes {
		d.nodes[i].taken = false
	}
}

// Members yields the nodes of name and value of each member of object i.
func (d *Document) Members(i uint32) iter.Seq2[uint32, uint32] {
	return func(yield func(name, value uint32) bool) {
		for end, name := d.nodes[i].next, i+1; name < end; name = d.nodes[name+1].next {
			if !yield(name, name+1) {
				return
			}
		}
	}
}

// Elements yields the node of each element of array i.
func (d *Document) Elements(i uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for end, e := d.nodes[i].next, i+1; e < end; e = d.nodes[e].next {
			if !yield(e) {
				return
			}
		}
	}
}
