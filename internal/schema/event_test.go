package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"

	"github.com/google/go-cmp/cmp"
)

var (
	own  = time.Date(2021, 11, 23, 0, 44, 36, 398e6, time.UTC)
	read = time.Date(2021, 11, 23, 0, 45, 0, 0, time.UTC)
)

const noTime = "the record has no time that can be read, the event carries the time of reading"

// TestRawMembers shows, as JSON, what each kind of record becomes beside the object `atlassian`.
func TestRawMembers(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`[`, 20) + `1` + strings.Repeat(`]`, 20)
	for _, c := range []struct{ name, raw, want string }{
		{"order, nulls and unknown members", `{"z":null,"a":[true,false,{}],"new":{"x":[]}}`, `{"z":null,"a":[true,false,{}],"new":{"x":[]}}`},
		{"whitespace", "\n{ \"a\" : [ 1 , 2 ] }\r\n", `{"a":[1,2]}`},
		{"escapes", `{"\u0061\n":"\ud83d\ude00 \u0000 \/ \""}`, "{\"a\\n\":\"\U0001F600 \\u0000 / \\\"\"}"},
		{"half a surrogate pair", `{"a":"x\ud800y"}`, `{"a":"x` + "\uFFFD" + `y"}`},
		{"not UTF-8", "{\"a\":\"x\xffy\"}", `{"a":"x` + "\uFFFD" + `y"}`},
		{"empty name", `{"":1}`, `{"":1}`},
		{"own member atlassian", `{"atlassian":{"event_id":"forged"},"a":1}`, `{"atlassian_2":{"event_id":"forged"},"a":1}`},
		{"repeated names", `{"a":1,"a":2,"a_2":3,"a":4,"\u0061":5}`, `{"a":1,"a_3":2,"a_2":3,"a_4":4,"a_5":5}`},
		{"repeated names inside", `{"x":{"atlassian":1,"b":2,"b":3}}`, `{"x":{"atlassian":1,"b":2,"b_2":3}}`},
		{"depth", `{"a":` + deep + `}`, `{"a":` + strings.Repeat(`[`, 15) + `"[[[[[1]]]]]"` + strings.Repeat(`]`, 15) + `}`},
		{"an array", `[1,"x"]`, `{"record":[1,"x"]}`},
		{"a string", `"x"`, `{"record":"x"}`},
		{"null", `null`, `{"record":null}`},
		{"nothing", ``, `{"record":""}`},
		{"not JSON", "<html>\xff\xff</html>", `{"record":"<html>` + "\uFFFD\uFFFD" + `</html>"}`},
		{"cut off", `{"a":1`, `{"record":"{\"a\":1"}`},
		{"two values", `{} {}`, `{"record":"{} {}"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := newEncoder(t, site)
			_, got := decodeEvent(t, e.Append(nil, own, parsed(c.raw), event.Meta{Read: read}))
			want, err := decodeJSON([]byte(c.want))
			if err != nil {
				t.Fatal(err)
			}
			if last := got[len(got)-1].Name; last != "atlassian" {
				t.Fatalf("last member is %q", last)
			}
			if diff := cmp.Diff(want, plain(got[:len(got)-1])); diff != "" {
				t.Error(diff)
			}
			line := e.AppendJSON(nil, own, parsed(c.raw), event.Meta{Read: read})
			if text, _, _ := strings.Cut(string(line), `"atlassian":{"event_id"`); text != strings.TrimSuffix(c.want, "}")+"," {
				t.Errorf("JSON line is %s", line)
			}
		})
	}
}

// plain turns integers into the json.Number that decodeJSON gives.
func plain(v any) any {
	switch v := v.(type) {
	case object:
		o := object{}
		for _, m := range v {
			o = append(o, member{m.Name, plain(m.Value)})
		}
		return o
	case []any:
		a := []any{}
		for _, e := range v {
			a = append(a, plain(e))
		}
		return a
	case int64:
		return json.Number(fmt.Sprint(v))
	}
	return v
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	const id = "event_id"
	datacenter := event.Site{URL: "https://wiki.example.com/context", Deployment: "datacenter"}
	for _, c := range []struct {
		name string
		site event.Site
		own  time.Time
		raw  string
		late time.Duration
		at   time.Time
		want object
	}{
		{"cloud", site, own, `{}`, 0, own, object{{"deployment", "cloud"}, {"product", "confluence"}, {"site", site.URL}, {"cloud_id", site.CloudID}}},
		{"data center", datacenter, own, `{}`, 0, own, object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}}},
		{"organization", organizationSite, own, `{}`, 0, own, object{{"deployment", "cloud"}, {"product", "organization"}, {"site", organizationSite.URL}, {"org_id", organizationSite.OrgID}}},
		{"mirrored", organizationSite, own, `{"attributes":{"action":"confluence_audit_record_x","container":[{"type":"users","id":"7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c12"},{"type":"sites","id":"7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c11"}]}}`, 0, own,
			object{{"deployment", "cloud"}, {"product", "organization"}, {"site", organizationSite.URL}, {"org_id", organizationSite.OrgID}, {"cloud_id", "7e6a1c2e-0f4b-4c4e-9d55-3a9b3f1d2c11"}, {"mirrored", true}}},
		{"jira", event.Site{Product: "jira", URL: site.URL, Deployment: "cloud"}, own, `{}`, 0, own, object{{"deployment", "cloud"}, {"product", "jira"}, {"site", site.URL}}},
		{"late", datacenter, own, `{}`, 3*time.Hour + 900*time.Millisecond, own,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"late_seconds", int64(10800)}}},
		{"no time", datacenter, time.Time{}, `{}`, 0, read,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"error", noTime}}},
		{"before 1970", datacenter, time.Unix(-1, 0), `{}`, 0, read,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"error", "the record's time is outside 1970 to 2106, the event carries the time of reading"}}},
		{"last second", datacenter, time.Unix(0xfffffffd, 999999999), `{}`, 0, time.Unix(0xfffffffd, 999999999),
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}}},
		{"reserved second", datacenter, time.Unix(0xfffffffe, 0), `{}`, 0, read,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"error", "the record's time is outside 1970 to 2106, the event carries the time of reading"}}},
		{"not an object", datacenter, own, `7`, 0, own,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"error", "the record is not an object, it is kept in the member record"}}},
		{"not JSON", datacenter, time.Time{}, `<`, 0, read,
			object{{"deployment", "datacenter"}, {"product", "confluence"}, {"site", datacenter.URL}, {"error", "the record is not JSON that can be read, it is kept as text in the member record; " + noTime}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			meta := event.Meta{Fingerprint: document.Fingerprint{1}, Occurrence: 2, Read: read, Late: c.late}
			want := append(object{{id, string(event.AppendEventID(nil, &c.site, meta.Fingerprint, meta.Occurrence))}}, c.want...)
			at, got := decodeEvent(t, newEncoder(t, c.site).Append(nil, c.own, parsed(c.raw), meta))
			if !at.Equal(c.at) {
				t.Errorf("event time is %v, want %v", at, c.at)
			}
			if diff := cmp.Diff(want, got.get("atlassian")); diff != "" {
				t.Error(diff)
			}
			var line struct{ Atlassian json.RawMessage }
			if err := json.Unmarshal(newEncoder(t, c.site).AppendJSON(nil, c.own, parsed(c.raw), meta), &line); err != nil {
				t.Fatal(err)
			}
			fromJSON, _ := decodeJSON(line.Atlassian)
			if diff := cmp.Diff(plain(want), fromJSON); diff != "" {
				t.Errorf("JSON line: %s", diff)
			}
		})
	}
}

// TestEventTimeBytes pins the layout that Fluent Bit reads, and that no time of reading can break
// it.
func TestEventTimeBytes(t *testing.T) {
	t.Parallel()
	e := newEncoder(t, site)
	got := e.Append(nil, time.Unix(1, 2), parsed(`{}`), event.Meta{})[:11]
	if want := []byte{0x92, 0xd7, 0x00, 0, 0, 0, 1, 0, 0, 0, 2}; !bytes.Equal(got, want) {
		t.Errorf("got % x, want % x", got, want)
	}
	got = e.Append(nil, time.Time{}, parsed(`{}`), event.Meta{})[:7]
	if want := []byte{0x92, 0xd7, 0x00, 0, 0, 0, 0}; !bytes.Equal(got, want) {
		t.Errorf("without any time: got % x, want % x", got, want)
	}
}

// TestSamples compares whole events with what jq makes of the same records:
//
//	jq -c '. + {atlassian: {event_id: $id, deployment: "cloud", product: "confluence",
//	  site: .., cloud_id: ..}}' FILE
func TestSamples(t *testing.T) {
	t.Parallel()
	for name, raw := range samples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h document.Hasher
			e := newEncoder(t, site)
			meta := event.Meta{Fingerprint: h.Fingerprint(parsed(raw)), Read: read}
			want, err := os.ReadFile(filepath.Join("testdata", name+".event.json"))
			if err != nil {
				t.Fatal(err)
			}
			line := e.AppendJSON(nil, own, parsed(raw), meta)
			if diff := cmp.Diff(string(bytes.TrimSpace(want)), string(line)); diff != "" {
				t.Error(diff)
			}
			_, got := decodeEvent(t, e.Append(nil, own, parsed(raw), meta))
			fromJSON, err := decodeJSON(line)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromJSON, plain(got)); diff != "" {
				t.Errorf("msgpack differs from JSON: %s", diff)
			}
		})
	}
}

// TestSizes crosses every size of container header, and the number of names that are compared pair
// by pair.
func TestSizes(t *testing.T) {
	t.Parallel()
	e := newEncoder(t, site)
	for _, n := range []int{0, 1, 14, 15, 16, 31, 32, 33, 65535, 65536} {
		raw := []byte(`{"list":[`)
		for i := range n {
			raw = append(raw, fmt.Sprintf(`%d,`, i)...)
		}
		raw = append(bytes.TrimSuffix(raw, []byte(",")), ']')
		for i := range n {
			raw = append(raw, fmt.Sprintf(`,"m%d":%d`, i, i)...)
		}
		raw = append(raw, '}')
		want, err := decodeJSON(raw)
		if err != nil {
			t.Fatal(err)
		}
		_, got := decodeEvent(t, e.Append(nil, own, parsed(raw), event.Meta{Read: read}))
		if err := agree(want, got[:len(got)-1], 1, "atlassian"); err != nil {
			t.Errorf("%d: %.200v", n, err)
		}
	}
}

// TestAppend: events stand one after the other in a batch, and scratch memory leaves nothing
// behind.
func TestAppend(t *testing.T) {
	t.Parallel()
	e := newEncoder(t, site)
	var batch, lines []byte
	var ends []int
	raws := []string{`{"a":"\n"}`, `{"a":[1,`, strings.Repeat(`[`, 20000), `"x"`, `{"b":2}`, ``, `{"c":3}`}
	var doc document.Document
	for _, raw := range raws {
		doc.Parse([]byte(raw))
		batch = e.Append(batch, own, &doc, event.Meta{Read: read})
		ends = append(ends, len(batch))
		lines = append(e.AppendJSON(lines, own, &doc, event.Meta{Read: read}), '\n')
	}
	start := 0
	for i, end := range ends {
		fresh := newEncoder(t, site).Append(nil, own, parsed(raws[i]), event.Meta{Read: read})
		if !bytes.Equal(batch[start:end], fresh) {
			t.Errorf("event %d depends on what came before", i)
		}
		start = end
	}
	for i, line := range bytes.Split(bytes.TrimSuffix(lines, []byte("\n")), []byte("\n")) {
		if !json.Valid(line) {
			t.Errorf("line %d is not JSON: %.200s", i, line)
		}
	}
}

// TestLarge: a record of any size is delivered, and one of too many values as text.
func TestLarge(t *testing.T) {
	t.Parallel()
	e := newEncoder(t, site)
	text := strings.Repeat("x", 5<<20)
	_, got := decodeEvent(t, e.Append(nil, own, parsed(`{"a":"`+text+`"}`), event.Meta{Read: read}))
	if got.get("a") != text {
		t.Error("a text of 5 MB is not as it was")
	}
	many := `[0` + strings.Repeat(`,0`, 1<<20) + `]`
	_, got = decodeEvent(t, e.Append(nil, own, parsed(many), event.Meta{Read: read}))
	if got.get("record") != many {
		t.Error("a million values are not delivered as text")
	}
}

func TestNewEncoderUnknownSchema(t *testing.T) {
	t.Parallel()
	_, err := Encoder(Format{Schema: "syslog"}, site)
	if want := `choose schema "syslog": there is no such schema, use one of raw, ecs, ocsf, asim, cim`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = Encoder(Format{Schema: "ocsf", OCSFVersion: "1.3.0"}, site)
	if want := `choose version "1.3.0" of OCSF: use one of 1.8.0, 1.4.0`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
