package document

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// MaxDepth is how deep containers may nest in an event; a deeper one is delivered as its JSON text.
// Real records nest three deep. The limit is far below the depth at which Fluent Bit's decoder
// fails on a chunk, 64 (32 in plain msgpack-c), because filters and outputs add containers around a
// record.
const MaxDepth = 16

// Write writes value i at the given depth. The record itself has depth 1.
func (d *Document) Write(w Writer, i uint32, depth int) {
	kind := d.nodes[i].kind
	if depth > MaxDepth && (kind == '{' || kind == '[') {
		WriteLoose(w, d.Text(i))
		return
	}
	switch kind {
	case '{':
		w.BeginObject()
		d.WriteMembers(w, i, depth)
		w.EndObject()
	case '[':
		w.BeginArray()
		for e, end := i+1, d.nodes[i].next; e < end; e = d.nodes[e].next {
			d.Write(w, e, depth+1)
		}
		w.EndArray()
	case '"':
		w.TextBytes(d.Text(i))
	case '0':
		w.Number(d.Text(i))
	case 't':
		w.Bool(true)
	case 'f':
		w.Bool(false)
	default:
		w.Null()
	}
}

// WriteLoose writes bytes as a text, with U+FFFD for each byte that is not UTF-8.
func WriteLoose(w Writer, text []byte) {
	if utf8.Valid(text) {
		w.TextBytes(text)
	} else {
		w.Text(string(bytes.Runes(text)))
	}
}

// WriteMembers writes the members of object i that are not taken. Consumers fail on a map with a
// name twice, or keep only one of the two. So a name that an earlier member has, or that is
// reserved for a later one, gets the first of the suffixes _2, _3 and so on that is free.
func (d *Document) WriteMembers(w Writer, i uint32, depth int, reserved ...string) {
	if d.distinct(i, reserved) {
		for name, end := i+1, d.nodes[i].next; name < end; name = d.nodes[name+1].next {
			if !d.nodes[name+1].taken {
				w.NameBytes(d.Text(name))
				d.Write(w, name+1, depth+1)
			}
		}
		return
	}
	used := map[string]int{} // how often a name was written
	for name := range d.Members(i) {
		used[string(d.Text(name))] = 0
	}
	for _, name := range reserved {
		used[name] = 1
	}
	for name, value := range d.Members(i) {
		if !d.nodes[value].taken {
			w.Name(unused(used, string(d.Text(name))))
			d.Write(w, value, depth+1)
		}
	}
}

// distinct reports whether the member names of object i can be written as they are. It returns
// false without a check when there are many.
func (d *Document) distinct(i uint32, reserved []string) bool {
	// Two names are compared only when both map to the same of 256 bits.
	var seen [4]uint64
	for _, name := range reserved {
		word, bit := bitOf(startOf(name))
		seen[word] |= bit
	}
	many := 32
	for name, end := i+1, d.nodes[i].next; name < end; name = d.nodes[name+1].next {
		if d.nodes[name+1].taken {
			continue
		}
		word, bit := bitOf(d.start(name))
		if seen[word]&bit != 0 && (slices.Contains(reserved, string(d.Text(name))) || d.repeated(i, name)) {
			return false
		}
		seen[word] |= bit
		if many--; many == 0 {
			return false
		}
	}
	return true
}

// repeated reports whether an earlier member of object i has the same name, and is not taken.
func (d *Document) repeated(i, name uint32) bool {
	for earlier := i + 1; earlier < name; earlier = d.nodes[earlier+1].next {
		if !d.nodes[earlier+1].taken && bytes.Equal(d.Text(earlier), d.Text(name)) {
			return true
		}
	}
	return false
}

// bitOf maps the start of a text to one of the bits of four words. The factor is an odd number near
// 2^64 divided by the golden ratio.
func bitOf(start uint64) (word, bit uint64) {
	scattered := start * 0x9e3779b97f4a7c15
	return scattered >> 62, 1 << (scattered >> 56 & 63)
}

// unused returns name, with a suffix if it was written before.
func unused(used map[string]int, name string) string {
	used[name]++
	if used[name] == 1 {
		return name
	}
	for {
		suffixed := name + "_" + strconv.Itoa(used[name])
		if _, taken := used[suffixed]; !taken {
			return suffixed
		}
		used[name]++
	}
}
