// Package document parses a JSON record into a flat list of its values, computes its fingerprint,
// and writes its values into an event.
package document

import (
	"encoding/binary"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// A Document is one parsed record, for [Hasher] and for the schemas. Every value and every member
// name is a node, in the order of the text, so a walk is a loop over a slice. Nothing is allocated
// once the slices have grown. A member's name is the node before its value. The zero document is
// ready for Parse. It is not safe for concurrent use.
type Document struct {
	src      []byte // what was parsed; nodes point into it
	decoded  []byte // texts of the strings that are not in src literally, because of escapes
	nodes    []node
	readable bool // whether src is JSON; if not, only src is valid
}

// node is one value.
type node struct {
	kind       byte   // '{' '[' '"' '0' 't' 'f' 'n'
	elsewhere  bool   // a string whose text is decoded[start:end], not src[start:end]
	taken      bool   // a schema has written the value in a place of its own
	start, end uint32 // in src; for a string the text between the quotes
	next       uint32 // the first node that is not part of this value
}

// Limits for the memory of one record. A node takes 16 bytes, so the nodes of a hostile record take
// at most 16 MB. The extra memory of an unusually large record is freed at the next one. Real
// records have fewer than 100 nodes.
const (
	maxBytes  = 1 << 30
	maxNodes  = 1 << 20
	keepBytes = 1 << 20
	keepNodes = 1 << 14
)

// Parse reads raw, a record as it was sent. It never fails: what is not JSON becomes a document of
// bytes only. Repeated names are allowed, and bytes of a string that are not UTF-8 become U+FFFD,
// so that one wrong character does not lose a record. The document refers to raw until the next
// Parse or Release.
func (d *Document) Parse(raw []byte) { _ = d.parse(raw) }

// parse is Parse with an error when raw is not exactly one JSON value. After an error the nodes are
// not valid.
func (d *Document) parse(raw []byte) error {
	if len(d.nodes) > keepNodes || len(d.decoded) > keepBytes {
		d.nodes, d.decoded = nil, nil
	}
	d.src, d.nodes, d.decoded = raw, d.nodes[:0], d.decoded[:0]
	err := d.scan()
	d.readable = err == nil
	return err
}

// Raw returns the record as it was sent.
func (d *Document) Raw() []byte { return d.src }

// IsReadable reports whether the record is JSON. If not, only Raw may be used.
func (d *Document) IsReadable() bool { return d.readable }

// Release drops the reference to the record, which may keep a whole page in memory.
func (d *Document) Release() { d.src, d.readable = nil, false }

// Kind returns the kind of value i: '{' '[' '"', '0' for a number, 't' 'f' 'n' for true, false and
// null.
func (d *Document) Kind(i uint32) byte { return d.nodes[i].kind }

// Empty reports whether value i holds no information: null, an empty text, an empty container.
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

// IsObject reports whether the record is a JSON object, as it should be.
func (d *Document) IsObject() bool { return d.readable && d.nodes[0].kind == '{' }

// decode writes the text of a string that has escapes, or is not UTF-8, to decoded.
func (d *Document) decode(n *node) {
	quoted := d.src[n.start-1 : n.end+1]
	n.elsewhere, n.start = true, uint32(len(d.decoded))
	// It fails only for bytes that it has replaced by U+FFFD.
	d.decoded, _ = jsontext.AppendUnquote(d.decoded, quoted)
	n.end = uint32(len(d.decoded))
}

// Text returns the text of a string, or the JSON text of any other value. It is valid until the
// next parse. It is UTF-8 unless the value is a container.
func (d *Document) Text(i uint32) []byte {
	n := &d.nodes[i]
	if n.elsewhere {
		return d.decoded[n.start:n.end]
	}
	return d.src[n.start:n.end]
}

// start returns startOf for the text of node i.
func (d *Document) start(i uint32) uint64 {
	n := &d.nodes[i]
	size := n.end - n.start
	// This is faster than startOf, with the same result.
	if from := int(n.start); size > 0 && !n.elsewhere && from+8 <= len(d.src) {
		beyond := (64 - 8*min(8, size)) & 63
		return binary.BigEndian.Uint64(d.src[from:from+8:from+8]) >> beyond << beyond
	}
	return startOf(d.Text(i))
}

// startOf returns the first eight bytes of a text as a number, filled up with zeros. Of two texts
// with different numbers, the one with the smaller number sorts first.
func startOf[T string | []byte](text T) uint64 {
	var start uint64
	for i := range min(8, len(text)) {
		start |= uint64(text[i]) << (56 - 8*i)
	}
	return start
}

// Take marks a value that a schema has written in a place of its own. Node 0, the record itself, is
// never taken.
func (d *Document) Take(i uint32) {
	if i != 0 {
		d.nodes[i].taken = true
	}
}

// Taken reports whether a value is marked by Take.
func (d *Document) Taken(i uint32) bool { return d.nodes[i].taken }

// Restore removes the marks of all values.
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
