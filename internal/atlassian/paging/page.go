package paging

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/scan"
	"fluent-bit-confluence/internal/timerange"
)

// MaxRecord is how many bytes a record may have that is delivered as it came.
const MaxRecord = 4 << 20

const (
	maxElements = atlassian.MaxPageSize // records of one page, whatever was asked for
	maxCursor   = 1 << 10               // bytes of a cursor
)

var (
	errNotList = errors.New("not a list of audit records")
	errTooMany = errors.New("more records than a page can have")
)

// Page is one answer of a list endpoint.
type Page struct {
	records []atlassian.Record // their Raw lies within the answer's body
	memory  *memory            // of records and body, until Release
	User    string             // user that Data Center names, if it does
	others  []otherTime

	// Of Data Center's pagingInfo.
	cursor   string
	lastPage lastPage
}

// otherTime is a second time that a record has.
type otherTime struct {
	record int
	at     time.Time
}

// within chooses for each record the time that lies in the window.
func (p *Page) within(r timerange.Range) {
	for _, o := range p.others {
		if rec := &p.records[o.record]; !holds(r, rec.Time) && holds(r, o.at) {
			rec.Time = o.at
		}
	}
}

// lastPage is what a page says about being the last one.
type lastPage int

const (
	unsaid lastPage = iota
	isLast
	isNotLast
	isCut // the end of the page is missing, so it is unknown
)

// parse reads a page from a whole body and appends its records to into. The records share the body,
// which must not be changed. Records that are too large or nest too deep are replaced by stubs.
// Anything else that nests deeper than scan.MaxNesting levels is an error.
func (f Format) parse(body []byte, into []atlassian.Record) (Page, error) {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	p := Page{records: into}
	i := scan.Space(body, 0)
	if i >= len(body) || body[i] != '{' {
		return p, errNotList
	}
	found := false
	i, more := scan.First(body, i)
	for more {
		name, value := scan.Name(body, i)
		if f.isList(name, body, value) {
			found = true
			var err error
			if i, err = f.parseList(body, value, &p); err != nil {
				return p, err
			}
		} else {
			i = scan.Value(body, value, scan.MaxNesting-1)
			if i >= 0 && string(name) == `"pagingInfo"` && body[value] == '{' {
				if err := p.parsePaging(body[value:i]); err != nil {
					return p, err
				}
			}
		}
		i, more = scan.Next(body, i, '}')
	}
	switch {
	case i < 0:
		return p, syntaxError(body)
	case scan.Space(body, i) < len(body):
		return p, fmt.Errorf("%w: more than one value", errNotList)
	case !found:
		return p, errNotList
	}
	return p, nil
}

// isList reports whether a member is the list of records.
func (f Format) isList(name, body []byte, value int) bool {
	return string(name) == f.list && value < len(body) && body[value] == '['
}

// parseList appends the records of the list that begins at i, and returns the place behind it.
func (f Format) parseList(body []byte, i int, p *Page) (int, error) {
	i, more := scan.First(body, i)
	for more {
		if len(p.records) == maxElements {
			return i, errTooMany
		}
		start := i
		end, at, other := f.parseRecord(body, i)
		why := ""
		switch {
		case end < 0:
			// It is no JSON, or it nests too deep: then deep finds its end.
			if end = f.deep(body, start); end < 0 {
				return end, nil
			}
			why = TooDeep
		case end-start > MaxRecord:
			why = TooLarge
		}
		record := atlassian.Record{Time: at, Raw: body[start:end:end]}
		if why != "" {
			record = f.stub(record.Raw, why, false)
			other = time.Time{}
		}
		if !other.IsZero() {
			p.others = append(p.others, otherTime{len(p.records), other})
		}
		p.records = append(p.records, record)
		i, more = scan.Next(body, end, ']')
	}
	return i, nil
}

// recordNesting is how deep a record may nest, inside the page and the list.
const recordNesting = scan.MaxNesting - 2

// parseRecord returns the place behind the record that begins at i, and its time. other is a second
// time, if it has one. A value that is no object is a record without a time.
func (f Format) parseRecord(body []byte, i int) (end int, at, other time.Time) {
	if i >= len(body) || body[i] != '{' {
		return scan.Value(body, i, recordNesting), at, other
	}
	i, more := scan.First(body, i)
	for more {
		name, value := scan.Name(body, i)
		i = scan.Value(body, value, recordNesting-1)
		if i >= 0 && string(name) == f.time {
			if t := atlassian.ParseTime(body[value:i]); !t.Equal(at) {
				other, at = at, t
			}
		}
		i, more = scan.Next(body, i, '}')
	}
	return i, at, other
}

// syntaxError returns the error of jsontext for a body that is not JSON: what is wrong, and where.
func syntaxError(body []byte) error {
	if err := jsontext.NewDecoder(bytes.NewBuffer(body), atlassian.Lenient...).SkipValue(); err != nil {
		return err
	}
	return errNotList
}

// parsePaging reads pagingInfo. It ignores nextPageLink, which the server builds from its own base
// URL and which has been seen without from and to.
func (p *Page) parsePaging(info jsontext.Value) error {
	return atlassian.EachMember(info, func(name string, value jsontext.Value) {
		switch {
		case name == "lastPage" && value.Kind() == 't':
			p.lastPage = isLast
		case name == "lastPage" && value.Kind() == 'f':
			p.lastPage = isNotLast
		case name == "nextPageCursor" && value.Kind() == '{': // as documented for Jira
			_ = atlassian.EachMember(value, func(name string, value jsontext.Value) {
				if name == "cursor" {
					p.cursor = atlassian.Unquote(value)
				}
			})
		case name == "nextPageCursor":
			p.cursor = atlassian.Unquote(value)
		}
	})
}
