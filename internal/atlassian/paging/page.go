package paging

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/scan"
)

const (
	maxRecord   = 4 << 20               // bytes of one record that is delivered as it came
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
	memory  *memory            // of both, until release
	User    string             // whom Data Center says it is for, if it does
	others  []otherTime

	// Of Data Center's pagingInfo.
	cursor   string
	lastPage lastPage
}

// otherTime is another time that a record has, beside the one that counts.
type otherTime struct {
	record int
	at     time.Time
}

// within lets that time of a record count that lies in the window.
func (p *Page) within(w window) {
	for _, o := range p.others {
		if r := &p.records[o.record]; !w.holds(r.Time) && w.holds(o.at) {
			r.Time = o.at
		}
	}
}

// lastPage is whether a page says that it is the last one.
type lastPage int

const (
	unsaid lastPage = iota
	isLast
	isNotLast
	isCut // its end is missing, and what it says there
)

// Format is how an API writes its pages.
type Format struct {
	list string // quoted name of the member that holds the records
	time string // quoted name of the member of a record that holds its time
}

// The formats there are.
var (
	Results  = Format{list: `"results"`, time: `"creationDate"`} // Cloud, and Server before 7.5
	Entities = Format{list: `"entities"`, time: `"timestamp"`}   // Data Center
)

// parse reads a page from a whole body and appends its records to into. The body must not be used
// again: the records share it. Records that are too large, or nest deeper than scan.MaxNesting
// levels, are left out for stubs; all else that nests deeper is an error.
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

// isList tells whether a member is the list of records.
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
			// Either no JSON, or too deep: then it has an end after all.
			if end = f.deep(body, start); end < 0 {
				return end, nil
			}
			why = tooDeep
		case end-start > maxRecord:
			why = tooLarge
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

// recordNesting is what the page and the list leave.
const recordNesting = scan.MaxNesting - 2

// parseRecord returns the place behind the record that begins at i, and its time; other is one more
// that it has. What is no object is a record too, without a time.
func (f Format) parseRecord(body []byte, i int) (end int, at, other time.Time) {
	if i >= len(body) || body[i] != '{' {
		return scan.Value(body, i, recordNesting), at, other
	}
	i, more := scan.First(body, i)
	for more {
		name, value := scan.Name(body, i)
		i = scan.Value(body, value, recordNesting-1)
		if i >= 0 && string(name) == f.time {
			if t := parseTime(body[value:i]); !t.Equal(at) {
				other, at = at, t
			}
		}
		i, more = scan.Next(body, i, '}')
	}
	return i, at, other
}

// syntaxError is what jsontext has to say about a body that is not JSON: what is wrong, and where.
func syntaxError(body []byte) error {
	if err := jsontext.NewDecoder(bytes.NewBuffer(body), atlassian.Lenient...).SkipValue(); err != nil {
		return err
	}
	return errNotList
}

// parsePaging reads pagingInfo. nextPageLink is not looked at: it is built from the server's idea
// of its own address and has been seen without from and to.
func (p *Page) parsePaging(info jsontext.Value) error {
	return atlassian.EachMember(info, func(name string, value jsontext.Value) {
		switch {
		case name == "lastPage" && value.Kind() == 't':
			p.lastPage = isLast
		case name == "lastPage" && value.Kind() == 'f':
			p.lastPage = isNotLast
		case name == "nextPageCursor":
			p.cursor = atlassian.Unquote(value)
		}
	})
}
