// Package ecs renders events in the Elastic Common Schema.
package ecs

import (
	"bytes"
	"cmp"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
)

// Write writes an event in the schema `ecs`: the Elastic Common Schema, with all names and values
// that Elastic's integration atlassian_confluence or atlassian_jira gives the same record, so that
// rules and searches for that integration work, and with some more.
func Write(w document.Writer, site *event.Site, ev *event.Event) {
	readable := ev.Interpret()
	w.BeginObject()
	ev.PutTime(w, "@timestamp", ev.Time)
	w.Name("ecs")
	w.BeginObject()
	event.Put(w, "version", "8.11.0")
	w.EndObject()
	if readable {
		ev.TakeTime()
		putEvent(w, ev)
		putUser(w, ev)
		putGroup(w, ev, "group")
		putSource(w, ev)
		putURL(w, ev)
	} else {
		putUnreadable(w, ev)
	}
	putRelated(w, site, ev, readable)
	putSite(w, site, ev, readable)
	if ev.Problem != "" {
		w.Name("error")
		w.BeginObject()
		event.Put(w, "message", ev.Problem)
		w.EndObject()
	}
	w.Name(ev.Product.Object)
	w.BeginObject()
	w.Name("audit")
	w.BeginObject()
	if readable {
		putAudit(w, ev)
	}
	w.Name("atlassian")
	event.WriteOrigin(w, site, ev)
	w.EndObject()
	w.EndObject()
	w.EndObject()
}

func putEventHead(w document.Writer, ev *event.Event, kind string) {
	event.Put(w, "kind", kind)
	event.Put(w, "module", ev.Product.Module)
	event.Put(w, "dataset", ev.Product.Dataset)
	w.Name("id")
	w.TextBytes(ev.ID)
	ev.PutTime(w, "created", ev.Read)
}

func putUnreadable(w document.Writer, ev *event.Event) {
	w.Name("event")
	w.BeginObject()
	putEventHead(w, ev, "pipeline_error")
	event.Put(w, "outcome", "unknown")
	event.PutTexts(w, "type", "info")
	ev.PutOriginal(w, "original")
	w.EndObject()
}

func putEvent(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	w.Name("event")
	w.BeginObject()
	putEventHead(w, ev, "event")
	ev.Put(w, "action", r.Name())
	event.Put(w, "code", r.Action.Name)
	categories, types := categoriesOf(r.Action, ev.Product, !r.User.Unknown(), !r.Group.Unknown())
	event.PutTexts(w, "category", categories.list()...)
	event.PutTexts(w, "type", types.list()...)
	switch success, known := r.Outcome(); {
	case !known:
		event.Put(w, "outcome", "unknown")
	case success:
		event.Put(w, "outcome", "success")
	default:
		event.Put(w, "outcome", "failure")
	}
	event.PutInt(w, "severity", int64(r.Action.Severity))
	ev.Put(w, "reason", r.Description)
	if n, ok := numberIn(ev, r.ID); ok {
		event.PutInt(w, "sequence", n)
		ev.Doc.Take(r.ID.Node)
		r.ID = meaning.Field{} // written
	}
	if ev.IncludeRaw {
		ev.PutOriginal(w, "original")
	}
	w.EndObject()
}

// numberIn returns the value of a field that is a number, as the ids of Jira Cloud.
func numberIn(ev *event.Event, f meaning.Field) (int64, bool) {
	if f.Absent() || ev.Doc.Kind(f.Node) != '0' {
		return 0, false
	}
	return document.AsInt(f.Text)
}

func putSource(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if r.Source.Absent() && r.Geo.Unknown() {
		return
	}
	w.Name("source")
	w.BeginObject()
	ev.Put(w, "address", r.Source)
	if len(r.Addresses) > 0 {
		w.Name("ip")
		ev.PutAddress(w, r.Addresses[0])
	}
	putGeo(w, ev)
	w.EndObject()
}

func putGeo(w document.Writer, ev *event.Event) {
	geo := &ev.Reading.Geo
	if geo.Unknown() {
		return
	}
	w.Name("geo")
	w.BeginObject()
	ev.Put(w, "country_name", geo.Country)
	ev.Put(w, "region_name", geo.Region)
	ev.Put(w, "city_name", geo.City)
	w.EndObject()
}

func putURL(w document.Writer, ev *event.Event) {
	if o := ev.Reading.Object(); o != nil && !o.URI.Absent() {
		w.Name("url")
		w.BeginObject()
		ev.Put(w, "full", o.URI)
		w.EndObject()
	}
}

// maxRelated bounds related.user. It only helps searches: all names are in other fields too.
const maxRelated = 32

// putRelated writes the values to search by, each once: ids and names of all users, addresses,
// hosts.
func putRelated(w document.Writer, site *event.Site, ev *event.Event, readable bool) {
	w.Name("related")
	w.BeginObject()
	if readable {
		r := &ev.Reading
		var names [maxRelated][]byte
		users := names[:0]
		for _, p := range []*meaning.Party{&r.Actor, &r.User} {
			if p.Kind == meaning.UnknownKind && !p.Name.Absent() { // a name without a user
				continue
			}
			for _, f := range []meaning.Field{p.ID, p.Username, p.Name, p.Email} {
				users = related(users, f.Text)
			}
		}
		if c := r.ChangeOf("username"); c != nil {
			users = related(related(users, c.To.Text), c.From.Text)
		}
		for i := range r.Objects {
			if o := &r.Objects[i]; o.Kind == meaning.UserObject {
				users = related(related(users, o.Name.Text), o.ID.Text)
			}
		}
		putTexts(w, "user", users)
		if len(r.Addresses) > 0 {
			w.Name("ip")
			w.BeginArray()
			for _, a := range r.Addresses {
				ev.PutAddress(w, a)
			}
			w.EndArray()
		}
	}
	var both [2][]byte
	hosts := related(both[:0], ev.Host)
	if readable {
		hosts = related(hosts, event.HostOf(ev.Reading.System.Text))
	}
	putTexts(w, "hosts", hosts)
	w.EndObject()
}

// related appends a text that is not in the list yet, if there is room.
func related(to [][]byte, text []byte) [][]byte {
	if len(text) == 0 || len(to) == cap(to) {
		return to
	}
	for _, t := range to {
		if bytes.Equal(t, text) {
			return to
		}
	}
	return append(to, text)
}

func putTexts(w document.Writer, name string, texts [][]byte) {
	if len(texts) == 0 {
		return
	}
	w.Name(name)
	w.BeginArray()
	for _, t := range texts {
		w.TextBytes(t)
	}
	w.EndArray()
}

// putSite writes which site the record is from.
func putSite(w document.Writer, site *event.Site, ev *event.Event, readable bool) {
	w.Name("service")
	w.BeginObject()
	event.Put(w, "type", ev.Product.Key)
	if readable && !ev.Reading.System.Absent() {
		ev.Put(w, "address", ev.Reading.System)
	} else {
		event.Put(w, "address", site.URL)
	}
	if readable && !ev.Reading.Node.Absent() {
		w.Name("node")
		w.BeginObject()
		ev.Put(w, "name", ev.Reading.Node)
		w.EndObject()
	}
	w.EndObject()
	w.Name("observer")
	w.BeginObject()
	event.Put(w, "vendor", "Atlassian")
	event.Put(w, "product", ev.Product.Name)
	event.Put(w, "type", site.SaasOr("saas", "server"))
	w.EndObject()
	if id := cmp.Or(site.OrgID, site.CloudID); id != "" {
		w.Name("organization")
		w.BeginObject()
		event.Put(w, "id", id)
		w.EndObject()
	}
}
