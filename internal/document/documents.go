package document

// Documents are the records of one window, each laid out once: which of them are new is known only
// when all have their fingerprints, and those are encoded then. They share memory, which is kept
// for the next window. The zero value is empty and ready.
type Documents struct {
	// the last one that was laid out, behind the others in the shared memory if it fits there
	parsed  Document
	got     Document // the last one that was found in the shared memory
	nodes   []node
	decoded []byte
	records []extent
}

// extent is where a document lies in the shared memory: from the end of the one before to its own.
type extent struct {
	raw            []byte
	nodes, decoded int
	readable       bool
	kept           bool // or else there was no room for it
}

// maxShared is how many nodes are kept, 4 MB of them. The largest windows of usual records have
// some 200,000. What finds no room is laid out again when it is asked for.
const maxShared = 1 << 18

// Add lays out one more record, as [Document.Parse] does. The document is valid until the next
// call.
func (s *Documents) Add(raw []byte) *Document {
	d := s.layOut(raw)
	kept := len(s.nodes)+len(d.nodes) <= maxShared && len(s.decoded)+len(d.decoded) <= keepBytes
	if kept {
		s.nodes, s.decoded = extended(s.nodes, d.nodes), extended(s.decoded, d.decoded)
	}
	s.records = append(s.records, extent{raw, len(s.nodes), len(s.decoded), d.readable, kept})
	return d
}

func (s *Documents) layOut(raw []byte) *Document {
	s.parsed = Document{nodes: s.nodes[len(s.nodes):], decoded: s.decoded[len(s.decoded):]}
	s.parsed.Parse(raw)
	return &s.parsed
}

// extended is append for what was laid out in the room behind shared, where it stays if that was
// enough.
func extended[T any](shared, more []T) []T {
	if room := shared[len(shared):cap(shared)]; len(more) > 0 && len(room) > 0 && &more[0] == &room[0] {
		return shared[:len(shared)+len(more)]
	}
	return append(shared, more...)
}

// Get returns the document of the i-th record that was added, counted from 0. It is valid until the
// next call.
func (s *Documents) Get(i int) *Document {
	var before extent
	if i > 0 {
		before = s.records[i-1]
	}
	r := s.records[i]
	if !r.kept {
		return s.layOut(r.raw)
	}
	s.got = Document{src: r.raw, nodes: s.nodes[before.nodes:r.nodes], decoded: s.decoded[before.decoded:r.decoded], readable: r.readable}
	return &s.got
}

// Release lets go of the records, and of the memory when they used little of it: a catch-up needs
// much, and the polls after it do not.
func (s *Documents) Release() {
	s.parsed, s.got = Document{}, Document{}
	if cap(s.nodes) > keepNodes && len(s.nodes) < cap(s.nodes)/4 {
		s.nodes, s.decoded, s.records = nil, nil, nil
	}
	clear(s.records)
	s.nodes, s.decoded, s.records = s.nodes[:0], s.decoded[:0], s.records[:0]
}
