package schema

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// object is a decoded map with its members in order, repeated names included.
type object []member

type member struct {
	Name  string
	Value any
}

func (o object) get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// decodeEvent decodes exactly one event with a decoder that shares no code with the encoder.
func decodeEvent(t testing.TB, b []byte) (time.Time, object) {
	t.Helper()
	in := bytes.NewReader(b)
	d := msgpack.NewDecoder(in)
	if n, err := d.DecodeArrayLen(); err != nil || n != 2 {
		t.Fatalf("event is not an array of two: %d, %v", n, err)
	}
	id, size, err := d.DecodeExtHeader()
	if err != nil || id != 0 || size != 8 {
		t.Fatalf("time is not an EventTime: type %d, %d bytes, %v", id, size, err)
	}
	var at [8]byte
	if err := d.ReadFull(at[:]); err != nil {
		t.Fatal(err)
	}
	v, err := decodeMsgpack(d)
	if err != nil {
		t.Fatalf("decode map: %v", err)
	}
	if in.Len() != 0 {
		t.Fatalf("%d bytes after the event", in.Len())
	}
	o, ok := v.(object)
	if !ok {
		t.Fatalf("event body is %T, not a map", v)
	}
	return time.Unix(int64(binary.BigEndian.Uint32(at[:4])), int64(binary.BigEndian.Uint32(at[4:]))).UTC(), o
}

func decodeMsgpack(d *msgpack.Decoder) (any, error) {
	code, err := d.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		n, err := d.DecodeMapLen()
		o := object{}
		for range n {
			name, err := d.DecodeString()
			if err != nil {
				return nil, err
			}
			v, err := decodeMsgpack(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name, v})
		}
		return o, err
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		n, err := d.DecodeArrayLen()
		a := []any{}
		for range n {
			v, err := decodeMsgpack(d)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
		return a, err
	}
	return d.DecodeInterfaceLoose() // numbers become int64, uint64 or float64
}

// decodeJSON is decodeMsgpack for JSON, by the standard library.
func decodeJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return decodeJSONValue(d)
}

func decodeJSONValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		o := object{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := decodeJSONValue(d)
			if err != nil {
				return nil, err
			}
			o = append(o, member{name.(string), v})
		}
		_, err = d.Token()
		return o, err
	case json.Delim('['):
		a := []any{}
		for d.More() {
			v, err := decodeJSONValue(d)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
		_, err = d.Token()
		return a, err
	}
	return t, nil
}

// samples are records as the two products send them.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, name := range []string{"cloud", "cloud-system", "datacenter", "datacenter-anonymous"} {
		b, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = bytes.TrimSpace(b)
	}
	return all
}

var site = event.Site{URL: "https://acme.atlassian.net", Deployment: "cloud", CloudID: "11223344-a1b2-3b33-c444-def123456789"}

// parsed returns the document of a record.
func parsed[T string | []byte](raw T) *document.Document {
	var d document.Document
	d.Parse([]byte(raw))
	return &d
}

func newEncoder(t testing.TB, site event.Site) *event.Encoder {
	t.Helper()
	e, err := Encoder(Format{Schema: "raw"}, site)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// agree returns how a value of an event differs from the JSON that it was made of, nil when it does
// not.
func agree(want, got any, depth int, reserved ...string) error {
	if text, ok := got.(string); ok && depth > document.MaxDepth {
		switch want.(type) {
		case object, []any:
			v, err := decodeJSON([]byte(text))
			if err != nil {
				return fmt.Errorf("text of a deep value: %w", err)
			}
			return same(want, v)
		}
	}
	switch want := want.(type) {
	case object:
		got, ok := got.(object)
		if !ok || len(got) != len(want) {
			return fmt.Errorf("object %v became %v", want, got)
		}
		if depth > document.MaxDepth {
			return fmt.Errorf("object at depth %d", depth)
		}
		return agreeMembers(want, got, depth, reserved)
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			return fmt.Errorf("array %v became %v", want, got)
		}
		if depth > document.MaxDepth {
			return fmt.Errorf("array at depth %d", depth)
		}
		for i := range want {
			if err := agree(want[i], got[i], depth+1); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		return agreeNumber(want, got)
	}
	return same(want, got)
}

func agreeMembers(want, got object, depth int, reserved []string) error {
	given, seen := map[string]bool{}, map[string]bool{}
	for _, r := range reserved {
		given[r], seen[r] = true, true
	}
	for i, m := range want {
		name := got[i].Name
		if given[name] {
			return fmt.Errorf("name %q twice", name)
		}
		if name != m.Name {
			suffix, ok := strings.CutPrefix(name, m.Name+"_")
			if n, err := strconv.Atoi(suffix); !seen[m.Name] || !ok || err != nil || n < 2 {
				return fmt.Errorf("member %q became %q", m.Name, name)
			}
		}
		given[name], seen[m.Name] = true, true
		if err := agree(m.Value, got[i].Value, depth+1); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func same(want, got any) error {
	if w, g := fmt.Sprintf("%#v", want), fmt.Sprintf("%#v", got); w != g {
		return fmt.Errorf("%s became %s", w, g)
	}
	return nil
}

// agreeNumber requires the same decimal, in value, not in spelling.
func agreeNumber(want json.Number, got any) error {
	if got == any(string(want)) {
		if _, err := want.Int64(); err == nil {
			return fmt.Errorf("integer %s became a string", want)
		}
		return nil
	}
	w, err := ratio(string(want))
	if err != nil {
		return err
	}
	g, err := ratio(fmt.Sprint(got)) // a float in its shortest spelling
	if err != nil {
		return err
	}
	if w.Cmp(g) != 0 {
		return fmt.Errorf("number %s became %v", want, got)
	}
	return nil
}

// ratio returns the exact value of a decimal with an exponent that is not too large.
func ratio(s string) (*big.Rat, error) {
	if mantissa, e, ok := strings.Cut(strings.ToLower(s), "e"); ok {
		if strings.Trim(mantissa, "-0.") == "" {
			return new(big.Rat), nil
		}
		if n, err := strconv.Atoi(e); err != nil || n > 5000 || n < -5000 {
			return nil, fmt.Errorf("exponent of %s", s)
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return r, nil
}
