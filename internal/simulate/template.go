package simulate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"
)

// serialMark stands for the record's serial in the catalogues.
const serialMark = "{serial}"

// dialect renders records in one of Atlassian's formats. It makes pieces of JSON once, and joins
// them for each record.
type dialect struct {
	people   []person
	time     func([]byte, int64) []byte
	numbered bool // each record has an id, as its first member
}

// person is the part of a record that depends on who did it, and the events that this person can
// cause.
type person struct {
	before    []byte // up to the time's value
	after     []byte // behind the time's value
	end       []byte // closes the record
	templates []template
}

// template is the text between the serials of one kind of event.
type template [][]byte

// newTemplate takes the members of a JSON object, without its braces.
func newTemplate(members []byte) template {
	return bytes.Split(members, []byte(serialMark))
}

// render appends the record of one generated event. It costs little more than copying the text.
func (d *dialect) render(dst []byte, seed uint64, origin int, ms int64) []byte {
	choice := mix(seed, saltText, uint64(origin))
	p := &d.people[choice>>32%uint64(len(d.people))]
	t := p.templates[choice&(1<<32-1)%uint64(len(p.templates))]
	dst = append(dst, p.before...)
	dst = d.time(dst, ms)
	dst = append(dst, p.after...)
	dst = append(dst, t[0]...)
	for _, piece := range t[1:] {
		dst = appendSerial(dst, origin)
		dst = append(dst, piece...)
	}
	return append(dst, p.end...)
}

// renderOne returns the record of a person's first kind of event, with a serial that is not that of
// a generated record.
func renderOne(p person, time func([]byte, int64) []byte, serial string, ms int64) []byte {
	p.templates = []template{{bytes.Join(p.templates[0], []byte(serial))}}
	single := dialect{people: []person{p}, time: time}
	return single.render(nil, 0, 0, ms)
}

// appendSerial appends the serial of the generated record with this index; the first one is
// SIM-000001.
func appendSerial(dst []byte, index int) []byte {
	n := index + 1
	dst = append(dst, "SIM-"...)
	for pad := 100000; pad > n; pad /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

func epochTime(dst []byte, ms int64) []byte { return strconv.AppendInt(dst, ms, 10) }

func isoTime(dst []byte, ms int64) []byte {
	return time.UnixMilli(ms).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

// mustJSON renders values of this package's own types, without escaping < > &, as Atlassian does.
func mustJSON(value any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// quote returns the text as a JSON string. %q is no substitute: Go has escapes that JSON does not
// have.
func quote(text string) []byte { return mustJSON(text) }

// members renders an object without its braces.
func members(value any) []byte {
	object := mustJSON(value)
	return object[1 : len(object)-1]
}
