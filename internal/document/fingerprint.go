package document

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Fingerprint identifies a record: it is the same whenever the record is read. It is the first 16
// bytes of SHA-256 over a canonical form of the content: JSON without whitespace, members sorted by
// name, strings with only the necessary escapes, numbers in one spelling, and without the members
// that may differ between two readings (see filter). For [Hasher.ByID] it is over the id.
type Fingerprint [16]byte

// Hasher makes fingerprints. It reuses its memory for the next record, so it is not safe for
// concurrent use. The zero value is ready.
type Hasher struct {
	// ByID tells that records have an id of the site's own, as those of Jira Cloud and of an
	// organization.
	ByID bool

	doc  *Document
	form []byte
	// The members of the objects around the current value that count, sorted within each object.
	order []ordered
}

// Fingerprint returns the fingerprint of a record. It never fails: bytes that are not JSON are
// hashed as they are.
func (h *Hasher) Fingerprint(d *Document) Fingerprint {
	if cap(h.form) > keepBytes || cap(h.order) > keepNodes {
		h.form, h.order = nil, nil
	}
	form := d.src
	if h.ByID && h.identity(d) {
		form = h.form
	} else if d.readable {
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
		h.form = appendNumber(h.form, h.doc.Text(i))
	default:
		h.form = append(h.form, h.doc.Text(i)...)
	}
}

// object appends the members of object i that count, sorted by name.
func (h *Hasher) object(i uint32, at place) {
	d, base := h.doc, len(h.order)
	var filter filter
	if at != anywhere {
		filter = d.filter(i, at)
	}
	for name, end := i+1, d.nodes[i].next; name < end; name = d.nodes[name+1].next {
		if at == anywhere || filter.counts(d.Text(name)) {
			h.order = append(h.order, ordered{d.start(name), name})
		}
	}
	h.sort(h.order[base:])

	h.form = append(h.form, '{')
	for k := base; k < len(h.order); k++ {
		if k > base {
			h.form = append(h.form, ',')
		}
		h.member(h.order[k].name, at)
	}
	h.form = append(h.form, '}')
	h.order = h.order[:base]
}

// member appends a member of an object at the given place.
func (h *Hasher) member(name uint32, at place) {
	d := h.doc
	n, v := &d.nodes[name], &d.nodes[name+1]
	if v.kind == '"' && !n.elsewhere && !v.elsewhere && v.start == n.end+uint32(len(`":"`)) {
		// The text in the source is canonical already.
		h.form = append(h.form, d.src[n.start-1:v.end+1]...)
		return
	}
	h.text(name)
	h.form = append(h.form, ':')
	below := anywhere
	if at == atRecord {
		below = placeOf(d.Text(name))
	}
	h.value(name+1, below)
}

// text appends a string. One that is read from the source as it stands has no escapes, so it is
// canonical already.
func (h *Hasher) text(i uint32) {
	n := &h.doc.nodes[i]
	if n.elsewhere {
		// It cannot fail: decoded texts are valid UTF-8.
		h.form, _ = jsontext.AppendQuote(h.form, h.doc.Text(i))
		return
	}
	h.form = append(h.form, h.doc.src[n.start-1:n.end+1]...)
}

// ordered is a member to be sorted by name.
type ordered struct {
	start uint64 // of the name, see startOf; it differs for nearly all names of an object
	name  uint32
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
	return bytes.Compare(h.doc.Text(a.name), h.doc.Text(b.name))
}
