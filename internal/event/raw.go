package event

import (
	"cmp"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/meaning"
)

// WriteRaw writes an event in the schema `raw`: the record as it was sent, with all members and
// values in their order, and then the object `atlassian`. A record that is not an object is in the
// member `record`.
func WriteRaw(w document.Writer, site *Site, ev *Event) {
	w.BeginObject()
	switch {
	case !ev.Doc.IsReadable():
		w.Name("record")
		document.WriteLoose(w, ev.Doc.Raw())
	case ev.Doc.IsObject():
		ev.Doc.WriteMembers(w, 0, 1, "atlassian")
	default:
		w.Name("record")
		ev.Doc.Write(w, 0, 2)
	}
	w.Name("atlassian")
	WriteOrigin(w, site, ev)
	w.EndObject()
}

// WriteOrigin writes the object `atlassian`: what the collector knows about the record.
func WriteOrigin(w document.Writer, site *Site, ev *Event) {
	w.BeginObject()
	w.Name("event_id")
	w.TextBytes(ev.ID)
	w.Name("deployment")
	w.Text(site.Deployment)
	w.Name("product")
	w.Text(cmp.Or(site.Product, confluence.Key))
	w.Name("site")
	w.Text(site.URL)
	if ev.Product == &organization {
		writeOrganization(w, site, ev)
	} else if site.CloudID != "" {
		w.Name("cloud_id")
		w.Text(site.CloudID)
	}
	if late := int64(ev.late / time.Second); late > 0 {
		w.Name("late_seconds")
		w.Integer(late)
	}
	if ev.Problem != "" {
		w.Name("error")
		w.Text(ev.Problem)
	}
	w.EndObject()
}

// writeOrganization writes by what an event of an organization can be joined with the record of a
// product: the cloud id of its site, which the object `atlassian` of that has too, and whether it is
// such a record again. It also writes what Atlassian calls the action, if that is known.
func writeOrganization(w document.Writer, site *Site, ev *Event) {
	w.Name("org_id")
	w.Text(site.OrgID)
	origin := meaning.OriginOf(ev.Doc)
	if len(origin.CloudID) > 0 {
		w.Name("cloud_id")
		w.TextBytes(origin.CloudID)
	}
	if origin.Mirrored {
		w.Name("mirrored")
		w.Bool(true)
	}
	if name, ok := ev.names[string(origin.Action)]; ok {
		PutBytes(w, "action_name", name.Name)
		PutBytes(w, "action_group", name.Group)
	}
}
