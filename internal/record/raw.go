package record

import "time"

// writeRaw is the schema `raw`: the record as it was sent, every member in its place and every value kept, followed by
// one object `atlassian`. A record that is not an object stands in the member `record`.
func writeRaw(w writer, site *Site, ev *event) {
	w.beginObject()
	switch {
	case !ev.doc.isReadable():
		w.name("record")
		writeLoose(w, ev.doc.Raw())
	case ev.doc.isObject():
		ev.doc.writeMembers(w, 0, 1, "atlassian")
	default:
		w.name("record")
		ev.doc.write(w, 0, 2)
	}
	w.name("atlassian")
	writeOrigin(w, site, ev)
	w.endObject()
}

// writeOrigin writes the object `atlassian`: what the collector has to say about the record.
func writeOrigin(w writer, site *Site, ev *event) {
	w.beginObject()
	w.name("event_id")
	w.textBytes(ev.id)
	w.name("deployment")
	w.text(site.Deployment)
	w.name("site")
	w.text(site.URL)
	if site.CloudID != "" {
		w.name("cloud_id")
		w.text(site.CloudID)
	}
	if late := int64(ev.late / time.Second); late > 0 {
		w.name("late_seconds")
		w.integer(late)
	}
	if ev.problem != "" {
		w.name("error")
		w.text(ev.problem)
	}
	w.endObject()
}
