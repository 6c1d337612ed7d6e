package confluence

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxPage   = 64 << 20 // bytes of one answer, unpacked
	maxRecord = 16 << 20 // bytes of one record
)

var (
	errNotList  = errors.New("not a list of audit records")
	errTooLarge = errors.New("too large")
)

// page is one answer of a list endpoint.
type page struct {
	records []Record // their Raw lies within the answer's body
	user    string   // whom Data Center says it is for, if it does

	// Of Data Center's pagingInfo.
	cursor   string
	lastPage lastPage
}

// lastPage is whether a page says that it is the last one.
type lastPage int

const (
	unsaid lastPage = iota
	isLast
	isNotLast
)

// pageFormat is how an API writes its pages.
type pageFormat struct {
	list string // quoted name of the member that holds the records
	time string // quoted name of the member of a record that holds its time
}

var (
	auditFormat    = pageFormat{list: `"results"`, time: `"creationDate"`} // Cloud, and Server before 7.5
	auditingFormat = pageFormat{list: `"entities"`, time: `"timestamp"`}   // Data Center
)

// lenient takes what Atlassian sends: that a name is repeated or a string is not
// UTF-8 is no reason to lose a record.
var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// parse reads a page from a whole body and appends its records to into. The
// body must not be used again: the records share it. Nesting deeper than 10,000
// levels is an error (a limit of jsontext).
func (f pageFormat) parse(body []byte, into []Record) (page, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	p := page{records: into}
	// A bytes.Buffer is read in place, so offsets of the decoder are offsets
	// of body, and nothing is copied.
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), lenient...)
	if dec.PeekKind() != '{' {
		return p, errNotList
	}
	if _, err := dec.ReadToken(); err != nil {
		return p, err
	}
	found := false
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return p, err
		}
		switch {
		case string(name) == f.list && dec.PeekKind() == '[':
			found = true
			if err := f.parseList(dec, body, &p); err != nil {
				return p, err
			}
		case string(name) == `"pagingInfo"` && dec.PeekKind() == '{':
			info, err := dec.ReadValue()
			if err != nil {
				return p, err
			}
			if err := p.parsePaging(info); err != nil {
				return p, err
			}
		default:
			if err := dec.SkipValue(); err != nil {
				return p, err
			}
		}
	}
	if _, err := dec.ReadToken(); err != nil { // the closing brace
		return p, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return p, fmt.Errorf("%w: more than one value", errNotList)
	}
	if !found {
		return p, errNotList
	}
	return p, nil
}

func (f pageFormat) parseList(dec *jsontext.Decoder, body []byte, p *page) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch dec.PeekKind() {
		case ']':
			_, err := dec.ReadToken()
			return err
		case '{':
			record, err := f.parseRecord(dec, body)
			if err != nil {
				return err
			}
			p.records = append(p.records, record)
		default:
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			if len(value) > maxRecord {
				return fmt.Errorf("record of %d bytes: %w", len(value), errTooLarge)
			}
			end := dec.InputOffset()
			p.records = append(p.records, Record{Raw: body[end-int64(len(value)) : end : end]})
		}
	}
}

func (f pageFormat) parseRecord(dec *jsontext.Decoder, body []byte) (Record, error) {
	var record Record
	if _, err := dec.ReadToken(); err != nil {
		return record, err
	}
	start := dec.InputOffset() - 1
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return record, err
		}
		if string(name) != f.time {
			if err := dec.SkipValue(); err != nil {
				return record, err
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return record, err
		}
		record.Time = parseTime(value)
	}
	if _, err := dec.ReadToken(); err != nil {
		return record, err
	}
	end := dec.InputOffset()
	if end-start > maxRecord {
		return record, fmt.Errorf("record of %d bytes: %w", end-start, errTooLarge)
	}
	record.Raw = body[start:end:end]
	return record, nil
}

// parsePaging reads pagingInfo. nextPageLink is not looked at: it is built from
// the server's idea of its own address and has been seen without from and to.
func (p *page) parsePaging(info jsontext.Value) error {
	return eachMember(info, func(name string, value jsontext.Value) {
		switch {
		case name == "lastPage" && value.Kind() == 't':
			p.lastPage = isLast
		case name == "lastPage" && value.Kind() == 'f':
			p.lastPage = isNotLast
		case name == "nextPageCursor":
			p.cursor = unquote(value)
		}
	})
}

// unquote is the text of a JSON string, or a number as it is written.
func unquote(value jsontext.Value) string {
	switch value.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, value)
		return string(text)
	case '0':
		return string(value)
	}
	return ""
}

// eachMember calls f for every member of a JSON object. The value is valid
// during the call only.
func eachMember(object jsontext.Value, f func(name string, value jsontext.Value)) error {
	dec := jsontext.NewDecoder(bytes.NewBuffer(object), lenient...)
	if dec.PeekKind() != '{' {
		return errors.New("not a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		f(name, value)
	}
	_, err := dec.ReadToken()
	return err
}

// releasePadding lets go of a body that is mostly something else than its
// records: a caller that keeps those would keep all of it.
func releasePadding(records []Record, body int) {
	used := 0
	for _, r := range records {
		used += len(r.Raw)
	}
	if body <= 2*used+64<<10 {
		return
	}
	for i := range records {
		records[i].Raw = bytes.Clone(records[i].Raw)
	}
}
