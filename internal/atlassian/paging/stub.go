package paging

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/scan"
)

// Why a record was replaced by a stub.
const (
	TooLarge = "too large"
	TooDeep  = "nested too deep"
)

// stubBegin is how much of the record a stub shows, in bytes.
const stubBegin = 1000

// stub returns a record in place of one that is too large or nests too deep: one record must not
// hold up all others. The stub is an object in the format of the API with the record's time, why it
// was replaced, its size and its beginning. If the record is cut off, the size is that of the part
// received.
func (f Format) stub(record []byte, why string, cut bool) atlassian.Record {
	var stub atlassian.Record
	text := []byte{'{'}
	if value := f.timeOf(record); value != nil {
		stub.Time = atlassian.ParseTime(value)
		text = append(append(append(text, f.time...), ':'), value...)
		text = append(text, ',')
	}
	if f.time == Entities.time {
		text = append(text, `"type":{"action":"record left out: `+why+`"}`...)
	} else {
		text = append(text, `"summary":"record left out: `+why+`"`...)
	}
	stub.Raw = append(AppendTruncated(append(text, ','), record, why, cut), '}')
	return stub
}

// AppendTruncated appends the member "truncated" of a stub: why a record was replaced, its size and
// its beginning.
func AppendTruncated(text, record []byte, why string, cut bool) []byte {
	text = append(text, `"truncated":{"reason":"`+why+`",`...)
	if cut {
		text = append(text, `"at_least":true,`...)
	}
	text = append(text, `"size":`...)
	text = strconv.AppendInt(text, int64(len(record)), 10)
	text = append(text, `,"begin":`...)
	begin := strings.ToValidUTF8(string(record[:min(len(record), stubBegin)]), "\ufffd")
	text, _ = jsontext.AppendQuote(text, begin) // fails for invalid UTF-8 only
	return append(text, '}')
}

// timeOf returns the time of a record that may be cut off or too deep to parse, nil if it cannot be
// read.
func (f Format) timeOf(record []byte) []byte {
	if len(record) == 0 || record[0] != '{' {
		return nil
	}
	var found []byte
	i, more := scan.First(record, 0)
	for more {
		name, value := scan.Name(record, i)
		if i = scan.Skip(record, value); i < 0 {
			break
		}
		if text := record[value:i]; string(name) == f.time && !atlassian.ParseTime(text).IsZero() {
			found = text
		}
		i, more = scan.Next(record, i, '}')
	}
	return found
}

// deep returns the place behind the record that begins at i if it nests too deep, else -1.
func (f Format) deep(body []byte, i int) int {
	end := scan.Skip(body, i)
	if end < 0 || !NestsTooDeep(body[i:end]) {
		return -1
	}
	return end
}

// NestsTooDeep reports whether a record nests deeper than JSON may, inside a page and its list.
func NestsTooDeep(record []byte) bool { return nestsDeeper(record, recordNesting) }

// nestsDeeper reports whether brackets outside of strings nest deeper than n levels.
func nestsDeeper(text []byte, n int) bool {
	depth := 0
	for i := 0; uint(i) < uint(len(text)); i++ {
		switch text[i] {
		case '"':
			end, _ := scan.String(text, i)
			if end < 0 {
				return false
			}
			i = end - 1
		case '{', '[':
			if depth++; depth > n {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// cutOff reads a page whose end is missing. It returns how many records are whole, at most most,
// and the record that is cut off, if there is one.
func (f Format) cutOff(body []byte, most int) (whole int, last []byte) {
	i := scan.Space(body, 0)
	if i >= len(body) || body[i] != '{' {
		return 0, nil
	}
	i, more := scan.First(body, i)
	for more {
		name, value := scan.Name(body, i)
		if !f.isList(name, body, value) {
			i, more = scan.Next(body, scan.Skip(body, value), '}')
			continue
		}
		i, more = scan.First(body, value)
		for more && whole < most {
			end := scan.Skip(body, i)
			if end < 0 || end >= len(body) {
				return whole, body[i:]
			}
			whole++
			i, more = scan.Next(body, end, ']')
		}
		break
	}
	return whole, nil
}
