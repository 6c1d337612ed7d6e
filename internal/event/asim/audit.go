package asim

import (
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// putAuditEvent writes the columns of the Audit Event schema.
func putAuditEvent(w document.Writer, site *event.Site, ev *event.Event) {
	r := &ev.Reading
	event.Put(w, "EventType", auditType(r.Action.Verb))
	if operation := meaning.First(r.Summary, r.Key); operation.Absent() {
		event.Put(w, "Operation", "Unknown")
	} else {
		ev.Put(w, "Operation", operation)
	}
	putObject(w, site, ev)
	putUser(w, ev, &actorColumns, &r.Actor)
}

func auditType(v action.Verb) string {
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

// putObject writes the object. The old and new value are those of the only change, or of the
// permission. All changes are in AdditionalFields.
func putObject(w document.Writer, site *event.Site, ev *event.Event) {
	r := &ev.Reading
	if o := r.Object(); o != nil {
		event.PutBytes(w, "Object", o.Label().Text)
		event.PutBytes(w, "ObjectId", meaning.First(o.ID, o.Group().ID).Text)
	} else if !r.Category.Absent() {
		event.PutBytes(w, "Object", r.Category.Text)
	} else {
		event.Put(w, "Object", ev.Product.Name)
	}
	event.Put(w, "ObjectType", objectType(r.Action.Object, site))
	if c := r.MainChange(); c != nil && (!c.From.Absent() || !c.To.Absent()) {
		event.Put(w, "ValueType", "Other")
		event.PutBytes(w, "OldValue", c.From.Text)
		event.PutBytes(w, "NewValue", c.To.Text)
	}
}

func objectType(o action.Object, site *event.Site) string {
	switch o {
	case action.Permission, action.Restriction, action.Role:
		return "Policy Rule"
	case action.Setting, action.App, action.Scheme, action.Workflow, action.Field:
		return "Configuration Atom"
	case action.AuditLog:
		return "Event Log"
	case action.Job:
		return "Scheduled Task"
	case action.User, action.Group, action.Member, action.Credential, action.Directory:
		return "Directory Service Object"
	case action.Site, action.Space, action.Content, action.Template, action.PublicLink, action.Project, action.View, action.Issue:
		return site.SaasOr("Cloud Resource", "Other")
	}
	return "Other"
}

// putTargets writes who was given, lost or changed something. The Audit Event schema has no columns
// for that.
func putTargets(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	ev.Put(w, "TargetUserId", r.User.ID)
	ev.Put(w, "TargetUsername", nameOf(&r.User))
	ev.Put(w, "TargetGroupId", r.Group.ID)
	ev.Put(w, "TargetGroupName", r.Group.Name)
}
