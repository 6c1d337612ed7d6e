package record

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestDocuments: records of every kind come back as they are alone, whether or not there was room for them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	raws := append(actionSamples(t), []byte(``), []byte(`{"a":`), []byte(`"\n"`), []byte(`{"\u0061":"\ud800","b":["\t"]}`))
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
			e, fresh := encoderOf(t, "ecs", true, site), encoderOf(t, "ecs", true, site)
			for i, raw := range window {
				if got := s.Get(i); !bytes.Equal(got.Raw(), raw) || !bytes.Equal(e.Append(nil, own, got, Meta{Read: read}), fresh.Append(nil, own, parsed(raw), Meta{Read: read})) {
					t.Fatalf("%s, turn %d: another event of %.100q", what, turn, raw)
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
