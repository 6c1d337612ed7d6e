package record

import "fluent-bit-confluence/internal/record/action"

// writeASIM is the schema `asim`: three schemas of Microsoft Sentinel's Advanced Security
// Information Model as columns of one table, where EventSchema tells them apart. What a schema has
// no column for stands in AdditionalFields.
func writeASIM(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	schema := &asimAudit
	if readable {
		ev.takeTime()
		schema = asimSchemaOf(&ev.reading)
	}
	w.beginObject()
	asimCommon(w, site, ev, schema)
	if readable {
		asimEvent(w, ev)
		schema.write(w, site, ev)
		asimSource(w, ev)
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
		put(w, "Action", ev.reading.action.Name)
		if schema == &asimAudit {
			asimTargets(w, ev)
		}
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

// asimSchema is one of the schemas, with what writes the columns that it does not share with the
// others.
type asimSchema struct {
	name, version string
	app           bool // whether it has columns for the application
	write         func(w writer, site *Site, ev *event)
}

var (
	asimAudit          = asimSchema{"AuditEvent", "0.1", true, asimAuditEvent}
	asimAuthentication = asimSchema{"Authentication", "0.1.3", true, asimSession}
	asimUserManagement = asimSchema{"UserManagement", "0.1.2", false, asimManagement}
)

// asimSchemaOf chooses the schema. A record that does not name who the schema is about is an audit
// event, and so is the end of an administrator's session, which is no logoff.
func asimSchemaOf(r *reading) *asimSchema {
	switch {
	case asimSessionType(r.action) != "" && (!r.user.unknown() || !r.actor.unknown()):
		return &asimAuthentication
	case asimManagementType(r.action) != "" && !r.actor.asimName().absent() &&
		(r.action.Object == action.User && !r.user.unknown() || r.action.Object != action.User && !r.group.unknown()):
		return &asimUserManagement
	}
	return &asimAudit
}

func asimCommon(w writer, site *Site, ev *event, schema *asimSchema) {
	for _, name := range []string{"TimeGenerated", "EventStartTime", "EventEndTime"} {
		ev.putTime(w, name, ev.time)
	}
	putInt(w, "EventCount", 1)
	put(w, "EventSchema", schema.name)
	put(w, "EventSchemaVersion", schema.version)
	put(w, "EventVendor", "Atlassian")
	put(w, "EventProduct", "Confluence")
	w.name("EventOriginalUid")
	w.textBytes(ev.id)
	putBytes(w, "Dvc", ev.device())
	if schema.app {
		put(w, "TargetAppName", "Confluence")
		put(w, "TargetAppType", site.saasOr("SaaS application", "Service"))
		put(w, "TargetUrl", site.URL)
	}
}

func asimEvent(w writer, ev *event) {
	r := &ev.reading
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
}

func asimSource(w writer, ev *event) {
	if addresses := ev.reading.addresses; len(addresses) > 0 {
		w.name("SrcIpAddr")
		ev.putAddress(w, addresses[0])
		ev.takeAddress()
	}
}
