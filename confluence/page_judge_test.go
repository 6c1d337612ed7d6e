package confluence

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// judge parses a page with the tokens of jsontext, which share no code with
// ours.
func (f pageFormat) judge(body []byte) (page, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var p page
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
			if err := f.judgeList(dec, body, &p); err != nil {
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

func (f pageFormat) judgeList(dec *jsontext.Decoder, body []byte, p *page) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for {
		switch dec.PeekKind() {
		case ']':
			_, err := dec.ReadToken()
			return err
		case '{':
			record, err := f.judgeRecord(dec, body)
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

func (f pageFormat) judgeRecord(dec *jsontext.Decoder, body []byte) (Record, error) {
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
