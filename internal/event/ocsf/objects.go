package ocsf

import (
	"bytes"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
)

// The objects of OCSF events: users, groups, resources, endpoints, observables.

// user writes a user. OCSF requires a name or an id.
func (v *version) user(w document.Writer, ev *event.Event, name string, p *meaning.Party) {
	if p.Unknown() {
		return
	}
	w.Name(name)
	w.BeginObject()
	ev.Put(w, "name", nameOf(p))
	ev.Put(w, "uid", p.ID)
	ev.Put(w, "full_name", p.Name)
	ev.Put(w, "email_addr", p.Email)
	ev.Put(w, "uid_alt", p.UserKey)
	id, kind := v.userType(ev, p)
	event.PutInt(w, "type_id", id)
	event.Put(w, "type", kind)
	w.EndObject()
}

// nameOf returns the name of a user for OCSF: the user name or, for a user without an id, the full
// name.
func nameOf(p *meaning.Party) meaning.Field {
	if p.ID.Absent() {
		return meaning.First(p.Username, p.Name)
	}
	return p.Username
}

func (v *version) userType(ev *event.Event, p *meaning.Party) (id int64, name string) {
	r := &ev.Reading
	admin := p == &r.Actor && (r.SysAdmin.Value || r.SuperAdmin.Value)
	switch {
	case p.Kind == meaning.SystemKind:
		return 3, "System"
	case admin:
		return 2, "Admin"
	case p.Kind == meaning.UserKind:
		return 1, "User"
	case p.Kind == meaning.GuestKind:
		return other, "Guest"
	case p.Kind == meaning.ServiceKind:
		return v.service, "Service"
	case p.Kind == meaning.AnonymousKind:
		return other, "Anonymous"
	}
	return 0, "Unknown"
}

func putGroup(w document.Writer, ev *event.Event) {
	g := &ev.Reading.Group
	w.Name("group")
	w.BeginObject()
	ev.Put(w, "name", g.Name)
	ev.Put(w, "uid", g.ID)
	w.EndObject()
}

// putPrivilege writes which privilege was granted or revoked, and for what.
func putPrivilege(w document.Writer, ev *event.Event, class *class) {
	r := &ev.Reading
	w.Name("privileges")
	w.BeginArray()
	none := true
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) && !c.Latest().Absent() {
			w.TextBytes(c.Latest().Text)
			none = false
		}
	}
	if none {
		w.TextBytes(meaning.First(r.Summary, r.Key).Text)
	}
	w.EndArray()
	if o := r.Object(); o != nil && o.Kind == meaning.OtherObject {
		w.Name(class.resources)
		many := class.resources == "resources"
		if many {
			w.BeginArray()
		}
		w.BeginObject()
		putObject(w, o)
		w.EndObject()
		if many {
			w.EndArray()
		}
	}
}

func putObject(w document.Writer, o *meaning.Entity) {
	event.PutBytes(w, "name", o.Label().Text)
	event.PutBytes(w, "type", o.KindName.Text)
	event.PutBytes(w, "uid", o.ID.Text)
}

func putWebResource(w document.Writer, site *event.Site, ev *event.Event) {
	w.Name("web_resources")
	w.BeginArray()
	w.BeginObject()
	if o := ev.Reading.Object(); o != nil {
		putObject(w, o)
		event.PutBytes(w, "url_string", o.URI.Text)
	} else {
		event.Put(w, "name", ev.Product.Name)
		event.Put(w, "url_string", site.URL)
	}
	w.EndObject()
	w.EndArray()
}

func putManagedEntity(w document.Writer, ev *event.Event) {
	w.Name("entity")
	w.BeginObject()
	o := ev.Reading.Object()
	switch {
	case o == nil && ev.Reading.NobodyNamed():
		event.Put(w, "name", "Unknown")
		entityType(w, 2, "User")
	case o == nil:
		event.Put(w, "name", ev.Product.Name)
		entityType(w, other, "Application")
	case o.Kind == meaning.UserObject:
		if o.ID.Absent() || !bytes.Equal(o.Name.Text, o.ID.Text) { // a key is no name
			event.PutBytes(w, "name", o.Label().Text)
		}
		event.PutBytes(w, "uid", o.ID.Text)
		entityType(w, 2, "User")
	case o.Kind == meaning.GroupObject:
		putObject(w, &meaning.Entity{Name: o.Label(), ID: o.Group().ID})
		entityType(w, 3, "Group")
	default:
		putObject(w, &meaning.Entity{Name: o.Name, ID: o.ID})
		event.PutInt(w, "type_id", other)
		if o.KindName.Absent() {
			event.Put(w, "type", "Unknown")
		} else {
			event.PutBytes(w, "type", o.KindName.Text)
		}
	}
	w.EndObject()
}

func entityType(w document.Writer, id int64, name string) {
	event.PutInt(w, "type_id", id)
	event.Put(w, "type", name)
}

func putSource(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if len(r.Addresses) == 0 {
		return
	}
	ev.TakeAddress()
	w.Name("src_endpoint")
	w.BeginObject()
	w.Name("ip")
	ev.PutAddress(w, r.Addresses[0])
	if len(r.Addresses) > 1 {
		w.Name("intermediate_ips")
		w.BeginArray()
		for _, a := range r.Addresses[1:] {
			ev.PutAddress(w, a)
		}
		w.EndArray()
	}
	w.EndObject()
}

// putObservables repeats the values to search by: addresses and users, with the names of their
// attributes. The system, and unknown or anonymous users, are left out.
func putObservables(w document.Writer, ev *event.Event, about subject, actor, user *meaning.Party) {
	r := &ev.Reading
	o := observables{w: w}
	if len(r.Addresses) > 0 {
		ev.Scratch = r.Addresses[0].AppendTo(ev.Scratch[:0])
		o.add("src_endpoint.ip", 2, "IP Address", ev.Scratch)
	}
	if actor != nil && actor.Somebody() {
		o.add("actor.user.name", 4, "User Name", nameOf(actor).Text)
		o.add("actor.user.email_addr", 5, "Email Address", actor.Email.Text)
		o.add("actor.user.uid", 31, "User Object: uid", actor.ID.Text)
	}
	if user != nil && user.Somebody() {
		o.add("user.name", 4, "User Name", nameOf(user).Text)
		o.add("user.email_addr", 5, "Email Address", user.Email.Text)
		o.add("user.uid", 31, "User Object: uid", user.ID.Text)
	}
	if about == aboutGroup {
		o.add("group.name", 32, "Group Object: name", r.Group.Name.Text)
		o.add("group.uid", 33, "Group Object: uid", r.Group.ID.Text)
	}
	if o.open {
		w.EndArray()
	}
}

// observables are the observables of an event. An empty list is not written.
type observables struct {
	w    document.Writer
	open bool
}

func (o *observables) add(name string, id int64, kind string, value []byte) {
	if len(value) == 0 {
		return
	}
	w := o.w
	if !o.open {
		o.open = true
		w.Name("observables")
		w.BeginArray()
	}
	w.BeginObject()
	event.Put(w, "name", name)
	event.PutInt(w, "type_id", id)
	event.Put(w, "type", kind)
	w.Name("value")
	w.TextBytes(value)
	w.EndObject()
}
