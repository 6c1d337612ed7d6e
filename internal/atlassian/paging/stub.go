package paging

import (
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/scan"
)

// Why a record is left out.
const (
	tooLarge = "too large"
	tooDeep  = "nested too deep"
)

// stubBegin is how much of a record its stub shows, in bytes.
const stubBegin = 1000

// stub stands for a record that cannot be taken as it is, because one record must not keep back all
// others: an object in the format's own terms, with the record's time, why it was left out, its
// size, and its beginning. The record may be cut off; then its size is the least it can be.
func (f Format) stub(record []byte, why string, cut bool) atlassian.Record {
	var stub atlassian.Record
	text := []byte{'{'}
	if value := f.timeOf(record); value != nil {
		stub.Time = parseTime(value)
		text = append(append(append(text, f.time...), ':'), value...)
		text = append(text, ',')
	}
	if f == Entities {
		text = append(text, `"type":{"action":"record left out: `+why+`"}`...)
	} else {
		text = append(text, `"summary":"record left out: `+why+`"`...)
	}
	text = append(text, `,"truncated":{"reason":"`+why+`",`...)
	if cut {
		text = append(text, `"at_least":true,`...)
	}
	text = append(text, `"size":`...)
	text = strconv.AppendInt(text, int64(len(record)), 10)
	text = append(text, `,"begin":`...)
	begin := strings.ToValidUTF8(string(record[:min(len(record), stubBegin)]), "\ufffd")
	text, _ = jsontext.AppendQuote(text, begin) // fails for invalid UTF-8 only
	stub.Raw = append(text, "}}"...)
	return stub
}

// timeOf finds the time of a record that may be cut off or too deep to be parsed; nil when none can
// be read.
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
		if text := record[value:i]; string(name) == f.time && !parseTime(text).IsZero() {
			found = text
		}
		i, more = scan.Next(record, i, '}')
	}
	return found
}

// deep returns the place behind the record that begins at i when it is one that nests too deep,
// else -1.
func (f Format) deep(body []byte, i int) int {
	end := scan.Skip(body, i)
	if end < 0 || !nestsDeeper(body[i:end], recordNesting) {
		return -1
	}
	return end
}

// nestsDeeper tells whether brackets outside of strings nest deeper than n levels.
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

// cutOff reads what there is of a page whose end is missing: how many records are whole, most at
// most, and the one that is cut off, if the list got that far.
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
