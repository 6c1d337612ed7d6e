package record

import (
	"fmt"
	"strings"

	"fluent-bit-confluence/internal/record/action"
)

// newOCSF is the schema `ocsf` in a version, the newest for none: the Open Cybersecurity Schema Framework. A record that cannot be read is a Base Event
// with the original in raw_data; one with an action that nobody knows is Entity Management: Other.
func newOCSF(version string) (Schema, error) {
	v := ocsfVersionOf(version)
	if v == nil {
		return nil, fmt.Errorf("choose version %q of OCSF: use one of %s", version, strings.Join(OCSFVersions(), ", "))
	}
	return v.write, nil
}

func (v *ocsfVersion) write(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	w.beginObject()
	if readable {
		v.record(w, site, ev)
	} else {
		ocsfClassification(w, ev, &ocsfBase, ocsfUnknown, field{})
		ocsfSeverity(w, 0, "Unknown")
		ocsfStatus(w, true, false)
		putInt(w, "time", ev.time.UnixMilli())
		v.metadata(w, site, ev, &ocsfBase, nil)
	}
	original := ev.includeRaw || !readable
	if original && len(ev.doc.Raw()) <= maxText {
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

// record writes all but the extras of a record that can be read.
func (v *ocsfVersion) record(w writer, site *Site, ev *event) {
	r := &ev.reading
	about := ocsfSubjectOf(r.action, !r.user.unknown(), !r.group.unknown(), !r.actor.unknown())
	class, activity := v.classify(about, r.action.Verb)
	ocsfClassification(w, ev, class, activity, first(r.summary, r.key))
	ocsfSeverity(w, int64(r.action.Severity), r.action.Severity.String())
	success, known := r.outcome()
	ocsfStatus(w, success, known)
	putInt(w, "time", ev.time.UnixMilli())
	ev.put(w, "message", r.summary)
	v.metadata(w, site, ev, class, r)
	actor, user := ocsfPeople(r, about)
	if actor != nil {
		w.name("actor")
		w.beginObject()
		v.user(w, ev, "user", actor)
		w.endObject()
	}
	ocsfSource(w, ev)
	if user != nil {
		v.user(w, ev, "user", user)
	}
	switch about {
	case aboutSession:
		w.name("service")
		w.beginObject()
		put(w, "name", "Confluence")
		w.endObject()
	case aboutGroup:
		ocsfUserGroup(w, ev)
	case aboutResource:
		ocsfWebResource(w, site, ev)
	case aboutEntity:
		ocsfManagedEntity(w, ev)
	}
	if r.action.Object == action.Permission && class.resources != "" {
		ocsfPrivilege(w, ev, class)
	}
	ocsfObservables(w, ev, about, actor, user)
}

// ocsfPeople are who did it and to whom, nil where the event has no place for them or nobody is
// known. What is about a user is about the actor, when the record names nobody else.
func ocsfPeople(r *reading, about ocsfSubject) (actor, user *party) {
	actor, user = &r.actor, &r.user
	if actor.unknown() {
		actor = nil
	}
	switch about {
	case aboutResource, aboutEntity:
		return actor, nil
	case aboutUser, aboutCredential, aboutSession:
		if user.unknown() {
			user = actor
		}
	}
	if user != nil && user.unknown() {
		user = nil
	}
	return actor, user
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

// metadata writes the metadata; r is nil for a record that cannot be read.
func (v *ocsfVersion) metadata(w writer, site *Site, ev *event, class *ocsfClass, r *reading) {
	w.name("metadata")
	w.beginObject()
	put(w, "version", v.name)
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
		if class.profile != "" {
			putTexts(w, "profiles", class.profile)
		}
	}
	w.endObject()
}
