package event

import (
	"bytes"
	"net/netip"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning"
)

// This file has what all schemas but raw share.

// Interpret reads the record, and returns whether that was possible. If not, an event has only the
// original.
func (ev *Event) Interpret() bool {
	if !ev.Doc.IsObject() {
		return false
	}
	ev.Reading.Read(ev.Product.profile, ev.Doc)
	if !ev.Reading.Action.Known() {
		ev.unknown++
	}
	if name, ok := ev.names[string(ev.Reading.Key.Text)]; ok {
		ev.Reading.Call(name.Name, name.Group)
	}
	return true
}

// Put writes a member with the text of a field, unless it is absent, and takes the value.
func (ev *Event) Put(w document.Writer, name string, f meaning.Field) {
	if !f.Absent() {
		w.Name(name)
		w.TextBytes(f.Text)
		ev.Doc.Take(f.Node)
	}
}

// PutBool writes a boolean of the record, if it is there, and takes it.
func (ev *Event) PutBool(w document.Writer, name string, f meaning.Boolean) {
	if f.Node != 0 {
		w.Name(name)
		w.Bool(f.Value)
		ev.Doc.Take(f.Node)
	}
}

// appendTime appends a time as 2006-01-02T15:04:05.000Z. The standard library is fast only with its
// own layouts.
func appendTime(dst []byte, t time.Time) []byte {
	t = t.UTC()
	ms := t.Nanosecond() / 1e6
	dst = bytes.TrimSuffix(t.AppendFormat(dst, time.RFC3339), []byte("Z"))
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), 'Z')
}

// PutTime writes a time as text.
func (ev *Event) PutTime(w document.Writer, name string, t time.Time) {
	ev.Scratch = appendTime(ev.Scratch[:0], t)
	w.Name(name)
	w.TextBytes(ev.Scratch)
}

// PutAddress writes an address as text, without a name.
func (ev *Event) PutAddress(w document.Writer, a netip.Addr) {
	ev.Scratch = a.AppendTo(ev.Scratch[:0])
	w.TextBytes(ev.Scratch)
}

// TakeTime takes the record's time, if the event's time holds the same information.
func (ev *Event) TakeTime() {
	if !ev.ownTime {
		return
	}
	sent := ev.Reading.Time
	ev.Scratch = strconv.AppendInt(ev.Scratch[:0], ev.Time.UnixMilli(), 10)
	if string(ev.Scratch) != string(sent.Text) {
		ev.Scratch = appendTime(ev.Scratch[:0], ev.Time)
	}
	if text, ok := bytes.CutSuffix(sent.Text, []byte("+0000")); string(ev.Scratch) == string(sent.Text) ||
		ok && string(text) == string(bytes.TrimSuffix(ev.Scratch, []byte("Z"))) {
		ev.Doc.Take(sent.Node)
	}
}

// TakeAddress takes the text of the addresses, if the address in the event holds the same
// information.
func (ev *Event) TakeAddress() {
	r := &ev.Reading
	if len(r.Addresses) != 1 {
		return
	}
	ev.Scratch = r.Addresses[0].AppendTo(ev.Scratch[:0])
	if string(ev.Scratch) == string(r.Source.Text) {
		ev.Doc.Take(r.Source.Node)
	}
}

// left reports whether any value of the record is not taken.
func (ev *Event) left() bool {
	left := false
	for _, value := range ev.Doc.Members(0) {
		if ev.Doc.Kind(value) == '{' && !ev.Doc.Taken(value) {
			ev.Reading.AllTaken(value)
		}
		left = left || !ev.Doc.Taken(value)
	}
	return left
}

// PutRest writes what is left of the record as members of the open object, at the given depth.
func (ev *Event) PutRest(w document.Writer, depth int, reserved ...string) {
	if ev.left() {
		ev.Doc.WriteMembers(w, 0, depth, reserved...)
	}
}

// PutOriginal writes the record as it was sent, as text.
func (ev *Event) PutOriginal(w document.Writer, name string) {
	w.Name(name)
	document.WriteLoose(w, ev.Doc.Raw())
}

// SaasOr returns a schema's word for the deployment.
func (s *Site) SaasOr(saas, server string) string {
	if s.Deployment == "datacenter" {
		return server
	}
	return saas
}

// Device returns the host of the site, for a schema that wants a device.
func (ev *Event) Device() []byte {
	if len(ev.Host) == 0 {
		return []byte(ev.Product.Key)
	}
	return ev.Host
}

// HostOf returns the host of a URL without the port, empty when there is none.
func HostOf(url []byte) []byte {
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

// Rest returns what is left of the record as one JSON object, empty when nothing is left. It is
// valid until the next call.
func (ev *Event) Rest() []byte {
	if !ev.left() {
		return nil
	}
	ev.text.buf, ev.text.start = ev.text.buf[:0], 0
	ev.text.BeginObject()
	ev.PutRest(&ev.text, 1)
	ev.text.EndObject()
	return ev.text.buf
}
