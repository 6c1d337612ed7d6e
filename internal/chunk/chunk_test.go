package chunk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/tinylib/msgp/msgp"
)

// found is what was read from a chunk.
type found struct {
	Tag     string
	Lines   []string
	Markers int
	Err     string
}

func readAll(t *testing.T, file io.Reader) (f found) {
	t.Helper()
	r, err := NewReader(file)
	if err == nil {
		f.Tag = r.Tag()
	}
	for err == nil {
		var event Event
		if event, err = r.Next(); err != nil {
			break
		}
		if event.Marker() != None {
			f.Markers++
			continue
		}
		line, lineErr := event.AppendJSON(nil)
		if lineErr != nil {
			t.Fatal(lineErr)
		}
		f.Lines = append(f.Lines, string(line))
	}
	if !errors.Is(err, io.EOF) {
		f.Err = err.Error()
	}
	return f
}

// Files of Fluent Bit 5.1.1 can be read: a chunk of its buffer, and a rejected one.
func TestFilesOfFluentBit(t *testing.T) {
	t.Parallel()
	record := `{"summary":"Space created","category":"Spaces","creationDate":1795288131616,"superAdmin":false,"share":0.5,"none":null,` +
		`"changedValues":[{"name":"Key","newValue":"DOCS"}],"author":{"displayName":"Zoë"},"atlassian":{"event_id":"ccf64c3e39aa2c48cf2aee48a626a621"}}`
	for name, tag := range map[string]string{"buffered.flb": "confluence.audit", "rejected.flb": ""} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(found{Tag: tag, Lines: []string{record, record}}, readAll(t, bytes.NewReader(file))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if binary.BigEndian.Uint32(file[crcAt:]) == 0 {
			t.Errorf("%s has no checksum to be tested", name)
		}
	}
}

// events returns events that have the records {"n":0}, {"n":1} and so on.
func events(n int) (all []byte) {
	for i := range n {
		all = append(all, event(int64(i))...)
	}
	return all
}

func event(n int64) []byte {
	b := []byte{0x92, 0x92, 0xd7, 0, 0x6b, 7, 0x80, 0x9a, 4, 0xac, 0x24, 0x12, 0x80, 0x81, 0xa1, 'n'}
	return msgp.AppendInt64(b, n)
}

