package paging

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/scan"
	"fluent-bit-confluence/internal/simulate"
)

var epoch = time.UnixMilli(1_700_000_000_000).UTC()

func TestParsePage(t *testing.T) {
	t.Parallel()
	at := time.UnixMilli(1700000000123).UTC()
	tests := []struct {
		name   string
		format Format
		body   string
		want   []atlassian.Record
		cursor string
		last   lastPage
	}{
		{"empty", Results, `{"results":[],"start":0,"limit":1000,"size":0,"_links":{}}`, nil, "", unsaid},
		{"bom and space", Results, "\xef\xbb\xbf \r\n{\"results\":[]} \n", nil, "", unsaid},
		{"raw bytes are kept", Results, `{"results":[ { "creationDate" : 1700000000123 , "x":1e400,"big":123456789012345678901,"x":"\u00e9é" } ]}`,
			[]atlassian.Record{{Time: at, Raw: []byte(`{ "creationDate" : 1700000000123 , "x":1e400,"big":123456789012345678901,"x":"\u00e9é" }`)}}, "", unsaid},
		{"nested creationDate is not the record's", Results, `{"results":[{"a":{"creationDate":5},"b":[{"creationDate":6}],"creationDate":1700000000123}]}`,
			[]atlassian.Record{{Time: at, Raw: []byte(`{"a":{"creationDate":5},"b":[{"creationDate":6}],"creationDate":1700000000123}`)}}, "", unsaid},
		{"entries that are no objects", Results, `{"results":[null,7,"x",[1],{}]}`,
			[]atlassian.Record{{Raw: []byte(`null`)}, {Raw: []byte(`7`)}, {Raw: []byte(`"x"`)}, {Raw: []byte(`[1]`)}, {Raw: []byte(`{}`)}}, "", unsaid},
		{"invalid utf-8 is kept", Results, "{\"results\":[{\"s\":\"\xff\"}]}", []atlassian.Record{{Raw: []byte("{\"s\":\"\xff\"}")}}, "", unsaid},
		{"data center", Entities, `{"pagingInfo":{"lastPage":false,"nextPageCursor":"1700000000123,179","size":1},"entities":[{"timestamp":"2023-11-14T22:13:20.123Z"}]}`,
			[]atlassian.Record{{Time: at, Raw: []byte(`{"timestamp":"2023-11-14T22:13:20.123Z"}`)}}, "1700000000123,179", isNotLast},
		{"data center, last page", Entities, `{"entities":[],"pagingInfo":{"lastPage":true,"size":0}}`, nil, "", isLast},
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
		"nothing":               ``,
		"html":                  `<!DOCTYPE html><html>`,
		"other json":            `{"hello":1}`,
		"an array":              `[]`,
		"results null":          `{"results":null}`,
		"results object":        `{"results":{}}`,
		"cut in a record":       `{"results":[{"creationDate":1`,
		"cut after the list":    `{"results":[{}]`,
		"two values":            `{"results":[]}{"results":[]}`,
		"trailing text":         `{"results":[]}x`,
		"nested without end":    `{"results":[` + strings.Repeat("[", 100_000),
		"no JSON in a record":   `{"results":[{"a":tru}]}`,
		"no JSON in many":       `{"results":[{"a":[` + strings.Repeat("[],", recordNesting+1) + `tru]}]}`,
		"no JSON, not too deep": `{"results":[` + strings.Repeat("[", recordNesting) + "tru" + strings.Repeat("]", recordNesting) + `]}`,
		"too many records":      `{"results":[` + strings.Repeat("0,", maxElements) + `0]}`,
		"entities on cloud":     `{"entities":[]}`,
		"results as a string":   `{"results":"[]"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Results.parse([]byte(body), nil); err == nil {
				t.Error("parsed as a page")
			}
		})
	}
}

// A record that is too large or nests too deep is replaced by a stub with its time. The records
// around it are unchanged.
func TestStubs(t *testing.T) {
	t.Parallel()
	const ms = `"creationDate":1700000000000`
	const iso = `"timestamp":"2023-11-14T22:13:20.000Z"`
	deep := strings.Repeat(`[`, scan.MaxNesting) + strings.Repeat(`]`, scan.MaxNesting)
	large := `"` + strings.Repeat(`a\"`, MaxRecord/2) + `"`
	tests := []struct {
		name   string
		format Format
		record string
		why    string
		timed  bool
	}{
		{"large, time first", Results, `{` + ms + `,"x":` + large + `}`, TooLarge, true},
		{"large, time last", Results, `{"x":` + large + `,` + ms + `}`, TooLarge, true},
		{"large, no time", Results, `{"x":` + large + `}`, TooLarge, false},
		{"large time", Results, `{"creationDate":` + large + `}`, TooLarge, false},
		{"large, not UTF-8", Results, "{\"y\":\"\xff\xc3\"," + ms + `,"x":` + large + `}`, TooLarge, true},
		{"large string", Results, large, TooLarge, false},
		{"deep, time first", Results, `{` + ms + `,"x":` + deep + `}`, TooDeep, true},
		{"deep, time last", Results, `{"x":` + deep + `,` + ms + `}`, TooDeep, true},
		{"deep list", Results, deep, TooDeep, false},
		{"deep objects", Results, strings.Repeat(`{"a":`, scan.MaxNesting) + "1" + strings.Repeat("}", scan.MaxNesting), TooDeep, false},
		{"data center", Entities, `{"x":` + deep + `,` + iso + `}`, TooDeep, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list := []string{`{"a":1}`, tt.record, `{"a":2}`}
			p, err := tt.format.parse([]byte(`{`+tt.format.list+`:[`+strings.Join(list, " , ")+`]}`), nil)
			if err != nil || len(p.records) != 3 {
				t.Fatalf("%d records, %v", len(p.records), err)
			}
			if string(p.records[0].Raw) != list[0] || string(p.records[2].Raw) != list[2] {
				t.Errorf("neighbours %.100q", p.records)
			}
			stub := p.records[1]
			var text struct {
				CreationDate int64
				Timestamp    time.Time
				Summary      string
				Type         struct{ Action string }
				Truncated    struct {
					Reason, Begin string
					Size          int
				}
			}
			if err := json.Unmarshal(stub.Raw, &text); err != nil {
				t.Fatalf("%s: %v", stub.Raw, err)
			}
			if text.Truncated.Reason != tt.why || text.Truncated.Size != len(tt.record) || !strings.Contains(text.Summary+text.Type.Action, tt.why) {
				t.Errorf("stub %s", stub.Raw)
			}
			begin := strings.ToValidUTF8(tt.record[:stubBegin], "\ufffd")
			if text.Truncated.Begin != begin {
				t.Errorf("begins with %q, want %q", text.Truncated.Begin, begin)
			}
			if stub.Time.Equal(epoch) != tt.timed || (text.CreationDate == epoch.UnixMilli() || text.Timestamp.Equal(epoch)) != tt.timed {
				t.Errorf("time %v in %s", stub.Time, stub.Raw)
			}
		})
	}
}

// TestJudgedPage cuts and breaks pages at every place.
func TestJudgedPage(t *testing.T) {
	t.Parallel()
	for _, whole := range []string{
		"\xef\xbb\xbf {\"results\" : [ {\"creationDate\":1700000000123,\"a\":{\"b\":[1,-2.5e3]}} , null,\"x\", [ true ] ] ,\"_links\":{} } ",
		`{"size":1,"pagingInfo":{"lastPage":false,"nextPageCursor":"7"},"results":[{"x":"\u00e9\n","creationDate":{"epochSecond":1,"nano":2},"creationDate":"5"}],"results":[{}],"results":7}`,
	} {
		for i := range len(whole) + 1 {
			for _, body := range []string{whole[:i], whole[:i] + "x" + whole[i:], whole[:i] + "," + whole[i:], whole[:i] + "}" + whole[i:], whole[:i] + "\x00" + whole[min(i+1, len(whole)):], whole[:i] + whole[min(i+1, len(whole)):]} {
				if how := disagree(Results, []byte(body)); how != "" {
					t.Errorf("%q: %s", body, how)
				}
			}
		}
	}
	for depth := 9996; depth <= 10001; depth++ {
		arrays, objects := strings.Repeat("[", depth)+strings.Repeat("]", depth), strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth)
		for _, form := range []string{`{"results":[%s]}`, `{"results":[{"a":%s}]}`, `{"results":[{"creationDate":%s}]}`, `{"other":%s,"results":[]}`, `{"pagingInfo":{"a":%s},"results":[]}`, `{"results":[%s`} {
			for _, deep := range []string{arrays, objects} {
				if how := disagree(Results, fmt.Appendf(nil, form, deep)); how != "" {
					t.Errorf("%d deep in %s: %.300s", depth, form, how)
				}
			}
		}
	}
	for _, size := range []int{MaxRecord, MaxRecord + 1} {
		for _, form := range []string{`{"results":[%s]}`, `{"results":[{},%s,x`, `{"results":[%s`, `{"results":%s}`} {
			for _, record := range []string{`"` + strings.Repeat("a", size-2) + `"`, `{"a":"` + strings.Repeat("a", size-8) + `"}`} {
				if how := disagree(Results, fmt.Appendf(nil, form, record)); how != "" {
					t.Errorf("%d bytes in %s: %.300s", size, form, how)
				}
			}
		}
	}
}

// disagree returns how a page differs from that of the judge, empty if it does not: in the kind of
// error, in the records, or in the paging.
func disagree(f Format, body []byte) string {
	got, err := f.parse(body, nil)
	want, wantErr := f.judge(body)
	if err == nil && wantErr != nil && hasDeepStub(got) {
		return "" // the judge stops at a record that nests too deep, and at mistakes in it
	}
	if got, want := kindOf(err), kindOf(wantErr); got != want {
		return fmt.Sprintf("error %v (%s), want %v (%s)", err, got, wantErr, want)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		return fmt.Sprintf("page %.1000v, want %.1000v", got, want)
	}
	return ""
}

func hasDeepStub(p Page) bool {
	return slices.ContainsFunc(p.records, func(r atlassian.Record) bool { return bytes.Contains(r.Raw, []byte(TooDeep)) })
}

// kindOf returns the part of an error that is compared. jsontext has two texts for the same
// mistake, one for tokens and one for values.
func kindOf(err error) string {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "cut off"
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return "syntax"
	}
	return fmt.Sprint(err)
}

// Records must be those that an independent parser finds, byte for byte, and appending to one must
// not change the next.
func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"results":[{"creationDate":1700000000123,"a":{"b":[1,2]}},null],"_links":{}}`))
	f.Add([]byte("\xef\xbb\xbf{\"results\":[{\"creationDate\":\"2023-11-14T22:13:20.123Z\"}]}"))
	f.Add([]byte(`{"results":[],"results":[{}]}`))
	f.Add([]byte(`{"pagingInfo":{"lastPage":false,"nextPageCursor":7},"results":[{"creationDate":{"epochSecond":1,"nano":2}}]}`))
	f.Add([]byte(`{"results":[{"creationDate":1700000000123,"creationDate":1700000000124,"creationDate":7}]}`))
	f.Add(fmt.Appendf(nil, `{"results":[{"a":%s%s,"creationDate":1700000000123},{}]}`, strings.Repeat("[", scan.MaxNesting), strings.Repeat("]", scan.MaxNesting)))
	f.Fuzz(func(t *testing.T, body []byte) {
		original := bytes.Clone(body)
		p, err := Results.parse(body, nil)
		if !bytes.Equal(body, original) {
			t.Fatal("parse changed the body")
		}
		if how := disagree(Results, body); how != "" {
			t.Fatal(how)
		}
		if err != nil {
			return
		}
		stubs := hasDeepStub(p)
		if !stubs && !json.Valid(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))) {
			t.Fatal("parsed what is not JSON")
		}
		for _, r := range p.records {
			if !json.Valid(r.Raw) || len(r.Raw) != cap(r.Raw) && !stubs && len(body) < MaxRecord {
				t.Fatalf("record %q", r.Raw)
			}
			if !r.Time.IsZero() && (r.Time.Location() != time.UTC || r.Time.Nanosecond()%1e6 != 0) {
				t.Fatalf("time %v", r.Time)
			}
		}
	})
}

func BenchmarkParsePage(b *testing.B) {
	formats := map[string]Format{simulate.Cloud: Results, simulate.DataCenter: Entities}
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		b.Run(deployment, func(b *testing.B) {
			format := formats[deployment]
			sim := simulate.New(simulate.Options{Deployment: deployment, Seed: 7, Records: 1000, Start: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)})
			var all [][]byte
			for r := range sim.Records() {
				all = append(all, r.JSON)
			}
			body := fmt.Appendf(nil, `{%s:[%s],"start":0,"limit":1000,"size":1000,"_links":{}}`, format.list, bytes.Join(all, []byte(",")))
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var records []atlassian.Record
			for b.Loop() {
				p, err := format.parse(body, records[:0])
				if err != nil || len(p.records) != len(all) {
					b.Fatal(err)
				}
				records = p.records
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/record")
		})
	}
}
