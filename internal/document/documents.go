package document

// Documents are the parsed records of one window. Which of them are new is known only when all have
// fingerprints; then the new ones are encoded without parsing them again. They share memory, which
// is reused for the next window. The zero value is empty and ready.
type Documents struct {
	// The document of the last Add. It is behind the others in the shared memory if it fits.
	parsed  Document
	got     Document // the document of the last Get
	nodes   []node
	decoded []byte
	records []extent
}

// extent is where a document ends in the shared memory. It begins at the end of the one before.
type extent struct {
	raw            []byte
	nodes, decoded int
	readable       bool
	kept           bool // false: there was no room for it
}

// maxShared is how many nodes are kept, which is 4 MB. The largest windows of usual records have
// some 200,000. A document without room is parsed again by Get.
const maxShared = 1 << 18

// Add parses one more record, as [Document.Parse] does. The document is valid until the next call.
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

// extended appends more to shared. Nothing is copied if more is already in the room behind shared.
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

// Release drops the records, and frees the memory when they used little of it: a backfill needs
// much, the polls after it do not.
func (s *Documents) Release() {
	s.parsed, s.got = Document{}, Document{}
	if cap(s.nodes) > keepNodes && len(s.nodes) < cap(s.nodes)/4 {
		s.nodes, s.decoded, s.records = nil, nil, nil
	}
	clear(s.records)
	s.nodes, s.decoded, s.records = s.nodes[:0], s.decoded[:0], s.records[:0]
}
