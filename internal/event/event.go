package event

import (
	"encoding/binary"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning"
)

// Site is the site of a record. It is written to the object `atlassian` of each event.
type Site struct {
	Product    string // confluence, jira or organization; empty is confluence
	URL        string // canonical base URL, such as https://acme.atlassian.net
	Deployment string // cloud or datacenter
	CloudID    string // empty when there is none or it is not known
	OrgID      string // of an organization
}

// Meta is what the collector knows about a record beyond its content.
type Meta struct {
	Fingerprint document.Fingerprint
	Occurrence  int       // 0, 1, 2.. among records of the same fingerprint
	Read        time.Time // when the record was read; the event's time if the record has none
	// Late is how long after its own time the record was first seen; 0 unless it came late.
	Late time.Duration
}

// Names are what Atlassian calls the actions of an organization, by their ids. They are for people,
// and in a language of Atlassian's choice.
type Names map[string]Name

// Name is the name of an action and of the group that it belongs to, which may be empty.
type Name struct{ Name, Group []byte }

// Schema writes the map of one event.
type Schema func(w document.Writer, site *Site, ev *Event)

// Event is what a schema renders.
type Event struct {
	Doc     *document.Document
	Time    time.Time // the event's time
	ownTime bool      // whether that is the record's time
	Read    time.Time
	ID      []byte // made by AppendEventID
	late    time.Duration
	Problem string // why the event is not complete; empty for nearly all

	// For all schemas but raw.
	Product    *Product
	IncludeRaw bool
	Host       []byte // of the site
	names      Names
	Reading    meaning.Reading
	unknown    int        // how many records had an action that is not in the table
	Scratch    []byte     // for a text that a schema builds, until it is written
	text       jsonWriter // of Rest
}

// keepText is how many bytes of memory are kept for the next record.
const keepText = 1 << 20

// release drops the record, after it has removed all marks of taken values.
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

// lastSecond is the last second of an EventTime, in 2106. The two seconds after it mark the start
// and the end of a group in Fluent Bit 5, and earlier releases would read them as times.
const lastSecond = 0xfffffffd

// eventTime returns the time of the event and, if that is not the record's own, the reason.
func eventTime(own, read time.Time) (time.Time, string) {
	switch {
	case own.IsZero():
		return read, "the record has no time that can be read, the event carries the time of reading"
	case own.Unix() < 0 || own.Unix() > lastSecond:
		return read, "the record's time is outside 1970 to 2106, the event carries the time of reading"
	}
	return own, ""
}

// appendEventHeader appends the beginning of [EventTime, map]: the header of an array of two, and
// the ext type 0 with seconds and nanoseconds, each an unsigned big-endian 32-bit number. The map
// must follow.
func appendEventHeader(dst []byte, t time.Time) []byte {
	sec := min(max(t.Unix(), 0), lastSecond)
	dst = append(dst, 0x92, 0xd7, 0x00)
	dst = binary.BigEndian.AppendUint32(dst, uint32(sec))
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nanosecond()))
}
