package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/scan"
)

// judged parses a record with a parser that shares no code with ours.
func judged(src []byte) ([]string, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(src), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var nodes []string
	var open []int
	for first := true; first || len(open) > 0; first = false {
		switch kind := dec.PeekKind(); kind {
		case '{', '[':
			if _, err := dec.ReadToken(); err != nil {
				return nil, err
			}
			open = append(open, len(nodes))
			nodes = append(nodes, fmt.Sprintf("%c %d", kind, dec.InputOffset()-1))
		case '}', ']':
			if _, err := dec.ReadToken(); err != nil {
				return nil, err
			}
			last := open[len(open)-1]
			nodes[last] += fmt.Sprintf("-%d next %d", dec.InputOffset(), len(nodes))
			open = open[:len(open)-1]
		default:
			text, err := dec.ReadValue()
			if err != nil {
				return nil, err
			}
			if kind == '"' {
				text, _ = jsontext.AppendUnquote(nil, text)
			}
			nodes = append(nodes, fmt.Sprintf("%c %s next %d", kind, text, len(nodes)+1))
		}
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return nodes, nil
}

// disagree returns how a document differs from the other parser's result, "" when it does not.
func disagree(d *Document, src []byte) string {
	err := d.parse(src)
	want, wantErr := judged(src)
	if (err == nil) != (wantErr == nil) || d.readable != (err == nil) {
		return fmt.Sprintf("error %v, want %v", err, wantErr)
	}
	if err != nil {
		return ""
	}
	if len(d.nodes) != len(want) {
		return fmt.Sprintf("%d nodes, want %d", len(d.nodes), len(want))
	}
	for i, n := range d.nodes {
		got := fmt.Sprintf("%c %s next %d", n.kind, d.Text(uint32(i)), n.next)
		if n.kind == '{' || n.kind == '[' {
			got = fmt.Sprintf("%c %d-%d next %d", n.kind, n.start, n.end, n.next)
		}
		if got != want[i] {
			return fmt.Sprintf("node %d is %s, want %s", i, got, want[i])
		}
	}
	return ""
}

// TestScan puts special characters at every offset of the words in which strings are scanned.
func TestScan(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, piece := range []string{
		``, `"`, `\"`, `\\`, `\/`, `\b\f\n\r\t`, `\x`, `\`, `\u0041`, `\u004`, `\u004g`, `\U0041`, `\ud83d\ude00`, `\ud83d`, `\ude00`, `\ud83d\u0041`, `\uD83D\uDE00`, `\u0000`,
		"\x00", "\x1f", "\x20", "\x21", "\x23", "\x5b", "\x5d", "\x7f", "\x80", "\xff", "\xa2", "\xdc", "é", "\u2028", "\U0001F600", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "\n", "\t",
	} {
		for before := range 10 {
			for _, after := range []int{0, 1, 7, 8, 9} {
				texts = append(texts, `"`+strings.Repeat("a", before)+piece+strings.Repeat("b", after)+`"`)
				texts = append(texts, `{"`+strings.Repeat("a", before)+piece+`":["`+strings.Repeat("b", after)+piece+`"]}`)
			}
		}
	}
	for _, scalar := range []string{`0`, `-1.5e-7`, `01`, `1.`, `true`, `false`, `null`, `nul`} {
		texts = append(texts, scalar, " "+scalar+" ", "["+scalar+","+scalar+"]", `{"a":`+scalar+`,"b":`+scalar+`}`, `{`+scalar+`:1}`)
	}
	texts = append(texts, ``, ` `, `{`, `}`, `[`, `]`, `{}`, `[]`, `{]`, `[}`, `[,]`, `[1,]`, `[,1]`, `[1 2]`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{"a"::1}`, `{"a":1 "b":2}`, `{"a":1;}`, `{1:2}`, `{null:2}`, `{{}:1}`,
		`{"a":{}}`, `{"a":[]}`, `[[],{}]`, `[{},[]]`, `{} {}`, `{}{}`, `[]1`, `1,`, `{},`, `[1]]`, `{"a":1}}`, `:`, `,`, `"a":1`, `{"a":1,"a":2}`, " \t\r\n{ \"a\" \n:\t[ 1 , { } , [ ] ]\r} \n", `{"a":1,"b"`, `{"a":1,"b":`, `{"a":1,"`,
		`"\ud800"x`, `"\ud800\`, `"\ud800\u`, `"\ud800\udc0`)
	for _, depth := range []int{scan.MaxNesting - 1, scan.MaxNesting, scan.MaxNesting + 1} {
		texts = append(texts, strings.Repeat("[", depth)+strings.Repeat("]", depth), strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat("}", depth), strings.Repeat("[[],", depth-1)+"[]"+strings.Repeat("]", depth-1))
	}
	var d Document
	for _, text := range texts {
		if how := disagree(&d, []byte(text)); how != "" {
			t.Errorf("%.100q: %s", text, how)
		}
	}
}

func TestScanLimits(t *testing.T) {
	t.Parallel()
	var d Document
	for _, nodes := range []int{maxNodes - 1, maxNodes} {
		for _, text := range []string{"[0" + strings.Repeat(",0", nodes-2) + "]", "[{}" + strings.Repeat(",[]", nodes-2) + "]", `{"a":[` + strings.Repeat(`"",`, nodes-4) + `1]}`} {
			if err := d.parse([]byte(text)); errors.Is(err, errLarge) != (nodes == maxNodes) || err == nil && len(d.nodes) != nodes {
				t.Errorf("%d nodes, %.10s: %v", nodes, text, err)
			}
		}
	}
}

// FuzzScan: another parser agrees on whether a text is JSON, and on its values.
func FuzzScan(f *testing.F) {
	for _, raw := range []string{`{"author":{"accountId":"557058:0f3a","isGuest":false},"creationDate":1637628276398,"summary":"Space created","affectedObject":{"name":"A \"B\"","objectType":"Space"},"changedValues":[],"associatedObjects":[{}]}`,
		`{"a":[1.5e-7,"\ud83d\ude00\u00e9\/",true,null],"a":{}}`, "[\"\xff\",\"caf\xc3\xa9 au lait\"]", ` [ ] `, `"\ud800"`, `-0`} {
		f.Add([]byte(raw))
	}
	var d Document
	f.Fuzz(func(t *testing.T, raw []byte) {
		if how := disagree(&d, raw); how != "" {
			t.Error(how)
		}
	})
}
