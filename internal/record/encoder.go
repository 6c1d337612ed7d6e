// Package record turns one audit record, the JSON a site sent, into one event for Fluent Bit.
package record

import (
	"time"
)

// Encoder renders the records of one site in one schema. It keeps its scratch memory from record to record, so it
// serves one goroutine at a time.
type Encoder struct {
	site    Site
	write   Schema
	event   event
	msgpack msgpackWriter
	json    jsonWriter
}

// NewEncoder returns an encoder for the records of site. With includeRaw the schemas other than raw
// also carry the record as it was sent, as text.
func NewEncoder(site Site, schema Schema, includeRaw bool) *Encoder {
	return &Encoder{site: site, write: schema, event: event{includeRaw: includeRaw, host: hostOf([]byte(site.URL))}}
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
