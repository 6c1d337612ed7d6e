package collect

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/outbox"
)

// A Health is an event of the collector itself that a SIEM may want to alert on. It is the summary
// of a record in the stream with the category "Collector". The record has the shape of Confluence
// Cloud's records, so that every schema can render it.
type Health string

// The table of actions has the same texts, and gives them a code and a severity in each schema.
const (
	Started        Health = "Collector started"
	Heartbeat      Health = "Collector heartbeat"
	AccessLost     Health = "Collector access lost"
	AccessRegained Health = "Collector access regained"
	RateLimited    Health = "Collector rate limited"
	GapFound       Health = "Collector gap found"
	SiteQuiet      Health = "Collector site quiet"
	LogEmpty       Health = "Collector log empty"
	TokenExpires   Health = "Collector token expires"
	APIDeprecated  Health = "Collector API deprecated"
)

// heartbeat is how often a collector puts a health record into the stream to show that it runs.
const heartbeat = 5 * time.Minute

// notes are health records that wait for the reading goroutine, the only one that fills the queue.
type notes struct {
	mu       sync.Mutex
	waiting  []note
	lastBeat time.Time // of the reading goroutine
}

type note struct {
	at      time.Time
	kind    Health
	message string
}

// Note puts a health record into the stream, if Options.HealthSite is set. It may be called from
// any goroutine.
func (c *core) Note(kind Health, message string) {
	if c.HealthSite == "" {
		return
	}
	c.notes.mu.Lock()
	defer c.notes.mu.Unlock()
	c.notes.waiting = append(c.notes.waiting, note{c.clock.Now(), kind, message})
}

// deliverNotes queues the health records that wait, and the heartbeat when it is due.
func (c *core) deliverNotes(ctx context.Context) {
	if c.HealthSite == "" {
		return
	}
	if now := time.Now(); now.Sub(c.notes.lastBeat) >= heartbeat {
		c.notes.lastBeat = now
		message := "the audit log can be read"
		switch f := &c.stats.failing; {
		case f[polls].Load() != nil:
			message = "the audit log cannot be read"
		case f[catchUps].Load() != nil, f[rescans].Load() != nil:
			message = "new records can be read, older records cannot"
		}
		c.Note(Heartbeat, message)
	}
	c.notes.mu.Lock()
	waiting := c.notes.waiting
	c.notes.waiting = nil
	c.notes.mu.Unlock()
	for _, n := range waiting {
		var doc document.Document
		doc.Parse(c.healthRecord(n))
		meta := event.Meta{Fingerprint: c.hasher.Fingerprint(&doc), Read: n.at}
		if !c.push(ctx, &outbox.Batch{Events: c.Encode(nil, n.at, &doc, meta), Records: 1}) {
			return
		}
	}
}

// healthRecord writes a note as a record. Its member collector holds the state of the collector;
// Confluence's own records have no such member.
func (c *core) healthRecord(n note) []byte {
	quote := func(dst []byte, text string) []byte {
		dst, _ = jsontext.AppendQuote(dst, text) // invalid UTF-8 is replaced
		return dst
	}
	b := append([]byte(nil), `{"author":{"type":"user","displayName":"System"},"remoteAddress":"","creationDate":`...)
	b = strconv.AppendInt(b, n.at.UnixMilli(), 10)
	b = quote(append(b, `,"summary":`...), string(n.kind))
	b = quote(append(b, `,"description":`...), n.message)
	b = quote(append(b, `,"category":"Collector","sysAdmin":false,"superAdmin":false,"affectedObject":{"name":`...), c.HealthSite)
	b = append(b, `,"objectType":"Collector"},"changedValues":[],"associatedObjects":[],"collector":{`...)
	for _, m := range members {
		b = append(quote(b, m.name), ':')
		switch v := m.value(c).(type) {
		case string:
			b = quote(b, v)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		}
		b = append(b, ',')
	}
	return append(b[:len(b)-1], "}}"...)
}

// members are the members of the object collector in a health record, with the description that the
// manual gives of each.
var members = []struct {
	name, help string
	value      func(*core) any
}{
	{"name", "The input's `alias` or, without one, its name in Fluent Bit, such as `confluence.0`.", func(c *core) any { return c.Name }},
	{"records", "Records delivered since the start.", func(c *core) any { return c.stats.Records.Load() }},
	{"late_records", "Of those, records that the site showed late.", func(c *core) any { return c.stats.Late.Load() }},
	{"gaps", "Time ranges whose records the site had deleted before they were read.", func(c *core) any { return c.stats.Gaps.Load() }},
	{"newest_record_ms", "Time of the newest record delivered, in Unix milliseconds; 0 before the first.", func(c *core) any { return c.stats.Head.Load() }},
	{"last_poll_ms", "When the last poll was complete, in Unix milliseconds; 0 before the first.", func(c *core) any { return c.stats.Polled.Load() }},
}
