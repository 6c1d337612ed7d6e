package ecs

import (
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// putUser writes user.*: the actor and, within, the target and its changes. For a session it is the
// user of the session, and there is no target.
func putUser(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	who, target := &r.Actor, &r.User
	if r.Action.Object == action.Session {
		if !target.Unknown() && !r.Same(target, who) {
			who = target
		}
		target = &meaning.Party{}
		if who.Kind == meaning.UnknownKind { // a name without a user
			return
		}
	}
	group := !r.Group.Unknown()
	if who.Unknown() && target.Unknown() && !group {
		return
	}
	w.Name("user")
	w.BeginObject()
	putParty(w, ev, who, r.Action.Object == action.Session)
	if r.SysAdmin.Value || r.SuperAdmin.Value {
		w.Name("roles")
		w.BeginArray()
		if r.SysAdmin.Value {
			w.Text("sysadmin")
		}
		if r.SuperAdmin.Value {
			w.Text("superadmin")
		}
		w.EndArray()
	}
	if !target.Unknown() || group {
		w.Name("target")
		w.BeginObject()
		putTarget(w, ev, target)
		putGroup(w, ev, "group")
		w.EndObject()
	}
	if r.OfUser() {
		putChanges(w, ev)
	}
	w.EndObject()
}

// putParty writes a user. With named it always has user.name; without a user name that is the full
// name.
func putParty(w document.Writer, ev *event.Event, p *meaning.Party, named bool) {
	ev.Put(w, "id", p.ID)
	if named && p.Username.Absent() {
		ev.Put(w, "name", p.Name.Copied())
	} else {
		ev.Put(w, "name", p.Username)
	}
	ev.Put(w, "full_name", p.Name)
	ev.Put(w, "email", p.Email)
}

// putTarget writes user.target: the user before the change.
func putTarget(w document.Writer, ev *event.Event, target *meaning.Party) {
	r := &ev.Reading
	was := *target
	if r.OfUser() {
		name, full, email := r.UserChanges()
		for _, c := range [3]struct {
			field  *meaning.Field
			change *meaning.Change
		}{{&was.Username, name}, {&was.Name, full}, {&was.Email, email}} {
			if c.change != nil {
				*c.field = meaning.First(c.change.From, c.change.To, *c.field).Copied()
			}
		}
	}
	putParty(w, ev, &was, r.Action.Object == action.Member)
}

// putChanges writes user.changes: the new values of the target.
func putChanges(w document.Writer, ev *event.Event) {
	name, full, email := ev.Reading.UserChanges()
	open := false
	for _, c := range [3]struct {
		name   string
		change *meaning.Change
	}{{"name", name}, {"full_name", full}, {"email", email}} {
		if c.change == nil || c.change.To.Absent() {
			continue
		}
		if !open {
			w.Name("changes")
			w.BeginObject()
			open = true
		}
		ev.Put(w, c.name, c.change.To)
	}
	if open {
		w.EndObject()
	}
}

func putGroup(w document.Writer, ev *event.Event, name string) {
	g := &ev.Reading.Group
	if g.Unknown() {
		return
	}
	w.Name(name)
	w.BeginObject()
	ev.Put(w, "id", g.ID)
	ev.Put(w, "name", g.Name)
	w.EndObject()
}
