// Package event is one event as Fluent Bit takes it: its notations, its id, its object `atlassian`,
// and what the schemas below it share. The schema `raw` is here, for it interprets nothing.
package event

import (
	"time"

	"fluent-bit-confluence/internal/document"
)

// Encoder renders the records of one site in one schema. It keeps its scratch memory from record to
// record, so it serves one goroutine at a time.
type Encoder struct {
	site    Site
	write   Schema
	event   Event
	msgpack msgpackWriter
	json    jsonWriter
}

// NewEncoder returns an encoder for the records of site. With includeRaw the schemas other than raw
// also carry the record as it was sent, as text.
func NewEncoder(site Site, schema Schema, includeRaw bool) *Encoder {
	return &Encoder{site: site, write: schema, event: Event{IncludeRaw: includeRaw, Host: HostOf([]byte(site.URL))}}
}

// Unknown is how many records so far had an action that is not in the table of actions. They are
// delivered as the other records are, classified as other. With the schema `raw` nobody looks, and
// it is 0.
func (e *Encoder) Unknown() int { return e.event.unknown }

// Append appends the event of one record to dst: the msgpack array [EventTime, map] that Fluent Bit
// takes. t is the record's own time, zero when it cannot be read; doc is the record as it was sent.
// Append never fails: a record that cannot be understood is delivered as text, with the reason in
// the event.
func (e *Encoder) Append(dst []byte, t time.Time, doc *document.Document, meta Meta) []byte {
	at, problem := eventTime(t, meta.Read)
	e.msgpack.buf = appendEventHeader(dst, at)
	e.render(&e.msgpack, at, doc, meta, problem)
	dst, e.msgpack.buf = e.msgpack.buf, nil // it is the caller's
	return dst
}

// AppendJSON appends the same event to dst as one line of JSON, without the newline. Numbers stand
// there exactly as the site wrote them.
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
	ev.ID = AppendEventID(ev.ID[:0], e.site.URL, meta.Fingerprint, meta.Occurrence)
	e.write(w, &e.site, ev)
	ev.release()
}
