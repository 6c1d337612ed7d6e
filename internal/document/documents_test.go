package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fewRecords has one record of each deployment.
var fewRecords = [][]byte{
	[]byte(`{"author":{"accountId":"557058:0f3a","isGuest":false},"creationDate":1637628276398,"summary":"Space created","affectedObject":{"name":"A \"B\"","objectType":"Space"},"changedValues":[],"associatedObjects":[{}]}`),
	[]byte(`{"timestamp":"2026-05-04T03:02:01.123Z","author":{"name":"Zo\u00eb","id":"2c96"},"type":{"actionI18nKey":"audit.logging.summary.space.created"},"affectedObjects":[{"name":"A","id":"1"}]}`),
}

// TestDocuments: Get returns the same document as Parse for records of every kind, with and without
// room in the shared memory.
func TestDocuments(t *testing.T) {
	t.Parallel()
	raws := append(fewRecords, []byte(``), []byte(`{"a":`), []byte(`"\n"`), []byte(`{"\u0061":"\ud800","b":["\t"]}`))
	for what, large := range map[string]string{
		"nodes": `[` + strings.Repeat(`0,`, maxShared/3) + `0]`,
		"texts": `["` + strings.Repeat(`\n`, keepBytes/3) + `"]`,
	} {
		window := slices.Clone(raws)
		for range 4 {
			window = append(window, []byte(large), raws[0], raws[len(raws)-1])
		}
		var s Documents
		var h Hasher
		for turn := range 2 {
			for _, raw := range window {
				if h.Fingerprint(s.Add(raw)) != h.Fingerprint(parsed(raw)) {
					t.Fatalf("%s, turn %d: another fingerprint for %.100q", what, turn, raw)
				}
			}
			if len(s.nodes) > maxShared || len(s.decoded) > keepBytes {
				t.Errorf("%s: %d nodes and %d bytes of text are kept", what, len(s.nodes), len(s.decoded))
			}
			if kept := func(r extent) bool { return r.kept }; !slices.ContainsFunc(s.records, kept) || slices.IndexFunc(s.records, func(r extent) bool { return !r.kept }) < len(raws) {
				t.Errorf("%s: not what there is room for is kept", what)
			}
			for i, raw := range window {
				if got, want := laidOut(s.Get(i)), laidOut(parsed(raw)); got != want || !bytes.Equal(s.Get(i).Raw(), raw) {
					t.Fatalf("%s, turn %d: record %d is %.200s, want %.200s", what, turn, i, got, want)
				}
			}
			s.Release()
		}
		s.Add([]byte(`{}`))
		s.Release()
		if cap(s.nodes) > keepNodes || cap(s.decoded) > keepBytes {
			t.Errorf("%s: memory for %d nodes and %d bytes of text stays", what, cap(s.nodes), cap(s.decoded))
		}
		if s.parsed.src != nil || cap(s.parsed.nodes) > 0 || s.got.src != nil {
			t.Errorf("%s: a record is held on to", what)
		}
	}
}

// laidOut returns all nodes as text.
func laidOut(d *Document) string {
	var b strings.Builder
	for i, n := range d.nodes {
		fmt.Fprintf(&b, "%c %d %s\n", n.kind, n.next, d.Text(uint32(i)))
	}
	return b.String()
}

// TestDocumentGivesBack: the memory of an unusually large record is freed.
func TestDocumentGivesBack(t *testing.T) {
	t.Parallel()
	var d Document
	d.Parse([]byte(`[0` + strings.Repeat(`,0`, 2*keepNodes) + `]`))
	d.Parse([]byte(`{}`))
	if kept := cap(d.nodes); kept > keepNodes {
		t.Errorf("memory for %d nodes is kept", kept)
	}
}

// parsed returns the document of a record.
func parsed(raw []byte) *Document {
	var d Document
	d.Parse(raw)
	return &d
}