func TestReader(t *testing.T) {
	t.Parallel()
	group := slices.Concat(
		[]byte{0x92, 0x92, 0xd7, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0x81, 0xa1, 'g', 1, 0x80}, event(0),
		[]byte{0x92, 0x92, 0xd7, 0, 0xff, 0xff, 0xff, 0xfe, 0, 0, 0, 0, 0x80, 0x80}, event(1))
	two := []string{`{"n":0}`, `{"n":1}`}
	change := func(file []byte, change func([]byte) []byte) []byte { return change(slices.Clone(file)) }
	file := File("t", events(2))
	head := headSize + metaHead + 1
	for name, tt := range map[string]struct {
		file []byte
		want found
	}{
		"whole":          {file, found{Tag: "t", Lines: two}},
		"no tag at all":  {change(file, func(b []byte) []byte { b[metadataAt+1] = 0; return slices.Delete(b, headSize, head) }), found{Lines: two, Err: "its checksum is wrong: records may be changed, or missing"}},
		"no checksum":    {change(file, func(b []byte) []byte { clear(b[crcAt : crcAt+4]); b[len(b)-1] = 7; return b }), found{Tag: "t", Lines: []string{`{"n":0}`, `{"n":7}`}}},
		"wrong checksum": {change(file, func(b []byte) []byte { b[len(b)-1] = 7; return b }), found{Tag: "t", Lines: []string{`{"n":0}`, `{"n":7}`}, Err: "its checksum is wrong: records may be changed, or missing"}},
		"cut short":      {file[:len(file)-1], found{Tag: "t", Lines: two[:1], Err: "it is cut short: 33 of 34 bytes of its content are there"}},
		"cut in a head":  {file[:headSize-1], found{Err: "it is no chunk of Fluent Bit"}},
		"cut in the tag": {file[:headSize+3], found{Err: "it is cut short: 3 of 5 bytes of its metadata are there"}},
		"empty":          {nil, found{Err: "it is no chunk of Fluent Bit"}},
		"no chunk":       {bytes.Repeat([]byte("text "), 20), found{Err: "it is no chunk of Fluent Bit"}},
		"zeros behind":   {append(slices.Clone(file), make([]byte, 4096)...), found{Tag: "t", Lines: two}},
		"no length, zeros behind": {change(file, func(b []byte) []byte {
			clear(b[crcAt : contentAt+4])
			return append(b, make([]byte, 70_000)...)
		}), found{Tag: "t", Lines: two}},
		"no length, cut short": {change(file, func(b []byte) []byte { clear(b[crcAt : contentAt+4]); return b[:len(b)-1] }),
			found{Tag: "t", Lines: two[:1], Err: "what comes behind 1 events, at byte 17 of the content, is cut short"}},
		"no events":           {File("t", nil), found{Tag: "t"}},
		"routes behind a tag": {File("t\x00\x00\x00", events(1)), found{Tag: "t", Lines: two[:1]}},
		"a tag only":          {change(file, func(b []byte) []byte { clear(b[crcAt : crcAt+4]); copy(b[headSize:], "a.tag"); return b }), found{Tag: "a.tag", Lines: two}},
		"metrics":             {change(file, func(b []byte) []byte { b[headSize+2] = 1; return b }), found{Err: "it holds metrics, not logs"}},
		"traces":              {change(file, func(b []byte) []byte { b[headSize+2] = 2; return b }), found{Err: "it holds traces, not logs"}},
		"rejected metrics":    {File("", []byte{0x82, 0xa4, 'm', 'e', 't', 'a', 0x80, 0xa1, 'x', 0x90}), found{Err: "it holds metrics or traces, not logs"}},
		"version 1":           {File("t", []byte{0x92, 0xce, 0x6b, 7, 0x80, 0x9a, 0x81, 0xa1, 'n', 0, 0x92, 0xcb, 0x41, 0xda, 0xc1, 0xe0, 0x26, 0, 0, 0, 0x81, 0xa1, 'n', 1}), found{Tag: "t", Lines: two}},
		"groups":              {File("t", group), found{Tag: "t", Lines: two, Markers: 2}},
		"no event":            {File("t", append(events(1), 0x93, 1, 2, 3)), found{Tag: "t", Lines: two[:1], Err: "what comes behind 1 events, at byte 17 of the content, is no log event"}},
		"no msgpack":          {File("t", append(events(1), 0xc1)), found{Tag: "t", Lines: two[:1], Err: "what comes behind 1 events, at byte 17 of the content, cannot be read"}},
		"appended":            {File("t", slices.Concat(events(2), events(2))), found{Tag: "t", Lines: append(slices.Clone(two), two...)}},
	} {
		for size, of := range map[string]func(io.Reader) io.Reader{"at once": func(r io.Reader) io.Reader { return r }, "by bytes": iotest.OneByteReader} {
			got := readAll(t, of(bytes.NewReader(tt.file)))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, read %s (-want +got):\n%s", name, size, diff)
			}
		}
	}
}

// An error of the disk is not reported as damage of the chunk.
func TestReadError(t *testing.T) {
	t.Parallel()
	file := File("t", events(10_000))
	for _, n := range []int{10, headSize + 2, headSize + 10, len(file) - 10} {
		r, err := NewReader(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(os.ErrDeadlineExceeded)))
		for err == nil {
			_, err = r.Next()
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after %d bytes: %v, want the error of the file", n, err)
		}
	}
}

