// Package asim renders events in Microsoft Sentinel's Advanced Security Information Model.
package asim

import (
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// Write writes an event in the schema `asim`: three schemas of Microsoft Sentinel's Advanced
// Security Information Model as columns of one table, told apart by EventSchema. Values without a
// column are in AdditionalFields.
func Write(w document.Writer, site *event.Site, ev *event.Event) {
	readable := ev.Interpret()
	schema := &audit
	if readable {
		ev.TakeTime()
		schema = schemaOf(&ev.Reading)
	}
	w.BeginObject()
	putCommon(w, site, ev, schema)
	if readable {
		putEvent(w, ev)
		schema.write(w, site, ev)
		putSource(w, ev)
	} else {
		event.Put(w, "EventType", "Other")
		event.Put(w, "EventResult", "NA")
		event.Put(w, "EventSeverity", "Informational")
		event.Put(w, "Operation", "Unknown")
		event.Put(w, "Object", ev.Product.Name)
		event.Put(w, "ObjectType", "Other")
	}
	w.Name("AdditionalFields")
	w.BeginObject()
	if readable {
		event.Put(w, "Action", ev.Reading.Action.Name)
		if schema == &audit {
			putTargets(w, ev)
		}
		ev.PutRest(w, 2, "Action", "TargetUserId", "TargetUsername", "TargetGroupId", "TargetGroupName", "Original", "atlassian")
	}
	if !readable || ev.IncludeRaw {
		ev.PutOriginal(w, "Original")
	}
	w.Name("atlassian")
	event.WriteOrigin(w, site, ev)
	w.EndObject()
	w.EndObject()
}

// schema is one of the three, with the function that writes the columns that only it has.
type schema struct {
	name, version string
	app           bool // whether it has columns for the application
	write         func(w document.Writer, site *event.Site, ev *event.Event)
}

var (
	audit          = schema{"AuditEvent", "0.1", true, putAuditEvent}
	authentication = schema{"Authentication", "0.1.3", true, putSession}
	userManagement = schema{"UserManagement", "0.1.2", false, putManagement}
)

// schemaOf returns the schema for a record. A record that does not name the user of the schema is
// an audit event. So is the end of an administrator's session, which is no logoff.
func schemaOf(r *meaning.Reading) *schema {
	switch {
	case sessionType(r.Action) != "" && (!r.User.Unknown() || !r.Actor.Unknown()):
		return &authentication
	case managementType(r.Action) != "" && !nameOf(&r.Actor).Absent() &&
		(r.Action.Object == action.User && !r.User.Unknown() || r.Action.Object != action.User && !r.Group.Unknown()):
		return &userManagement
	}
	return &audit
}

func putCommon(w document.Writer, site *event.Site, ev *event.Event, schema *schema) {
	for _, name := range []string{"TimeGenerated", "EventStartTime", "EventEndTime"} {
		ev.PutTime(w, name, ev.Time)
	}
	event.PutInt(w, "EventCount", 1)
	event.Put(w, "EventSchema", schema.name)
	event.Put(w, "EventSchemaVersion", schema.version)
	event.Put(w, "EventVendor", "Atlassian")
	event.Put(w, "EventProduct", ev.Product.Name)
	w.Name("EventOriginalUid")
	w.TextBytes(ev.ID)
	event.PutBytes(w, "Dvc", ev.Device())
	if schema.app {
		event.Put(w, "TargetAppName", ev.Product.Name)
		event.Put(w, "TargetAppType", site.SaasOr("SaaS application", "Service"))
		event.Put(w, "TargetUrl", site.URL)
	}
}

func putEvent(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	switch success, known := r.Outcome(); {
	case !known:
		event.Put(w, "EventResult", "NA")
	case success:
		event.Put(w, "EventResult", "Success")
	default:
		event.Put(w, "EventResult", "Failure")
	}
	event.Put(w, "EventSeverity", r.Action.Severity.String())
	ev.Put(w, "EventOriginalType", r.Name())
	ev.Put(w, "EventOriginalSubType", meaning.First(r.CategoryKey, r.Category))
	ev.Put(w, "EventMessage", r.Description)
}

func putSource(w document.Writer, ev *event.Event) {
	if addresses := ev.Reading.Addresses; len(addresses) > 0 {
		w.Name("SrcIpAddr")
		ev.PutAddress(w, addresses[0])
		ev.TakeAddress()
	}
}
