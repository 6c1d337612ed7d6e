package record

import "fluent-bit-confluence/internal/record/action"

// writeOCSF is the schema `ocsf`: the Open Cybersecurity Schema Framework. A record that cannot be read is a Base Event
// with the original in raw_data; one with an action that nobody knows is Entity Management: Other.
func writeOCSF(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	w.beginObject()
	if readable {
		ocsfRecord(w, site, ev)
	} else {
		ocsfClassification(w, ev, &ocsfBase, ocsfUnknown, field{})
		ocsfSeverity(w, 0, "Unknown")
		ocsfStatus(w, true, false)
		putInt(w, "time", ev.time.UnixMilli())
		ocsfMetadata(w, site, ev, &ocsfBase, nil)
	}
	original := ev.includeRaw || !readable
	if original && len(ev.doc.src) <= maxText {
		ev.putOriginal(w, "raw_data")
		original = false
	}
	w.name("unmapped")
	w.beginObject()
	if readable {
		ev.putRest(w, 2, "atlassian", "raw_data")
	}
	w.name("atlassian")
	writeOrigin(w, site, ev)
	if original {
		ev.putOriginal(w, "raw_data")
	}
	w.endObject()
	w.endObject()
}

// ocsfRecord writes all but the extras of a record that can be read.
func ocsfRecord(w writer, site *Site, ev *event) {
	r := &ev.reading
	class, activity := ocsfClassify(r.action, !r.user.unknown(), !r.group.unknown(), !r.actor.unknown())
	ocsfClassification(w, ev, class, activity, first(r.summary, r.key))
	ocsfSeverity(w, int64(r.action.Severity), r.action.Severity.String())
	success, known := r.outcome()
	ocsfStatus(w, success, known)
	putInt(w, "time", ev.time.UnixMilli())
	ev.put(w, "message", r.summary)
	ocsfMetadata(w, site, ev, class, r)
	if !r.actor.unknown() {
		w.name("actor")
		w.beginObject()
		ocsfUser(w, ev, "user", &r.actor)
		w.endObject()
	}
	ocsfSource(w, ev)
	switch class {
	case &ocsfAccount, &ocsfLogin: // of oneself, when the record names nobody else
		if r.user.unknown() {
			ocsfUser(w, ev, "user", &r.actor)
		} else {
			ocsfUser(w, ev, "user", &r.user)
		}
	case &ocsfGroup:
		w.name("group")
		w.beginObject()
		ev.put(w, "name", r.group.name)
		ev.put(w, "uid", r.group.id)
		w.endObject()
		ocsfUser(w, ev, "user", &r.user)
	case &ocsfAccess:
		ocsfUser(w, ev, "user", &r.user)
	case &ocsfWeb:
		ocsfWebResource(w, site, ev)
	case &ocsfEntity:
		ocsfManagedEntity(w, ev)
	}
	if class == &ocsfLogin {
		w.name("service")
		w.beginObject()
		put(w, "name", "Confluence")
		w.endObject()
	}
	if r.action.Object == action.Permission && class != &ocsfEntity {
		ocsfPrivilege(w, ev)
	}
	ocsfObservables(w, ev)
}

func ocsfClassification(w writer, ev *event, class *ocsfClass, activity int, text field) {
	putInt(w, "activity_id", int64(activity))
	if activity == ocsfOther && !text.absent() {
		putBytes(w, "activity_name", text.text)
	} else {
		put(w, "activity_name", class.activity(activity))
	}
	putInt(w, "category_uid", class.category)
	put(w, "category_name", class.categoryName)
	putInt(w, "class_uid", class.uid)
	put(w, "class_name", class.name)
	putInt(w, "type_uid", class.uid*100+int64(activity))
	ev.scratch = append(append(append(ev.scratch[:0], class.name...), ": "...), class.activity(activity)...)
	putBytes(w, "type_name", ev.scratch)
}

func ocsfSeverity(w writer, id int64, name string) {
	putInt(w, "severity_id", id)
	put(w, "severity", name)
}

func ocsfStatus(w writer, success, known bool) {
	id, name := int64(0), "Unknown"
	if known {
		id, name = 1, "Success"
		if !success {
			id, name = 2, "Failure"
		}
	}
	putInt(w, "status_id", id)
	put(w, "status", name)
}

// ocsfMetadata writes the metadata; r is nil for a record that cannot be read.
func ocsfMetadata(w writer, site *Site, ev *event, class *ocsfClass, r *reading) {
	w.name("metadata")
	w.beginObject()
	put(w, "version", ocsfVersion)
	w.name("uid")
	w.textBytes(ev.id)
	w.name("product")
	w.beginObject()
	put(w, "name", "Confluence")
	put(w, "vendor_name", "Atlassian")
	put(w, "url_string", site.URL)
	w.endObject()
	put(w, "log_name", "audit")
	put(w, "log_provider", "Atlassian Confluence")
	putInt(w, "logged_time", ev.read.UnixMilli())
	if site.CloudID != "" {
		put(w, "tenant_uid", site.CloudID)
	}
	if r != nil {
		ev.put(w, "original_time", r.time)
		ev.put(w, "event_code", r.name())
		putTexts(w, "labels", r.action.Name)
		if class == &ocsfWeb {
			putTexts(w, "profiles", "host") // which gives the class its actor
		}
	}
	w.endObject()
}