// A file of any size is read with little memory, also one that claims to have an event of
// gigabytes.
func TestBounded(t *testing.T) {
	t.Parallel()
	head := File("t", nil)
	clear(head[crcAt:contentAt])
	many := io.MultiReader(bytes.NewReader(head), &repeat{what: events(1000), times: 400})
	r, err := NewReader(many)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; err == nil; n++ {
		_, err = r.Next()
		if cap(r.buf) > 1<<20 {
			t.Fatalf("the buffer has grown to %d bytes after %d events", cap(r.buf), n)
		}
	}
	if !errors.Is(err, io.EOF) || n-1 != 400_000 {
		t.Errorf("%d events, then %v", n-1, err)
	}
	endless := slices.Concat(head, []byte{0x92, 0xce, 0, 0, 0, 0, 0xdf, 0xff, 0xff, 0xff, 0xff})
	r, err = NewReader(io.MultiReader(bytes.NewReader(endless), &repeat{what: bytes.Repeat([]byte{0xa0}, 4096), times: 1 << 20}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.Next(); err == nil || !strings.Contains(err.Error(), "has more than 32 MiB") || cap(r.buf) > 4*maxEvent {
		t.Errorf("an endless event: %v, in %d bytes", err, cap(r.buf))
	}
}

// repeat is a reader of a text many times.
type repeat struct {
	what  []byte
	times int
	left  []byte
}

func (r *repeat) Read(p []byte) (int, error) {
	if len(r.left) == 0 {
		if r.times == 0 {
			return 0, io.EOF
		}
		r.left = r.what
		r.times--
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for want, value := range map[string][]byte{
		`18446744073709551615`:      msgp.AppendUint64(nil, 1<<64-1),
		`-9223372036854775808`:      msgp.AppendInt64(nil, -1<<63),
		`0.1`:                       msgp.AppendFloat64(nil, 0.1),
		`1e-07`:                     msgp.AppendFloat64(nil, 1e-7),
		`1e+300`:                    msgp.AppendFloat64(nil, 1e300),
		`123456789012`:              msgp.AppendFloat64(nil, 123456789012),
		`0.25`:                      msgp.AppendFloat32(nil, 0.25),
		`"NaN"`:                     {0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0},
		`"\u0001\"\\ü\ufffd"`:       msgp.AppendString(nil, "\x01\"\\ü\xff"),
		`"bytes"`:                   msgp.AppendBytes(nil, []byte("bytes")),
		`{"a":1,"a":2}`:             {0x82, 0xa1, 'a', 1, 0xa1, 'a', 2},
		`{"1":true,"[null]":false}`: {0x82, 1, 0xc3, 0x91, 0xc0, 0xc2},
		`[[],{},""]`:                {0x93, 0x90, 0x80, 0xa0},
		`1795653786.5`:              {0xd7, 0, 0x6b, 7, 0x80, 0x9a, 0x1d, 0xcd, 0x65, 0},
		`"d40507"`:                  {0xd4, 5, 7},
	} {
		line, err := Event(slices.Concat([]byte{0x92, 0, 0x81, 0xa1, 'v'}, value)).AppendJSON(nil)
		want = strings.ReplaceAll(want, `\ufffd`, "\ufffd")
		if got := string(line); err != nil || got != `{"v":`+want+`}` {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]Origin{
		"confluence.audit_0_http.0_0x7f778da389a0.flb": {{"confluence.audit", "http.0"}},
		"t_403_my_siem_0x1.flb":                        {{"t", "my_siem"}},
		"a_1_b_0_c_2_d_0xff.flb":                       {{"a_1_b_0_c", "d"}, {"a_1_b", "c_2_d"}, {"a", "b_0_c_2_d"}},
		"t_-1_o_0x1.flb":                               {{"t", "o"}},
		"t_0_1_o_0x1.flb":                              {{"t_0", "o"}, {"t", "1_o"}},
		"2127-1795654028.984624319.flb":                nil,
		"_0_o_0x1.flb":                                 nil,
		"t_0__0x1.flb":                                 nil,
	} {
		if diff := cmp.Diff(want, Origins(name)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	long := strings.Repeat("x", 200)
	o := Origin{"a_b_c_" + long[:maxTag-6], "my_siem" + long[:maxOutput-7]}
	if !o.HasTag(`a/b\c:`+long) || !o.HasOutput("my:siem"+long) || o.HasTag(long) || o.HasOutput("siem") {
		t.Error("tags and outputs are not found by how they are written in a name")
	}
}
