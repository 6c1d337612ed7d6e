package record

import "fluent-bit-confluence/internal/record/action"

// writeASIM is the schema `asim`: the Audit Event schema 0.1 of Microsoft Sentinel's Advanced Security Information
// Model, as columns of a table. What it has no column for stands in AdditionalFields.
func writeASIM(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	w.beginObject()
	asimCommon(w, site, ev)
	if readable {
		ev.takeTime()
		asimEvent(w, ev)
		asimObject(w, site, ev)
		asimActor(w, ev)
	} else {
		put(w, "EventType", "Other")
		put(w, "EventResult", "NA")
		put(w, "EventSeverity", "Informational")
		put(w, "Operation", "Unknown")
		put(w, "Object", "Confluence")
		put(w, "ObjectType", "Other")
	}
	w.name("AdditionalFields")
	w.beginObject()
	if readable {
		r := &ev.reading
		put(w, "Action", r.action.Name)
		asimTargets(w, ev)
		ev.putRest(w, 2, "Action", "TargetUserId", "TargetUsername", "TargetGroupId", "TargetGroupName", "Original", "atlassian")
	}
	if !readable || ev.includeRaw {
		ev.putOriginal(w, "Original")
	}
	w.name("atlassian")
	writeOrigin(w, site, ev)
	w.endObject()
	w.endObject()
}

func asimCommon(w writer, site *Site, ev *event) {
	for _, name := range []string{"TimeGenerated", "EventStartTime", "EventEndTime"} {
		ev.putTime(w, name, ev.time)
	}
	putInt(w, "EventCount", 1)
	put(w, "EventSchema", "AuditEvent")
	put(w, "EventSchemaVersion", "0.1")
	put(w, "EventVendor", "Atlassian")
	put(w, "EventProduct", "Confluence")
	w.name("EventOriginalUid")
	w.textBytes(ev.id)
	putBytes(w, "Dvc", ev.device())
	put(w, "TargetAppName", "Confluence")
	put(w, "TargetAppType", site.saasOr("SaaS application", "Service"))
	put(w, "TargetUrl", site.URL)
}

func asimEvent(w writer, ev *event) {
	r := &ev.reading
	put(w, "EventType", asimEventType(r.action.Verb))
	switch success, known := r.outcome(); {
	case !known:
		put(w, "EventResult", "NA")
	case success:
		put(w, "EventResult", "Success")
	default:
		put(w, "EventResult", "Failure")
	}
	put(w, "EventSeverity", r.action.Severity.String())
	ev.put(w, "EventOriginalType", r.name())
	ev.put(w, "EventOriginalSubType", first(r.categoryKey, r.category))
	ev.put(w, "EventMessage", r.description)
	if operation := first(r.summary, r.key); operation.absent() {
		put(w, "Operation", "Unknown")
	} else {
		ev.put(w, "Operation", operation)
	}
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

// asimObject writes what it happened to. The value before and after is that of the only change, or the permission:
// all changes stand in AdditionalFields.
func asimObject(w writer, site *Site, ev *event) {
	r := &ev.reading
	if o := r.object(); o != nil {
		putBytes(w, "Object", o.label().text)
		putBytes(w, "OriginalObjectType", o.kindName.text)
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
	case action.Setting, action.App, action.Directory, action.AuditLog, action.Job:
		return "Configuration Atom"
	case action.Site, action.Space, action.Content, action.Template, action.PublicLink:
		return site.saasOr("Cloud Resource", "Other")
	}
	return "Other"
}

func asimActor(w writer, ev *event) {
	r := &ev.reading
	a := &r.actor
	if !a.id.absent() {
		ev.put(w, "ActorUserId", a.id)
		put(w, "ActorUserIdType", "Other")
	}
	if name := first(a.username, a.email, a.name); !name.absent() {
		ev.put(w, "ActorUsername", name)
		kind := "Simple"
		if isEmail(name.text) {
			kind = "UPN"
		}
		put(w, "ActorUsernameType", kind)
	}
	put(w, "ActorUserType", asimUserType(r))
	ev.put(w, "ActorOriginalUserType", a.ofType)
	if len(r.addresses) > 0 {
		w.name("SrcIpAddr")
		ev.putAddress(w, r.addresses[0])
		ev.takeAddress()
	}
}

func asimUserType(r *reading) string {
	switch {
	case r.actor.kind == systemKind:
		return "System"
	case r.sysAdmin.value, r.superAdmin.value:
		return "Admin"
	case r.actor.kind == serviceKind:
		return "Service"
	case r.actor.kind == anonymousKind:
		return "Anonymous"
	case r.actor.kind == unknownKind:
		return "Other"
	}
	return "Regular"
}

// asimTargets names who was given, lost or changed something, for which the Audit Event schema has no columns.
func asimTargets(w writer, ev *event) {
	r := &ev.reading
	ev.put(w, "TargetUserId", r.user.id)
	ev.put(w, "TargetUsername", first(r.user.username, r.user.email, r.user.name))
	ev.put(w, "TargetGroupId", r.group.id)
	ev.put(w, "TargetGroupName", r.group.name)
}
