package record

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"
)

// What the schemas that interpret the record have in common.

// interpret reads the record. It tells whether there is one that can be read: else an event has just the original.
func (ev *event) interpret() bool {
	if !ev.doc.isObject() {
		return false
	}
	ev.reading.read(ev.doc)
	if !ev.reading.action.Known() {
		ev.unknown++
	}
	return true
}

// put writes a member with the text of a field, unless it is absent, and takes the value.
func (ev *event) put(w writer, name string, f field) {
	if !f.absent() {
		w.name(name)
		w.textBytes(f.text)
		ev.doc.take(f.node)
	}
}

func (ev *event) putBool(w writer, name string, f boolean) {
	if f.node != 0 {
		w.name(name)
		w.bool(f.value)
		ev.doc.take(f.node)
	}
}

// appendTime appends a time as 2006-01-02T15:04:05.000Z. The standard library is quick with its own layouts only.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	ms := t.Nanosecond() / 1e6
	dst = bytes.TrimSuffix(t.AppendFormat(dst, time.RFC3339), []byte("Z"))
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

func (ev *event) putTime(w writer, name string, t time.Time) {
	ev.scratch = appendTime(ev.scratch[:0], t)
	w.name(name)
	w.textBytes(ev.scratch)
}

func (ev *event) putAddress(w writer, a netip.Addr) {
	ev.scratch = a.AppendTo(ev.scratch[:0])
	w.textBytes(ev.scratch)
}

// takeTime takes the record's time when the event's says all that it says.
func (ev *event) takeTime() {
	if !ev.ownTime {
		return
	}
	sent := ev.reading.time
	ev.scratch = strconv.AppendInt(ev.scratch[:0], ev.time.UnixMilli(), 10)
	if string(ev.scratch) != string(sent.text) {
		ev.scratch = appendTime(ev.scratch[:0], ev.time)
	}
	if string(ev.scratch) == string(sent.text) {
		ev.doc.take(sent.node)
	}
}

// takeAddress takes the text of the addresses when the one that is in the event says all that it says.
func (ev *event) takeAddress() {
	r := &ev.reading
	if len(r.addresses) != 1 {
		return
	}
	ev.scratch = r.addresses[0].AppendTo(ev.scratch[:0])
	if string(ev.scratch) == string(r.source.text) {
		ev.doc.take(r.source.node)
	}
}

// left tells whether anything of the record has not been taken.
func (ev *event) left() bool {
	left := false
	for _, value := range ev.doc.members(0) {
		if ev.doc.kind(value) == '{' && !ev.doc.taken(value) {
			ev.reading.allTaken(value)
		}
		left = left || !ev.doc.taken(value)
	}
	return left
}

// putRest writes what is left of the record as members of the object that is open, at the given depth.
func (ev *event) putRest(w writer, depth int, reserved ...string) {
	if ev.left() {
		ev.doc.writeMembers(w, 0, depth, reserved...)
	}
}

// putOriginal writes the record as it was sent, as text.
func (ev *event) putOriginal(w writer, name string) {
	w.name(name)
	writeLoose(w, ev.doc.Raw())
}

// saasOr is the product's form in the words of a schema.
func (s *Site) saasOr(saas, server string) string {
	if s.Deployment == "datacenter" {
		return server
	}
	return saas
}

// device is what stands for the device where a schema wants one: the host of the site.
func (ev *event) device() []byte {
	if len(ev.host) == 0 {
		return []byte("confluence")
	}
	return ev.host
}

// hostOf is the host of a URL without the port, empty when there is none.
func hostOf(url []byte) []byte {
	_, rest, ok := bytes.Cut(url, []byte("://"))
	if !ok {
		return nil
	}
	if i := bytes.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[bytes.LastIndexByte(rest, '@')+1:]
	if i := bytes.IndexByte(rest, ']'); i > 0 && rest[0] == '[' {
		return rest[1:i]
	}
	host, _, _ := bytes.Cut(rest, []byte(":"))
	return host
}

// rest is what is left of the record as one JSON object, empty when nothing is. It is valid until the next call.
func (ev *event) rest() []byte {
	if !ev.left() {
		return nil
	}
	ev.text.buf, ev.text.start = ev.text.buf[:0], 0
	ev.text.beginObject()
	ev.putRest(&ev.text, 1)
	ev.text.endObject()
	return ev.text.buf
}
