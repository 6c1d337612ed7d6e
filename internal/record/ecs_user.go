package record

import (
	"fluent-bit-confluence/internal/record/action"
)

// ecsUser writes user.*: the actor, with the target and what of it is new inside. Of a session it
// is whose session it is, and there is no target.
func ecsUser(w writer, ev *event) {
	r := &ev.reading
	who, target := &r.actor, &r.user
	if r.action.Object == action.Session {
		if !target.unknown() && !target.is(who) {
			who = target
		}
		target = &party{}
		if who.kind == unknownKind { // a name made up for nobody
			return
		}
	}
	group := !r.group.unknown()
	if who.unknown() && target.unknown() && !group {
		return
	}
	w.name("user")
	w.beginObject()
	ecsParty(w, ev, who, r.action.Object == action.Session)
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
	if !target.unknown() || group {
		w.name("target")
		w.beginObject()
		ecsTarget(w, ev, target)
		ecsGroup(w, ev, "group")
		w.endObject()
	}
	if r.ofUser() {
		ecsChanges(w, ev)
	}
	w.endObject()
}

// ecsParty writes a user. With named it has user.name in any case, which is then the name shown to
// people when there is no other.
func ecsParty(w writer, ev *event, p *party, named bool) {
	ev.put(w, "id", p.id)
	if named && p.username.absent() {
		ev.put(w, "name", p.name.copied())
	} else {
		ev.put(w, "name", p.username)
	}
	ev.put(w, "full_name", p.name)
	ev.put(w, "email", p.email)
}

// ecsTarget writes user.target: as it was before what changed.
func ecsTarget(w writer, ev *event, target *party) {
	r := &ev.reading
	was := *target
	if r.ofUser() {
		name, full, email := r.userChanges()
		for _, c := range [3]struct {
			field  *field
			change *change
		}{{&was.username, name}, {&was.name, full}, {&was.email, email}} {
			if c.change != nil {
				*c.field = first(c.change.from, c.change.to, *c.field).copied()
			}
		}
	}
	ecsParty(w, ev, &was, r.action.Object == action.Member)
}

// ecsChanges writes user.changes: what of the target is new.
func ecsChanges(w writer, ev *event) {
	name, full, email := ev.reading.userChanges()
	open := false
	for _, c := range [3]struct {
		name   string
		change *change
	}{{"name", name}, {"full_name", full}, {"email", email}} {
		if c.change == nil || c.change.to.absent() {
			continue
		}
		if !open {
			w.name("changes")
			w.beginObject()
			open = true
		}
		ev.put(w, c.name, c.change.to)
	}
	if open {
		w.endObject()
	}
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
