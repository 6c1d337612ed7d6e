// Package record turns one audit record, the JSON a site sent, into one event for Fluent Bit.
package record

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Site says where a record came from. It becomes part of the object `atlassian` of each event.
type Site struct {
	URL        string // canonical base URL, such as https://acme.atlassian.net
	Deployment string // cloud or datacenter
	CloudID    string // empty when there is none or it is not known
}

// Meta is what the collector knows about a record beyond its content.
type Meta struct {
	Fingerprint Fingerprint
	Occurrence  int           // 0, 1, 2.. among records of the same fingerprint
	Read        time.Time     // when the record was read; the event's time when the record has none
	Late        time.Duration // how long after its own time the record was first seen; 0 unless it came late
}

// Format is how events look.
type Format struct {
	Schema      string // one of [Schemas]
	OCSFVersion string // one of [OCSFVersions] for the schema `ocsf`; empty: the newest
	IncludeRaw  bool   // whether the other schemas also carry the record as it was sent, as text
}

// Schemas are the names of the schemas, raw first.
func Schemas() []string {
	names := make([]string, len(schemas))
	for i, s := range schemas {
		names[i] = s.name
	}
	return names
}

// schema writes one event's map. Each lives in a file of its own.
type schema struct {
	name  string
	write func(w writer, site *Site, ev *event)
}

var schemas = [...]schema{{"raw", writeRaw}, {"ecs", writeECS}, {"ocsf", writeOCSF}, {"asim", writeASIM}, {"cim", writeCIM}}

// event is what a schema renders.
type event struct {
	doc     *Document
	time    time.Time // the event's time
	ownTime bool      // whether that is the record's
	read    time.Time
	id      []byte // as AppendEventID gives it
	late    time.Duration
	problem string // why the event is not quite what it should be; empty for nearly all

	// Of the schemas that interpret the record.
	includeRaw bool
	ocsf       *ocsfVersion
	host       []byte // of the site
	reading    reading
	unknown    int // records so far whose action is not in the table
	scratch    []byte
	text       jsonWriter
}

// Encoder renders the records of one site in one schema. It keeps its scratch memory from record to record, so it
// serves one goroutine at a time.
type Encoder struct {
	site    Site
	write   func(w writer, site *Site, ev *event)
	event   event
	msgpack msgpackWriter
	json    jsonWriter
}

// NewEncoder returns an encoder for the records of site.
func NewEncoder(format Format, site Site) (*Encoder, error) {
	ocsf := ocsfVersionOf(format.OCSFVersion)
	if ocsf == nil {
		return nil, fmt.Errorf("choose version %q of OCSF: use one of %s", format.OCSFVersion, strings.Join(OCSFVersions(), ", "))
	}
	for _, s := range schemas {
		if s.name == format.Schema {
			return &Encoder{site: site, write: s.write, event: event{includeRaw: format.IncludeRaw, ocsf: ocsf, host: hostOf([]byte(site.URL))}}, nil
		}
	}
	return nil, fmt.Errorf("choose schema %q: there is no such schema, use one of %s", format.Schema, strings.Join(Schemas(), ", "))
}

// Unknown is how many records so far had an action that is not in the table of actions. They are delivered as the other
// records are, classified as other. With the schema `raw` nobody looks, and it is 0.
func (e *Encoder) Unknown() int { return e.event.unknown }

// Append appends the event of one record to dst: the msgpack array [EventTime, map] that Fluent Bit takes. t is the
// record's own time, zero when it cannot be read; doc is the record as it was sent. Append never fails: a record that
// cannot be understood is delivered as text, with the reason in the event.
func (e *Encoder) Append(dst []byte, t time.Time, doc *Document, meta Meta) []byte {
	at, problem := eventTime(t, meta.Read)
	e.msgpack.buf = appendEventHeader(dst, at)
	e.render(&e.msgpack, at, doc, meta, problem)
	dst, e.msgpack.buf = e.msgpack.buf, nil // it is the caller's
	return dst
}

// AppendJSON appends the same event to dst as one line of JSON, without the newline. Numbers stand there exactly as
// the site wrote them.
func (e *Encoder) AppendJSON(dst []byte, t time.Time, doc *Document, meta Meta) []byte {
	at, problem := eventTime(t, meta.Read)
	e.json.buf, e.json.start = dst, len(dst)
	e.render(&e.json, at, doc, meta, problem)
	dst, e.json.buf = e.json.buf, nil
	return dst
}

func (e *Encoder) render(w writer, at time.Time, doc *Document, meta Meta, problem string) {
	ev := &e.event
	ev.doc, ev.time, ev.ownTime, ev.read = doc, at, problem == "", meta.Read
	switch {
	case !doc.isReadable():
		problem = join("the record is not JSON that can be read, it is kept as text in the member record", problem)
	case !doc.isObject():
		problem = join("the record is not an object, it is kept in the member record", problem)
	}
	ev.late, ev.problem = meta.Late, problem
	ev.id = AppendEventID(ev.id[:0], e.site.URL, meta.Fingerprint, meta.Occurrence)
	e.write(w, &e.site, ev)
	ev.release()
}

// release lets go of the record, which is as it was before.
func (ev *event) release() {
	if cap(ev.text.buf) > keepBytes {
		ev.text.buf = nil
	}
	ev.reading.release()
	ev.doc = nil
}

func join(problem, more string) string {
	if more == "" {
		return problem
	}
	return problem + "; " + more
}

// lastSecond is the last second an EventTime can carry, in 2106: the two after it mark the start and end of groups in
// Fluent Bit 5, and earlier hosts would take them for times.
const lastSecond = 0xfffffffd

// eventTime is the time the event carries, and what is wrong when that is not the record's own.
func eventTime(own, read time.Time) (time.Time, string) {
	switch {
	case own.IsZero():
		return read, "the record has no time that can be read, the event carries the time of reading"
	case own.Unix() < 0 || own.Unix() > lastSecond:
		return read, "the record's time is outside 1970 to 2106, the event carries the time of reading"
	}
	return own, ""
}

// appendEventHeader opens [EventTime, map]: an array of two and the ext type 0 with seconds and nanoseconds, each an
// unsigned big-endian 32-bit number. The map has to follow.
func appendEventHeader(dst []byte, t time.Time) []byte {
	sec := min(max(t.Unix(), 0), lastSecond)
	dst = append(dst, 0x92, 0xd7, 0x00)
	dst = binary.BigEndian.AppendUint32(dst, uint32(sec))
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nanosecond()))
}
