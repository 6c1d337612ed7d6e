package paging

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"fluent-bit-confluence/internal/atlassian"

	"github.com/go-json-experiment/json/jsontext"
)

// judge parses a page with the tokens of jsontext, which share no code with ours.
func (f Format) judge(body []byte) (Page, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	var p Page
	dec := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
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

func (f Format) judgeList(dec *jsontext.Decoder, body []byte, p *Page) error {
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for {
		if len(p.records) == maxElements && dec.PeekKind() != ']' {
			return errTooMany
		}
		switch dec.PeekKind() {
		case ']':
			_, err := dec.ReadToken()
			return err
		case '{':
			record, other, err := f.judgeRecord(dec, body)
			if err != nil {
				return err
			}
			if !other.IsZero() {
				p.others = append(p.others, otherTime{len(p.records), other})
			}
			p.records = append(p.records, record)
		default:
			value, err := dec.ReadValue()
			if err != nil {
				return err
			}
			end := dec.InputOffset()
			if len(value) > MaxRecord {
				p.records = append(p.records, f.stub(value, TooLarge, false))
				break
			}
			p.records = append(p.records, atlassian.Record{Raw: body[end-int64(len(value)) : end : end]})
		}
	}
}

func (f Format) judgeRecord(dec *jsontext.Decoder, body []byte) (record atlassian.Record, other time.Time, err error) {
	if _, err := dec.ReadToken(); err != nil {
		return record, other, err
	}
	start := dec.InputOffset() - 1
	for dec.PeekKind() == '"' {
		name, err := dec.ReadValue()
		if err != nil {
			return record, other, err
		}
		if string(name) != f.time {
			if err := dec.SkipValue(); err != nil {
				return record, other, err
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return record, other, err
		}
		if t := atlassian.ParseTime(value); !t.Equal(record.Time) {
			record.Time, other = t, record.Time
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return record, other, err
	}
	end := dec.InputOffset()
	if end-start > MaxRecord {
		return f.stub(body[start:end], TooLarge, false), time.Time{}, nil
	}
	record.Raw = body[start:end:end]
	return record, other, nil
}
