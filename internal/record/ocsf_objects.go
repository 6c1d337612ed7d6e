package record

// The objects of OCSF events: users, groups, resources, endpoints, observables.

// ocsfUser writes a user. One without an id or a user name goes by the name shown to people: OCSF wants one of them.
func ocsfUser(w writer, ev *event, name string, p *party) {
	if p.unknown() {
		return
	}
	w.name(name)
	w.beginObject()
	switch {
	case !p.username.absent():
		ev.put(w, "name", p.username)
	case p.id.absent():
		putBytes(w, "name", p.name.text)
	}
	ev.put(w, "uid", p.id)
	ev.put(w, "full_name", p.name)
	ev.put(w, "email_addr", p.email)
	ev.put(w, "uid_alt", p.userKey)
	id, kind := ocsfUserType(&ev.reading, p)
	putInt(w, "type_id", id)
	put(w, "type", kind)
	w.endObject()
}

func ocsfUserType(r *reading, p *party) (id int64, name string) {
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
		return ocsfOther, "Service"
	case p.kind == anonymousKind:
		return ocsfOther, "Anonymous"
	}
	return 0, "Unknown"
}

// ocsfPrivilege writes what was granted or revoked, and on what.
func ocsfPrivilege(w writer, ev *event) {
	r := &ev.reading
	w.name("privileges")
	w.beginArray()
	w.textBytes(first(r.privilege(), r.summary, r.key).text)
	w.endArray()
	if o := r.object(); o != nil && o.kind == otherObject {
		w.name("resource")
		w.beginObject()
		ocsfObject(w, o)
		w.endObject()
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

// ocsfObservables repeats what to search by.
func ocsfObservables(w writer, ev *event) {
	r := &ev.reading
	if len(r.addresses) == 0 && r.actor.username.absent() && r.actor.email.absent() {
		return
	}
	w.name("observables")
	w.beginArray()
	if len(r.addresses) > 0 {
		ev.scratch = r.addresses[0].AppendTo(ev.scratch[:0])
		ocsfObservable(w, "src_endpoint.ip", 2, "IP Address", ev.scratch)
	}
	ocsfObservable(w, "actor.user.name", 4, "User Name", r.actor.username.text)
	ocsfObservable(w, "actor.user.email_addr", 5, "Email Address", r.actor.email.text)
	w.endArray()
}

func ocsfObservable(w writer, name string, id int64, kind string, value []byte) {
	if len(value) == 0 {
		return
	}
	w.beginObject()
	put(w, "name", name)
	putInt(w, "type_id", id)
	put(w, "type", kind)
	w.name("value")
	w.textBytes(value)
	w.endObject()
}
