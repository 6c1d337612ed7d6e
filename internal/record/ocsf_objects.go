package record

// The objects of OCSF events: users, groups, resources, endpoints, observables.

// user writes a user, of whom OCSF wants a name or an id.
func (v *ocsfVersion) user(w writer, ev *event, name string, p *party) {
	if p.unknown() {
		return
	}
	w.name(name)
	w.beginObject()
	ev.put(w, "name", ocsfName(p))
	ev.put(w, "uid", p.id)
	ev.put(w, "full_name", p.name)
	ev.put(w, "email_addr", p.email)
	ev.put(w, "uid_alt", p.userKey)
	id, kind := v.userType(ev, p)
	putInt(w, "type_id", id)
	put(w, "type", kind)
	w.endObject()
}

// ocsfName is the name that OCSF knows a user by: what one logs in with or, of somebody without an
// id, the name shown to people.
func ocsfName(p *party) field {
	if p.id.absent() {
		return first(p.username, p.name)
	}
	return p.username
}

func (v *ocsfVersion) userType(ev *event, p *party) (id int64, name string) {
	r := &ev.reading
	admin := p == &r.actor && (r.sysAdmin.value || r.superAdmin.value)
	switch {
	case p.kind == systemKind:
		return 3, "System"
	case admin:
		return 2, "Admin"
	case p.kind == userKind:
		return 1, "User"
	case p.kind == guestKind:
		return ocsfOther, "Guest"
	case p.kind == serviceKind:
		return v.service, "Service"
	case p.kind == anonymousKind:
		return ocsfOther, "Anonymous"
	}
	return 0, "Unknown"
}

func ocsfUserGroup(w writer, ev *event) {
	g := &ev.reading.group
	w.name("group")
	w.beginObject()
	ev.put(w, "name", g.name)
	ev.put(w, "uid", g.id)
	w.endObject()
}

// ocsfPrivilege writes what was granted or revoked, and on what.
func ocsfPrivilege(w writer, ev *event, class *ocsfClass) {
	r := &ev.reading
	w.name("privileges")
	w.beginArray()
	none := true
	for i := range r.changes {
		if c := &r.changes[i]; r.namesPrivilege(c) && !c.latest().absent() {
			w.textBytes(c.latest().text)
			none = false
		}
	}
	if none {
		w.textBytes(first(r.summary, r.key).text)
	}
	w.endArray()
	if o := r.object(); o != nil && o.kind == otherObject {
		w.name(class.resources)
		many := class.resources == "resources"
		if many {
			w.beginArray()
		}
		w.beginObject()
		ocsfObject(w, o)
		w.endObject()
		if many {
			w.endArray()
		}
	}
}

func ocsfObject(w writer, o *entity) {
	putBytes(w, "name", o.label().text)
	putBytes(w, "type", o.kindName.text)
	putBytes(w, "uid", o.id.text)
}

func ocsfWebResource(w writer, site *Site, ev *event) {
	w.name("web_resources")
	w.beginArray()
	w.beginObject()
	if o := ev.reading.object(); o != nil {
		ocsfObject(w, o)
		putBytes(w, "url_string", o.uri.text)
	} else {
		put(w, "name", "Confluence")
		put(w, "url_string", site.URL)
	}
	w.endObject()
	w.endArray()
}

func ocsfManagedEntity(w writer, ev *event) {
	w.name("entity")
	w.beginObject()
	o := ev.reading.object()
	switch {
	case o == nil && ev.reading.nobodyNamed():
		put(w, "name", "Unknown")
		ocsfEntityType(w, 2, "User")
	case o == nil:
		put(w, "name", "Confluence")
		ocsfEntityType(w, ocsfOther, "Application")
	case o.kind == userObject:
		ocsfObject(w, &entity{name: o.name, id: o.id})
		ocsfEntityType(w, 2, "User")
	case o.kind == groupObject:
		ocsfObject(w, &entity{name: o.label(), id: o.group().id})
		ocsfEntityType(w, 3, "Group")
	default:
		ocsfObject(w, &entity{name: o.name, id: o.id})
		putInt(w, "type_id", ocsfOther)
		if o.kindName.absent() {
			put(w, "type", "Unknown")
		} else {
			putBytes(w, "type", o.kindName.text)
		}
	}
	w.endObject()
}

func ocsfEntityType(w writer, id int64, name string) {
	putInt(w, "type_id", id)
	put(w, "type", name)
}

func ocsfSource(w writer, ev *event) {
	r := &ev.reading
	if len(r.addresses) == 0 {
		return
	}
	ev.takeAddress()
	w.name("src_endpoint")
	w.beginObject()
	w.name("ip")
	ev.putAddress(w, r.addresses[0])
	if len(r.addresses) > 1 {
		w.name("intermediate_ips")
		w.beginArray()
		for _, a := range r.addresses[1:] {
			ev.putAddress(w, a)
		}
		w.endArray()
	}
	w.endObject()
}

// ocsfObservables repeats what to search by: addresses and people, under the names of their
// attributes. The system and those who are nobody in particular are none to search by.
func ocsfObservables(w writer, ev *event, about ocsfSubject, actor, user *party) {
	r := &ev.reading
	o := ocsfList{w: w}
	if len(r.addresses) > 0 {
		ev.scratch = r.addresses[0].AppendTo(ev.scratch[:0])
		o.add("src_endpoint.ip", 2, "IP Address", ev.scratch)
	}
	if actor != nil && actor.somebody() {
		o.add("actor.user.name", 4, "User Name", ocsfName(actor).text)
		o.add("actor.user.email_addr", 5, "Email Address", actor.email.text)
		o.add("actor.user.uid", 31, "User Object: uid", actor.id.text)
	}
	if user != nil && user.somebody() {
		o.add("user.name", 4, "User Name", ocsfName(user).text)
		o.add("user.email_addr", 5, "Email Address", user.email.text)
		o.add("user.uid", 31, "User Object: uid", user.id.text)
	}
	if about == aboutGroup {
		o.add("group.name", 32, "Group Object: name", r.group.name.text)
		o.add("group.uid", 33, "Group Object: uid", r.group.id.text)
	}
	if o.open {
		w.endArray()
	}
}

// ocsfList are the observables of an event, which has none rather than an empty list.
type ocsfList struct {
	w    writer
	open bool
}

func (o *ocsfList) add(name string, id int64, kind string, value []byte) {
	if len(value) == 0 {
		return
	}
	w := o.w
	if !o.open {
		o.open = true
		w.name("observables")
		w.beginArray()
	}
	w.beginObject()
	put(w, "name", name)
	putInt(w, "type_id", id)
	put(w, "type", kind)
	w.name("value")
	w.textBytes(value)
	w.endObject()
}
