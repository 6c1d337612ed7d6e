package schema

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
	"unicode/utf8"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
)

// FuzzEvent: any bytes become exactly one event that can be read, without the loss of a member.
func FuzzEvent(f *testing.F) {
	for _, raw := range samples(f) {
		f.Add(raw, int64(1637628276398))
	}
	for _, raw := range []string{`{"atlassian":1,"a":1,"a":2.50,"b":[1e400,"\ud800",null,true]}`, `[[[[[[[[[[[[[[[[[[{"a":"\n"}]]]]]]]]]]]]]]]]]]`, `"x"`, "\xff", `{} x`} {
		f.Add([]byte(raw), int64(-1))
	}
	var doc document.Document
	e := newEncoder(f, site)
	f.Fuzz(func(t *testing.T, raw []byte, ms int64) {
		doc.Parse(raw)
		_, got := decodeEvent(t, e.Append(nil, time.UnixMilli(ms), &doc, event.Meta{Read: read}))
		body, last := got[:len(got)-1], got[len(got)-1]
		if origin, ok := last.Value.(object); last.Name != "atlassian" || !ok || origin.get("event_id") == nil {
			t.Fatalf("no object atlassian at the end of %v", got)
		}
		line := e.AppendJSON(nil, time.UnixMilli(ms), &doc, event.Meta{Read: read})
		if !json.Valid(line) || !utf8.Valid(line) {
			t.Fatalf("not JSON: %q", line)
		}
		fromJSON, err := decodeJSON(line)
		if err != nil {
			t.Fatal(err)
		}
		if err := agree(fromJSON, got, 1); err != nil {
			t.Fatalf("msgpack differs from JSON: %v", err)
		}
		if !json.Valid(raw) {
			if len(body) != 1 || body[0].Name != "record" {
				t.Fatalf("not JSON, but delivered as %v", body)
			}
			return
		}
		want, err := decodeJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := want.(object); !ok {
			want = object{{"record", want}}
		}
		if err := agree(want, body, 1, "atlassian"); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzFingerprint: any bytes have a fingerprint, and all spellings of a JSON value have the same.
func FuzzFingerprint(f *testing.F) {
	for _, raw := range samples(f) {
		f.Add(raw, uint64(1))
	}
	f.Add([]byte(`{"author":{"id":"x","name":"\ud800"},"a":[1.50,-0,1e400,1e99999999999]}`), uint64(2))
	for _, raw := range jiraSamples(f) {
		f.Add(raw, uint64(3))
	}
	var h document.Hasher
	byID := document.Hasher{ByID: true}
	f.Fuzz(func(t *testing.T, raw []byte, seed uint64) {
		before, identity := h.Fingerprint(parsed(raw)), byID.Fingerprint(parsed(raw))
		if !json.Valid(raw) {
			return
		}
		v, err := decodeJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		other := spell(rand.New(rand.NewPCG(seed, 0)), v)
		if h.Fingerprint(parsed(other)) != before || byID.Fingerprint(parsed(other)) != identity {
			t.Fatalf("another fingerprint for %s", other)
		}
	})
}

// FuzzSchemas: every record becomes an event that its schema allows, without the loss of a value,
// whichever product it is said to be from.
func FuzzSchemas(f *testing.F) {
	for _, raw := range actionSamples(f) {
		f.Add(raw, int64(1764150001001))
	}
	for _, raw := range samples(f) {
		f.Add(raw, int64(-1))
	}
	for _, raw := range jiraSamples(f) {
		f.Add(raw, int64(1764150001001))
	}
	for _, s := range allShapes() {
		f.Add([]byte(s.record), int64(1764150001001))
	}
	f.Add([]byte(`{"author":{"id":"-2","uri":"?username=%ff"},"source":"::ffff:192.0.2.1,fe80::1%eth0;[::1]:80","type":{"action":"Group created"},"affectedObjects":[{"name":":"}]}`), int64(0))
	f.Fuzz(func(t *testing.T, raw []byte, ms int64) {
		own := time.Time{}
		if ms != 0 {
			own = time.UnixMilli(ms)
		}
		for _, site := range []event.Site{site, jiraSite} {
			for _, schema := range append(formats(), "raw") {
				event := lineOf(t, site, schema, ms%2 != 0, own, raw)
				if lost := lost(event, raw); len(raw) < 1<<14 && lost != "" {
					t.Errorf("%s of %s lost %q", schema, site.Product, lost)
				}
			}
		}
	})
}
