package record

import (
	"bytes"
	"crypto/sha256"
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
	doc   document
	form  []byte
	order []uint32 // name nodes of the objects around the current value, sorted within each
}

// Fingerprint never fails: bytes that are not JSON are hashed as they are.
func (h *Hasher) Fingerprint(raw []byte) Fingerprint {
	if cap(h.form) > keepBytes {
		h.form, h.order = nil, nil
	}
	form := raw
	if h.doc.parse(raw) == nil {
		h.form, h.order = h.form[:0], h.order[:0]
		h.value(0, atRecord)
		form = h.form
	}
	h.doc.release()
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
		for e := range h.doc.elements(i) {
			h.separate()
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

// object sorts and appends the members of object i that count. Members of the same name keep their order.
func (h *Hasher) object(i uint32, at place) {
	base, filter := len(h.order), h.doc.filter(i, at)
	for name := range h.doc.members(i) {
		if filter.counts(h.doc.text(name)) {
			h.order = append(h.order, name)
		}
	}
	slices.SortStableFunc(h.order[base:], func(a, b uint32) int { return bytes.Compare(h.doc.text(a), h.doc.text(b)) })

	h.form = append(h.form, '{')
	for k := base; k < len(h.order); k++ {
		name := h.order[k]
		h.separate()
		h.text(name)
		h.form = append(h.form, ':')
		h.value(name+1, at.below(h.doc.text(name)))
	}
	h.form = append(h.form, '}')
	h.order = h.order[:base]
}

// separate appends a comma unless the container has just been opened: strings end in a quote, so the last byte is an
// opening bracket only then.
func (h *Hasher) separate() {
	if last := h.form[len(h.form)-1]; last != '{' && last != '[' {
		h.form = append(h.form, ',')
	}
}

// text appends a string. One that stands in the source as it is has no escapes, and so is canonical already.
func (h *Hasher) text(i uint32) {
	if h.doc.nodes[i].elsewhere {
		h.form, _ = jsontext.AppendQuote(h.form, h.doc.text(i)) // cannot fail: decoded texts are valid UTF-8
		return
	}
	h.form = append(append(append(h.form, '"'), h.doc.text(i)...), '"')
}
