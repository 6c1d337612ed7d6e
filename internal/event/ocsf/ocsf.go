// Package ocsf renders events in the Open Cybersecurity Schema Framework.
package ocsf

import (
	"cmp"
	"fmt"
	"strings"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// New returns the schema `ocsf` in a version, in the newest if version is empty. A record that
// cannot be read becomes a Base Event with the original in raw_data; one with an unknown action
// becomes Entity Management: Other.
func New(version string) (event.Schema, error) {
	v := versionOf(version)
	if v == nil {
		return nil, fmt.Errorf("choose version %q of OCSF: use one of %s", version, strings.Join(Versions(), ", "))
	}
	return v.write, nil
}

func (v *version) write(w document.Writer, site *event.Site, ev *event.Event) {
	readable := ev.Interpret()
	w.BeginObject()
	if readable {
		v.record(w, site, ev)
	} else {
		putClass(w, ev, &baseClass, activityUnknown, meaning.Field{})
		putSeverity(w, 0, "Unknown")
		putStatus(w, true, false)
		event.PutInt(w, "time", ev.Time.UnixMilli())
		v.metadata(w, site, ev, &baseClass, nil)
	}
	original := ev.IncludeRaw || !readable
	if original && len(ev.Doc.Raw()) <= meaning.MaxText {
		ev.PutOriginal(w, "raw_data")
		original = false
	}
	w.Name("unmapped")
	w.BeginObject()
	if readable {
		ev.PutRest(w, 2, "atlassian", "raw_data")
	}
	w.Name("atlassian")
	event.WriteOrigin(w, site, ev)
	if original {
		ev.PutOriginal(w, "raw_data")
	}
	w.EndObject()
	w.EndObject()
}

// record writes a record that can be read, without the extras.
func (v *version) record(w document.Writer, site *event.Site, ev *event.Event) {
	r := &ev.Reading
	about := subjectOf(r.Action, !r.User.Unknown(), !r.Group.Unknown(), !r.Actor.Unknown())
	class, activity := v.classify(about, r.Action.Verb)
	putClass(w, ev, class, activity, meaning.First(r.Title, r.Summary, r.Key))
	putSeverity(w, int64(r.Action.Severity), r.Action.Severity.String())
	success, known := r.Outcome()
	putStatus(w, success, known)
	event.PutInt(w, "time", ev.Time.UnixMilli())
	ev.Put(w, "message", r.Summary)
	v.metadata(w, site, ev, class, r)
	actor, user := peopleOf(r, about)
	if actor != nil {
		w.Name("actor")
		w.BeginObject()
		v.user(w, ev, "user", actor)
		w.EndObject()
	}
	putSource(w, ev)
	if user != nil {
		v.user(w, ev, "user", user)
	}
	switch about {
	case aboutSession:
		w.Name("service")
		w.BeginObject()
		event.Put(w, "name", ev.Product.Name)
		w.EndObject()
	case aboutGroup:
		putGroup(w, ev)
	case aboutResource:
		putWebResource(w, site, ev)
	case aboutEntity:
		putManagedEntity(w, ev)
	}
	if r.Action.Object == action.Permission && class.resources != "" {
		putPrivilege(w, ev, class)
	}
	putObservables(w, ev, about, actor, user)
}

// peopleOf returns the actor and the target user, nil if the event has no place for one or the
// record names none. An event about a user is about the actor, if the record names no other user.
func peopleOf(r *meaning.Reading, about subject) (actor, user *meaning.Party) {
	actor, user = &r.Actor, &r.User
	if actor.Unknown() {
		actor = nil
	}
	switch about {
	case aboutResource, aboutEntity:
		return actor, nil
	case aboutUser, aboutCredential, aboutSession:
		if user.Unknown() {
			user = actor
		}
	}
	if user != nil && user.Unknown() {
		user = nil
	}
	return actor, user
}

func putClass(w document.Writer, ev *event.Event, class *class, activity int, text meaning.Field) {
	event.PutInt(w, "activity_id", int64(activity))
	if activity == other && !text.Absent() {
		event.PutBytes(w, "activity_name", text.Text)
	} else {
		event.Put(w, "activity_name", class.activity(activity))
	}
	event.PutInt(w, "category_uid", class.category)
	event.Put(w, "category_name", class.categoryName)
	event.PutInt(w, "class_uid", class.uid)
	event.Put(w, "class_name", class.name)
	event.PutInt(w, "type_uid", class.uid*100+int64(activity))
	ev.Scratch = append(append(append(ev.Scratch[:0], class.name...), ": "...), class.activity(activity)...)
	event.PutBytes(w, "type_name", ev.Scratch)
}

func putSeverity(w document.Writer, id int64, name string) {
	event.PutInt(w, "severity_id", id)
	event.Put(w, "severity", name)
}

func putStatus(w document.Writer, success, known bool) {
	id, name := int64(0), "Unknown"
	if known {
		id, name = 1, "Success"
		if !success {
			id, name = 2, "Failure"
		}
	}
	event.PutInt(w, "status_id", id)
	event.Put(w, "status", name)
}

// metadata writes the metadata; r is nil for a record that cannot be read.
func (v *version) metadata(w document.Writer, site *event.Site, ev *event.Event, class *class, r *meaning.Reading) {
	w.Name("metadata")
	w.BeginObject()
	event.Put(w, "version", v.name)
	w.Name("uid")
	w.TextBytes(ev.ID)
	w.Name("product")
	w.BeginObject()
	event.Put(w, "name", ev.Product.Name)
	event.Put(w, "vendor_name", "Atlassian")
	event.Put(w, "url_string", site.URL)
	w.EndObject()
	event.Put(w, "log_name", "audit")
	event.Put(w, "log_provider", ev.Product.Full)
	event.PutInt(w, "logged_time", ev.Read.UnixMilli())
	if tenant := cmp.Or(site.OrgID, site.CloudID); tenant != "" {
		event.Put(w, "tenant_uid", tenant)
	}
	if r != nil {
		ev.Put(w, "original_time", r.Time)
		if v.originalUID {
			ev.Put(w, "original_event_uid", r.ID)
		}
		ev.Put(w, "event_code", r.Name())
		event.PutTexts(w, "labels", r.Action.Name)
		if class.profile != "" {
			event.PutTexts(w, "profiles", class.profile)
		}
	}
	w.EndObject()
}
