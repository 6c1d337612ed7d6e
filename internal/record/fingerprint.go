package record

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Fingerprint identifies the content of a record: it is the same whenever the record is read. It is the first 16 bytes
// of SHA-256 over a canonical form: JSON without whitespace, members sorted by name, strings with no more escapes than
// they need, numbers in one spelling, without what may change between two readings (see filter).
type Fingerprint [16]byte

// Hasher makes fingerprints. It keeps its scratch memory from record to record, so it serves one goroutine at a time.
// The zero value is ready.
type Hasher struct {
	doc   *Document
	form  []byte
	order []ordered // the members that count of the objects around the current value, sorted within each
}

// Fingerprint never fails: bytes that are not JSON are hashed as they are.
func (h *Hasher) Fingerprint(d *Document) Fingerprint {
	if cap(h.form) > keepBytes || cap(h.order) > keepNodes {
		h.form, h.order = nil, nil
	}
	form := d.src
	if d.readable {
		h.doc, h.form, h.order = d, h.form[:0], h.order[:0]
		h.value(0, atRecord)
		form, h.doc = h.form, nil
	}
	sum := sha256.Sum256(form)
	return Fingerprint(sum[:16])
}

// value appends the canonical form of value i.
func (h *Hasher) value(i uint32, at place) {
	switch h.doc.nodes[i].kind {
	case '{':
		h.object(i, at)
	case '[':
		h.form = append(h.form, '[')
		for e, end := i+1, h.doc.nodes[i].next; e < end; e = h.doc.nodes[e].next {
			if e > i+1 {
				h.form = append(h.form, ',')
			}
			h.value(e, at)
		}
		h.form = append(h.form, ']')
	case '"':
		h.text(i)
	case '0':
		h.form = appendNumber(h.form, h.doc.text(i))
	default:
		h.form = append(h.form, h.doc.text(i)...)
	}
}

// object sorts and appends the members of object i that count.
func (h *Hasher) object(i uint32, at place) {
	base := len(h.order)
	filter, all := h.doc.filter(i, at), at == anywhere
	for name, end := i+1, h.doc.nodes[i].next; name < end; name = h.doc.nodes[name+1].next {
		if all || filter.counts(h.doc.text(name)) {
			h.order = append(h.order, ordered{h.doc.start(name), name})
		}
	}
	h.sort(h.order[base:])

	h.form = append(h.form, '{')
	for k := base; k < len(h.order); k++ {
		if k > base {
			h.form = append(h.form, ',')
		}
		name := h.order[k].name
		h.text(name)
		h.form = append(h.form, ':')
		below := anywhere
		if at == atRecord {
			below = placeOf(h.doc.text(name))
		}
		h.value(name+1, below)
	}
	h.form = append(h.form, '}')
	h.order = h.order[:base]
}

// text appends a string. One that stands in the source as it is has no escapes, and so is canonical already.
func (h *Hasher) text(i uint32) {
	n := &h.doc.nodes[i]
	if n.elsewhere {
		h.form, _ = jsontext.AppendQuote(h.form, h.doc.text(i)) // cannot fail: decoded texts are valid UTF-8
		return
	}
	h.form = append(h.form, h.doc.src[n.start-1:n.end+1]...)
}

// ordered is a member to be sorted by name.
type ordered struct {
	start uint64 // of the name: nearly all names of an object differ in it
	name  uint32
}

// start is the first eight bytes of a text as a number, with zeros where it is shorter: of two texts that differ in it,
// the one with the smaller number sorts first.
func (d *Document) start(i uint32) uint64 {
	text := d.text(i)
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var start uint64
	for k, c := range text {
		start |= uint64(c) << (56 - 8*k)
	}
	return start
}

// sort sorts members by name. Members of the same name keep their order.
func (h *Hasher) sort(members []ordered) {
	if len(members) > 64 {
		slices.SortStableFunc(members, h.compare)
		return
	}
	for i := 1; i < len(members); i++ {
		m, k := members[i], i
		for k > 0 && h.compare(m, members[k-1]) < 0 {
			members[k] = members[k-1]
			k--
		}
		members[k] = m
	}
}

func (h *Hasher) compare(a, b ordered) int {
	if a.start != b.start {
		return cmp.Compare(a.start, b.start)
	}
	return bytes.Compare(h.doc.text(a.name), h.doc.text(b.name))
}
