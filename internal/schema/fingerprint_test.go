package schema

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"

	"github.com/google/go-cmp/cmp"
)

// TestFingerprintPinned guards the canonical form: another fingerprint means other event ids, and
// every record in the overlap delivered again after an upgrade. The digests were computed by
//
//	jq -cjS "$FILTER" FILE | sha256sum | cut -c-32
//
// where FILTER deletes what does not count.
func TestFingerprintPinned(t *testing.T) {
	t.Parallel()
	var h document.Hasher
	got := map[string]string{}
	for name, raw := range samples(t) {
		fp := h.Fingerprint(parsed(raw))
		got[name] = hex.EncodeToString(fp[:])
	}
	want := map[string]string{
		"cloud":                "12dd6ab532c678fbd43a78fb9ca3744d",
		"cloud-system":         "012e9c84561f82d42d69bc03647f3cda",
		"datacenter":           "7179534b0080fbbc8fc555ffce5948d5",
		"datacenter-anonymous": "958be86030eda942c03c8351d6db09d1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestFingerprintCounts changes, removes and adds one member after the other, everywhere in the
// samples. Those that make no difference are listed; all others must make one.
func TestFingerprintCounts(t *testing.T) {
	t.Parallel()
	cloudAuthor := []string{".displayName", ".operations", ".username", ".userKey", ".accountType", ".externalCollaborator", ".isExternalCollaborator", ".isGuest", ".publicName", ".new"}
	passing := map[string][]string{
		"cloud":        prefix(".author", cloudAuthor...),
		"cloud-system": nil,
		"datacenter": append(prefix(".author", ".name", ".uri", ".avatarUri", ".new"),
			".type.category", ".type.action", ".affectedObjects[0].uri", ".changedValues[0].key", ".changedValues[1].key", ".system", ".extraAttributes[0].name"),
		"datacenter-anonymous": {".author.uri", ".author.avatarUri", ".system"},
	}
	for name, raw := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h document.Hasher
			record, err := decodeJSON(raw)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for _, path := range passing[name] {
				want[path] = true
			}
			before := h.Fingerprint(parsed(raw))
			got := map[string]bool{}
			variants(record, "", func(path, how string, variant any) {
				same := h.Fingerprint(parsed(spell(nil, variant))) == before
				if same {
					got[path] = true
				}
				if same != want[path] {
					t.Errorf("%s %s: same fingerprint is %v", path, how, same)
				}
			})
			if diff := cmp.Diff(len(want), len(got)); diff != "" {
				t.Errorf("not every listed member was tried: %s", diff)
			}
		})
	}
}

func prefix(p string, names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, p+n)
	}
	return all
}

// variants gives yield v with one thing changed, for each thing below path that can be changed.
func variants(v any, path string, yield func(path, how string, variant any)) {
	switch v := v.(type) {
	case object:
		for i, m := range v {
			with := func(value any) object {
				o := append(object{}, v...)
				o[i].Value = value
				return o
			}
			inner := path + "." + m.Name
			variants(m.Value, inner, func(p, how string, variant any) { yield(p, how, with(variant)) })
			yield(inner, "removed", append(append(object{}, v[:i]...), v[i+1:]...))
		}
		yield(path+".new", "added", append(append(object{}, v...), member{"new", "x"}))
	case []any:
		for i, e := range v {
			variants(e, fmt.Sprintf("%s[%d]", path, i), func(p, how string, variant any) {
				a := append([]any{}, v...)
				a[i] = variant
				yield(p, how, a)
			})
		}
		yield(path, "longer", append(append([]any{}, v...), nil))
	case string:
		yield(path, "changed", v+"x")
	case json.Number:
		yield(path, "changed", v+"1")
		yield(path, "as a string", string(v))
	case bool:
		yield(path, "changed", !v)
	case nil:
		yield(path, "changed", []any{})
	}
}

// TestFingerprintSpelling: no order of members, whitespace, escape or exponent makes a difference.
func TestFingerprintSpelling(t *testing.T) {
	t.Parallel()
	for name, raw := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h document.Hasher
			record, err := decodeJSON(raw)
			if err != nil {
				t.Fatal(err)
			}
			before := h.Fingerprint(parsed(raw))
			for seed := range uint64(200) {
				other := spell(rand.New(rand.NewPCG(seed, 0)), record)
				if h.Fingerprint(parsed(other)) != before {
					t.Fatalf("seed %d: another fingerprint for %s", seed, other)
				}
			}
		})
	}
}

