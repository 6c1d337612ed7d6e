package scan_test

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

// disagree returns how Value differs for src from a parser that shares no code with it, "" when it
// does not.
func disagree(src []byte) string {
	got := scan.Value(src, scan.Space(src, 0), scan.MaxNesting)
	alone := got >= 0 && scan.Space(src, got) == len(src)
	dec := jsontext.NewDecoder(bytes.NewBuffer(src), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := dec.SkipValue(); err != nil {
		if alone {
			return fmt.Sprintf("ends at %d, want %v", got, err)
		}
		return ""
	}
	want := int(dec.InputOffset())
	if _, err := dec.ReadToken(); alone != errors.Is(err, io.EOF) || alone && got != want {
		return fmt.Sprintf("ends at %d of %d, want %d and %v", got, len(src), want, err)
	}
	return ""
}

func TestValue(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, number := range []string{
		"0", "-0", "-", "+1", "1", "12", "01", "-01", "1.", "1.0", ".5", "1.e1", "1e", "1e+", "1e-", "1e+0", "1E05", "1.5e-7", "1e1.5", "--1", "0x1", "1_000", "Infinity", "NaN", "1 2", "1a", "00", "0e0", "0.0", "-1.",
		"true", "tru", "truE", "true1", "falsetrue", "false", "fals", "null", "nul", "nulll", "n", "t", "f", "undefined", "'a'", "\xef\xbb\xbf1", "/**/1", "1//",
	} {
		for _, form := range []string{"%s", " %s ", "[%s]", "[%s,%s]", `{"a":%s}`, `{"a":%s,"b":%s}`, "{%s:1}", "\t%s\r\n", "%s\v", "%s\x00"} {
			texts = append(texts, strings.ReplaceAll(form, "%s", number))
		}
	}
	// Special characters at every offset of the words in which strings are scanned.
	for _, piece := range []string{
		``, `"`, `\"`, `\\`, `\/`, `\b\f\n\r\t`, `\x`, `\`, `\u0041`, `\u004`, `\u004g`, `\U0041`, `\ud83d\ude00`, `\ud83d`, `\uD83D\u`, `\uaAfF`, `\u` + "`@GG",
		"\x00", "\x1f", "\x20", "\x21", "\x23", "\x5b", "\x5d", "\x7f", "\x80", "\xff", "\xa2", "\xdc", "é", "\U0001F600", "\xf0\x9f", "\n",
	} {
		for before := range 10 {
			for _, after := range []int{0, 1, 7, 8, 9, 17} {
				text := `"` + strings.Repeat("a", before) + piece + strings.Repeat("b", after) + piece + `"`
				texts = append(texts, text, `{`+text+`:[`+text+`]}`)
			}
		}
	}
	texts = append(texts, ``, ` `, `{`, `}`, `[`, `]`, `{}`, `[]`, `{]`, `[}`, `[,]`, `[1,]`, `[,1]`, `[1 2]`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{"a"::1}`, `{"a":1 "b":2}`, `{"a":1;}`, `{{}:1}`,
		`[[],{}]`, `[{},[]]`, `[]1`, `{},`, `[1]]`, `:`, `,`, `{"a":1,"a":2}`, " \t\r\n{ \"a\" \n:\t[ 1 , { } , [ ] ]\r} \n", `{"a":1,"b"`, `{"a":1,"b":`, `{"a":1,"`, `{"a`, `["a"`, `["a",`)
	for _, depth := range []int{scan.MaxNesting - 1, scan.MaxNesting, scan.MaxNesting + 1} {
		texts = append(texts, strings.Repeat("[", depth)+strings.Repeat("]", depth), strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat("}", depth), strings.Repeat("[[],", depth-1)+"[]"+strings.Repeat("]", depth-1))
	}
	for _, text := range texts {
		if how := disagree([]byte(text)); how != "" {
			t.Errorf("%.100q: %s", text, how)
		}
	}
}

// TestString: only a plain text is reported as plain, and one with eight more bytes behind it
// always is.
func TestString(t *testing.T) {
	t.Parallel()
	for before := range 20 {
		for after := range 20 {
			for piece, plain := range map[string]bool{"a": true, `\n`: false, "é": false, "\xff": false, `\u00e9`: false} {
				src := `"` + strings.Repeat("a", before) + piece + strings.Repeat("b", after) + `"`
				for behind, room := range map[string]bool{"": false, ":": false, "é, \\ and so on": true} {
					end, got := scan.String([]byte(src+behind), 0)
					if end != len(src) || got && !plain || room && got != plain {
						t.Errorf("%q: end %d, plain %v", src+behind, end, got)
					}
				}
			}
		}
	}
}

// FuzzValue: another parser agrees on whether there is a value, and where it ends.
func FuzzValue(f *testing.F) {
	for _, src := range []string{`{"a":[1.5e-7,"\ud83d\ude00\u00e9\/",true,null],"a":{}}`, "[\"\xff\",\"caf\xc3\xa9 au lait\"] []", ` [ ] `, `"\ud800"`, `-0`, `[1,2`} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if how := disagree(src); how != "" {
			t.Error(how)
		}
	})
}
