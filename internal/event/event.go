package event

import (
	"encoding/binary"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning"
)

// Site says where a record came from. It becomes part of the object `atlassian` of each event.
type Site struct {
	URL        string // canonical base URL, such as https://acme.atlassian.net
	Deployment string // cloud or datacenter
	CloudID    string // empty when there is none or it is not known
}

// Meta is what the collector knows about a record beyond its content.
type Meta struct {
	Fingerprint document.Fingerprint
	Occurrence  int       // 0, 1, 2.. among records of the same fingerprint
	Read        time.Time // when the record was read; the event's time when the record has none
	// how long after its own time the record was first seen; 0 unless it came late
	Late time.Duration
}

// Schema writes the map of one event.
type Schema func(w document.Writer, site *Site, ev *Event)

// Event is what a schema renders.
type Event struct {
	Doc     *document.Document
	Time    time.Time // the event's time
	ownTime bool      // whether that is the record's
	Read    time.Time
	ID      []byte // as AppendEventID gives it
	late    time.Duration
	Problem string // why the event is not quite what it should be; empty for nearly all

	// Of the schemas that interpret the record.
	IncludeRaw bool
	Host       []byte // of the site
	Reading    meaning.Reading
	unknown    int // records so far whose action is not in the table
	Scratch    []byte
	text       jsonWriter
}

// keepText is how many bytes of scratch memory stay from record to record.
const keepText = 1 << 20

// release lets go of the record, which is as it was before.
func (ev *Event) release() {
	if cap(ev.text.buf) > keepText {
		ev.text.buf = nil
	}
	ev.Reading.Release()
	ev.Doc = nil
}

func join(problem, more string) string {
	if more == "" {
		return problem
	}
	return problem + "; " + more
}

// lastSecond is the last second an EventTime can carry, in 2106: the two after it mark the start
// and end of groups in Fluent Bit 5, and earlier hosts would take them for times.
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

// appendEventHeader opens [EventTime, map]: an array of two and the ext type 0 with seconds and
// nanoseconds, each an unsigned big-endian 32-bit number. The map has to follow.
func appendEventHeader(dst []byte, t time.Time) []byte {
	sec := min(max(t.Unix(), 0), lastSecond)
	dst = append(dst, 0x92, 0xd7, 0x00)
	dst = binary.BigEndian.AppendUint32(dst, uint32(sec))
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nanosecond()))
}
