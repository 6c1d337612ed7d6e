package record

import "fluent-bit-confluence/internal/record/action"

// ecsUser writes user.*: the actor, with the target and what of it is new inside.
func ecsUser(w writer, ev *event) {
	r := &ev.reading
	a := &r.actor
	if a.unknown() && r.user.unknown() && r.group.unknown() {
		return
	}
	w.name("user")
	w.beginObject()
	ecsParty(w, ev, a)
	if r.sysAdmin.value || r.superAdmin.value {
		w.name("roles")
		w.beginArray()
		if r.sysAdmin.value {
			w.text("sysadmin")
		}
		if r.superAdmin.value {
			w.text("superadmin")
		}
		w.endArray()
	}
	if !r.user.unknown() || !r.group.unknown() {
		w.name("target")
		w.beginObject()
		ecsParty(w, ev, &r.user)
		ecsGroup(w, ev, "group")
		w.endObject()
	}
	if r.action.Object == action.User && r.action.Verb == action.Update {
		ecsChanges(w, ev)
	}
	w.endObject()
}

func ecsParty(w writer, ev *event, p *party) {
	ev.put(w, "id", p.id)
	ev.put(w, "name", p.username)
	ev.put(w, "full_name", p.name)
	ev.put(w, "email", p.email)
}

// ecsChanges writes user.changes: what of the target is new.
func ecsChanges(w writer, ev *event) {
	r := &ev.reading
	name, full, email := r.changeOf("username"), r.changeOf("display name", "full name", "display.name", "full.name"), r.changeOf("email")
	if name == nil && full == nil && email == nil {
		return
	}
	w.name("changes")
	w.beginObject()
	for _, c := range []struct {
		name   string
		change *change
	}{{"name", name}, {"full_name", full}, {"email", email}} {
		if c.change != nil {
			ev.put(w, c.name, c.change.to)
		}
	}
	w.endObject()
}

func ecsGroup(w writer, ev *event, name string) {
	g := &ev.reading.group
	if g.unknown() {
		return
	}
	w.name(name)
	w.beginObject()
	ev.put(w, "id", g.id)
	ev.put(w, "name", g.name)
	w.endObject()
}
