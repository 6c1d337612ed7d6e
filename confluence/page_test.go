package confluence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParsePage(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1700000000123).UTC()
	tests := []struct {
		name   string
		format pageFormat
		body   string
		want   []Record
		cursor string
		last   lastPage
	}{
		{"empty", auditFormat, `{"results":[],"start":0,"limit":1000,"size":0,"_links":{}}`, nil, "", unsaid},
		{"bom and space", auditFormat, "\xef\xbb\xbf \r\n{\"results\":[]} \n", nil, "", unsaid},
		{"raw bytes are kept", auditFormat, `{"results":[ { "creationDate" : 1700000000123 , "x":1e400,"big":123456789012345678901,"x":"\u00e9é" } ]}`,
			[]Record{{at, []byte(`{ "creationDate" : 1700000000123 , "x":1e400,"big":123456789012345678901,"x":"\u00e9é" }`)}}, "", unsaid},
		{"nested creationDate is not the record's", auditFormat, `{"results":[{"a":{"creationDate":5},"b":[{"creationDate":6}],"creationDate":1700000000123}]}`,
			[]Record{{at, []byte(`{"a":{"creationDate":5},"b":[{"creationDate":6}],"creationDate":1700000000123}`)}}, "", unsaid},
		{"entries that are no objects", auditFormat, `{"results":[null,7,"x",[1],{}]}`,
			[]Record{{Raw: []byte(`null`)}, {Raw: []byte(`7`)}, {Raw: []byte(`"x"`)}, {Raw: []byte(`[1]`)}, {Raw: []byte(`{}`)}}, "", unsaid},
		{"invalid utf-8 is kept", auditFormat, "{\"results\":[{\"s\":\"\xff\"}]}", []Record{{Raw: []byte("{\"s\":\"\xff\"}")}}, "", unsaid},
		{"data center", auditingFormat, `{"pagingInfo":{"lastPage":false,"nextPageCursor":"1700000000123,179","size":1},"entities":[{"timestamp":"2023-11-14T22:13:20.123Z"}]}`,
			[]Record{{at, []byte(`{"timestamp":"2023-11-14T22:13:20.123Z"}`)}}, "1700000000123,179", isNotLast},
		{"data center, last page", auditingFormat, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`, nil, "", isLast},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := tt.format.parse([]byte(tt.body), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, p.records); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			if p.cursor != tt.cursor || p.lastPage != tt.last {
				t.Errorf("cursor %q, last %v; want %q, %v", p.cursor, p.lastPage, tt.cursor, tt.last)
			}
		})
	}
}

func TestParsePageRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":             ``,
		"html":                `<!DOCTYPE html><html>`,
		"other json":          `{"hello":1}`,
		"an array":            `[]`,
		"results null":        `{"results":null}`,
		"results object":      `{"results":{}}`,
		"cut in a record":     `{"results":[{"creationDate":1`,
		"cut after the list":  `{"results":[{}]`,
		"two values":          `{"results":[]}{"results":[]}`,
		"trailing text":       `{"results":[]}x`,
		"nested without end":  `{"results":[` + strings.Repeat("[", 100_000),
		"record of 17 MB":     `{"results":[{"x":"` + strings.Repeat("a", 17<<20) + `"}]}`,
		"entities on cloud":   `{"entities":[]}`,
		"results as a string": `{"results":"[]"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := auditFormat.parse([]byte(body), nil); err == nil {
				t.Error("parsed as a page")
			}
		})
	}
	_, err := auditFormat.parse([]byte(`{"results":[{"x":"`+strings.Repeat("a", 17<<20)+`"}]}`), nil)
	if !errors.Is(err, errTooLarge) {
		t.Errorf("error %v, want errTooLarge", err)
	}
}

// Records must be what an independent parser finds, byte for byte, and appending
// to one must not reach its neighbour.
func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"results":[{"creationDate":1700000000123,"a":{"b":[1,2]}},null],"_links":{}}`))
	f.Add([]byte("\xef\xbb\xbf{\"results\":[{\"creationDate\":\"2023-11-14T22:13:20.123Z\"}]}"))
	f.Add([]byte(`{"results":[],"results":[{}]}`))
	f.Add([]byte(`{"pagingInfo":{"lastPage":false,"nextPageCursor":7},"results":[{"creationDate":{"epochSecond":1,"nano":2}}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		p, err := auditFormat.parse(body, nil)
		if !bytes.Equal(body, original) {
			t.Fatal("parse changed the body")
		}
		if err != nil {
			return
		}
		if !json.Valid(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))) {
			t.Fatal("parsed what is not JSON")
		}
		for _, r := range p.records {
			if !json.Valid(r.Raw) || len(r.Raw) != cap(r.Raw) {
				t.Fatalf("record %q", r.Raw)
			}
			if !r.Time.IsZero() && (r.Time.Location() != time.UTC || r.Time.Nanosecond()%1e6 != 0) {
				t.Fatalf("time %v", r.Time)
			}
		}
	})
}

func BenchmarkParsePage(b *testing.B) {
	record := `{"author":{"type":"user","displayName":"Mia Example","operations":null,"username":"557058:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","userKey":"8a7f808a7c1d2e3f017c1d2e3f4a0001","accountId":"557058:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","accountType":"","externalCollaborator":false,"isExternalCollaborator":false,"isGuest":false,"publicName":"Unknown user"},"remoteAddress":"203.0.113.7","creationDate":%d,"summary":"Space permission added","description":"","category":"Permissions","sysAdmin":false,"superAdmin":false,"affectedObject":{"name":"Engineering","objectType":"Space"},"changedValues":[{"name":"Type","oldValue":"","newValue":"SETSPACEPERMISSIONS","hiddenOldValue":"","hiddenNewValue":""}],"associatedObjects":[{"name":"Mia Example","objectType":"User"}]}`
	var body bytes.Buffer
	body.WriteString(`{"results":[`)
	for i := range 1000 {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, record, 1700000000123-i)
	}
	body.WriteString(`],"start":0,"limit":1000,"size":1000,"_links":{}}`)
	b.SetBytes(int64(body.Len()))
	b.ReportAllocs()
	var records []Record
	for b.Loop() {
		p, err := auditFormat.parse(body.Bytes(), records[:0])
		if err != nil || len(p.records) != 1000 {
			b.Fatal(err)
		}
		records = p.records
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}
