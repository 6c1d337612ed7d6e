// Package event turns a record into an event for Fluent Bit: it has the formats msgpack and JSON,
// the event id, the object `atlassian`, the schema `raw`, and what the other schemas share.
package event

import (
	"time"

	"fluent-bit-confluence/internal/document"
)

// Encoder makes events of the records of one site in one schema. It reuses its memory for the next
// record, so it is not safe for concurrent use.
type Encoder struct {
	site    Site
	write   Schema
	event   Event
	msgpack msgpackWriter
	json    jsonWriter
}

// NewEncoder returns an encoder for the records of site. With includeRaw, events of all schemas but
// raw also have the record as it was sent, as text.
func NewEncoder(site Site, schema Schema, includeRaw bool) *Encoder {
	return &Encoder{site: site, write: schema, event: Event{Product: ProductOf(site.Product), IncludeRaw: includeRaw, Host: HostOf([]byte(site.URL))}}
}

// Call sets the names of actions, which all events have from now on. They must not change.
func (e *Encoder) Call(names Names) { e.event.names = names }

// Unknown returns how many records had an action that is not in the table of actions. They are
// delivered too, classified as other. It is 0 with the schema `raw`, which does not use the table.
func (e *Encoder) Unknown() int { return e.event.unknown }

// Append appends the event of one record to dst: the msgpack array [EventTime, map] of Fluent Bit.
// t is the record's own time, zero when it cannot be read; doc is the record as it was sent. Append
// never fails: a record that cannot be understood is delivered as text, with the reason in the
// event.
func (e *Encoder) Append(dst []byte, t time.Time, doc *document.Document, meta Meta) []byte {
	at, problem := eventTime(t, meta.Read)
	e.msgpack.buf = appendEventHeader(dst, at)
	e.render(&e.msgpack, at, doc, meta, problem)
	dst, e.msgpack.buf = e.msgpack.buf, nil // it belongs to the caller
	return dst
}

// AppendJSON appends the same event to dst as one line of JSON, without the newline. Numbers are
// spelt as the site wrote them.
func (e *Encoder) AppendJSON(dst []byte, t time.Time, doc *document.Document, meta Meta) []byte {
	at, problem := eventTime(t, meta.Read)
	e.json.buf, e.json.start = dst, len(dst)
	e.render(&e.json, at, doc, meta, problem)
	dst, e.json.buf = e.json.buf, nil
	return dst
}

func (e *Encoder) render(w document.Writer, at time.Time, doc *document.Document, meta Meta, problem string) {
	ev := &e.event
	ev.Doc, ev.Time, ev.ownTime, ev.Read = doc, at, problem == "", meta.Read
	switch {
	case !doc.IsReadable():
		problem = join("the record is not JSON that can be read, it is kept as text in the member record", problem)
	case !doc.IsObject():
		problem = join("the record is not an object, it is kept in the member record", problem)
	}
	ev.late, ev.Problem = meta.Late, problem
	ev.ID = AppendEventID(ev.ID[:0], &e.site, meta.Fingerprint, meta.Occurrence)
	e.write(w, &e.site, ev)
	ev.release()
}