func TestFingerprintOfOddities(t *testing.T) {
	t.Parallel()
	var doc document.Document
	var h document.Hasher
	seen := map[document.Fingerprint]string{}
	for _, raw := range []string{
		``, `{`, `{}`, `[]`, `null`, `"null"`, `true`, `false`, `0`, `"0"`, `[0]`, `[[0]]`, `{"0":0}`, `{"":0}`, `{"a":1}`, `{"a":1,"a":2}`, `{"a":2,"a":1}`,
		`["a","b"]`, `["a,b"]`, `["a\",\"b"]`, `{"a":{"b":1}}`, `{"a":{},"b":1}`, `{"author":{"accountId":""}}`, `{"author":{"accountId":"","displayName":"x"}}`,
		`{"author":{"accountId":null,"displayName":"x"}}`, `{"author":{"accountId":null,"displayName":"y"}}`,
		`{"x":{"author":{"id":"a","name":"x"}}}`, `{"x":{"author":{"id":"a","name":"y"}}}`, `{"author":"x"}`, `{"author":["x"]}`, `{"x":{"system":"y"}}`, `{"x":{"uri":"y"}}`, `<html>`, `<html> `,
		strings.Repeat(`[`, 20000), strings.Repeat(`[`, 9999) + strings.Repeat(`]`, 9999),
	} {
		doc.Parse([]byte(raw))
		fp := h.Fingerprint(&doc)
		if other, ok := seen[fp]; ok {
			t.Errorf("%.100s and %.100s have the same fingerprint", raw, other)
		}
		seen[fp] = raw
		var fresh document.Hasher
		if fresh.Fingerprint(parsed(raw)) != fp {
			t.Errorf("the fingerprint of %.100s depends on what came before", raw)
		}
	}
}

// TestNoAllocation: the overlap is read again at every poll, so this is where most of the work of a
// quiet site goes.
func TestNoAllocation(t *testing.T) {
	for name, raw := range samples(t) {
		var doc document.Document
		var h document.Hasher
		e := newEncoder(t, site)
		dst := make([]byte, 0, 4096)
		for what, f := range map[string]func(){
			"Parse":       func() { doc.Parse(raw) },
			"Fingerprint": func() { h.Fingerprint(&doc) },
			"Append":      func() { e.Append(dst, own, &doc, event.Meta{Read: read}) },
			"AppendJSON":  func() { e.AppendJSON(dst, own, &doc, event.Meta{Read: read}) },
		} {
			doc.Parse(raw)
			if n := testing.AllocsPerRun(100, f); n != 0 {
				t.Errorf("%s of %s allocates %v times", what, name, n)
			}
		}
	}
}

func TestEventID(t *testing.T) {
	t.Parallel()
	var fp document.Fingerprint
	for i := range fp {
		fp[i] = byte(i)
	}
	// printf 'https://acme.atlassian.net\0\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\0\0\0\2' |
	// sha256sum | cut -c-32
	const want = "071b6bbebd556307ad06d90bae27cf40"
	if got := string(event.AppendEventID(nil, &event.Site{URL: "https://acme.atlassian.net"}, fp, 2)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// printf 'jira\0https://acme... as above
	const wantJira = "fbce868578e69e6cfd50a2a6c6e7bc4a"
	if got := string(event.AppendEventID(nil, &event.Site{Product: "jira", URL: "https://acme.atlassian.net"}, fp, 2)); got != wantJira {
		t.Errorf("got %s for Jira, want %s", got, wantJira)
	}
	if got := string(event.AppendEventID(nil, &event.Site{Product: "confluence", URL: "https://acme.atlassian.net", CloudID: "x"}, fp, 2)); got != want {
		t.Errorf("got %s for Confluence by its name, want %s", got, want)
	}
	seen := map[string]bool{want: true, wantJira: true}
	for _, id := range [][]byte{
		event.AppendEventID(nil, &event.Site{URL: "https://acme.atlassian.net"}, fp, 0),
		event.AppendEventID(nil, &event.Site{URL: "https://acme.atlassian.net"}, fp, 1),
		event.AppendEventID(nil, &event.Site{URL: "https://acme.atlassian.net"}, document.Fingerprint{}, 2),
		event.AppendEventID(nil, &event.Site{URL: "https://other.atlassian.net"}, fp, 2),
	} {
		if seen[string(id)] {
			t.Errorf("%s twice", id)
		}
		seen[string(id)] = true
	}
}
