package record

import "fluent-bit-confluence/internal/record/action"

// asimAuditEvent writes the columns of the Audit Event schema.
func asimAuditEvent(w writer, site *Site, ev *event) {
	r := &ev.reading
	put(w, "EventType", asimEventType(r.action.Verb))
	if operation := first(r.summary, r.key); operation.absent() {
		put(w, "Operation", "Unknown")
	} else {
		ev.put(w, "Operation", operation)
	}
	asimObject(w, site, ev)
	asimUser(w, ev, &asimActor, &r.actor)
}

func asimEventType(v action.Verb) string {
	switch v {
	case action.Create:
		return "Create"
	case action.Read, action.Search:
		return "Read"
	case action.Delete, action.Uninstall:
		return "Delete"
	case action.Empty:
		return "Clear"
	case action.Import, action.Export, action.Run, action.Login, action.FailedLogin, action.Logout:
		return "Execute"
	case action.Enable, action.Unlock:
		return "Enable"
	case action.Disable, action.Lock:
		return "Disable"
	case action.Install:
		return "Install"
	case action.Other:
		return "Other"
	}
	return "Set"
}

// asimObject writes what it happened to. The value before and after is that of the only change, or
// the permission: all changes stand in AdditionalFields.
func asimObject(w writer, site *Site, ev *event) {
	r := &ev.reading
	if o := r.object(); o != nil {
		putBytes(w, "Object", o.label().text)
		putBytes(w, "ObjectId", first(o.id, o.group().id).text)
	} else if !r.category.absent() {
		putBytes(w, "Object", r.category.text)
	} else {
		put(w, "Object", "Confluence")
	}
	put(w, "ObjectType", asimObjectType(r.action.Object, site))
	if c := r.mainChange(); c != nil && (!c.from.absent() || !c.to.absent()) {
		put(w, "ValueType", "Other")
		putBytes(w, "OldValue", c.from.text)
		putBytes(w, "NewValue", c.to.text)
	}
}

func asimObjectType(o action.Object, site *Site) string {
	switch o {
	case action.Permission, action.Restriction:
		return "Policy Rule"
	case action.Setting, action.App:
		return "Configuration Atom"
	case action.AuditLog:
		return "Event Log"
	case action.Job:
		return "Scheduled Task"
	case action.User, action.Group, action.Member, action.Credential, action.Directory:
		return "Directory Service Object"
	case action.Site, action.Space, action.Content, action.Template, action.PublicLink:
		return site.saasOr("Cloud Resource", "Other")
	}
	return "Other"
}

// asimTargets names who was given, lost or changed something, for which the Audit Event schema has
// no columns.
func asimTargets(w writer, ev *event) {
	r := &ev.reading
	ev.put(w, "TargetUserId", r.user.id)
	ev.put(w, "TargetUsername", asimName(&r.user))
	ev.put(w, "TargetGroupId", r.group.id)
	ev.put(w, "TargetGroupName", r.group.name)
}
