package record

import (
	"bytes"

	"fluent-bit-confluence/internal/record/action"
)

// writeCIM is the schema `cim`: the fields of the data models Change and, for logins,
// Authentication of Splunk's Common Information Model. What they have no field for stands in the
// object `confluence`, with the name of the model.
//
// Quotation marks break searches, so the models allow none in names and ids: a value with one is
// left to `confluence`.
func writeCIM(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	w.beginObject()
	ev.putTime(w, "time", ev.time)
	put(w, "vendor_product", "Atlassian Confluence")
	putBytes(w, "dvc", ev.device())
	putBytes(w, "dest", ev.device())
	w.name("event_id")
	w.textBytes(ev.id)
	model := "Change"
	switch {
	case !readable:
		put(w, "action", "unknown")
		put(w, "change_type", "unknown")
		put(w, "object_category", "unknown")
	case ev.reading.action.Authenticates():
		model = "Authentication"
		ev.takeTime()
		cimLogin(w, ev)
	default:
		ev.takeTime()
		cimChange(w, ev)
	}
	w.name("confluence")
	w.beginObject()
	put(w, "data_model", model)
	if readable {
		cimUnmapped(w, ev)
	}
	if !readable || ev.includeRaw {
		ev.putOriginal(w, "original")
	}
	w.name("atlassian")
	writeOrigin(w, site, ev)
	w.endObject()
	w.endObject()
}

// cimUnmapped writes what is left. The person behind a user name is not in the models.
func cimUnmapped(w writer, ev *event) {
	r := &ev.reading
	if r.action.Known() {
		put(w, "action", r.action.Name)
	}
	put(w, "severity", r.action.Severity.String())
	if !r.group.unknown() {
		w.name("group")
		w.beginObject()
		ev.put(w, "id", r.group.id)
		ev.put(w, "name", r.group.name)
		w.endObject()
	}
	ev.putRest(w, 2, "data_model", "action", "severity", "group", "original", "atlassian")
}

// cimSource writes what both models call where from and by which event.
func cimSource(w writer, ev *event) {
	r := &ev.reading
	if len(r.addresses) > 0 {
		w.name("src")
		ev.putAddress(w, r.addresses[0])
		w.name("src_ip")
		ev.putAddress(w, r.addresses[0])
		ev.takeAddress()
	} else {
		ev.put(w, "src", r.source)
	}
	ev.put(w, "signature", r.summary)
	ev.put(w, "signature_id", first(r.key))
}

// cimLogin writes the fields of Authentication. Who does it for somebody else, or gains rights by
// it, is `src_user`.
func cimLogin(w writer, ev *event) {
	r := &ev.reading
	result := "success"
	if r.action.Failed() {
		result = "failure"
	}
	put(w, "action", result)
	put(w, "app", "confluence")
	cimSource(w, ev)
	user, author := &r.user, &r.actor
	if user.unknown() {
		user = author
	}
	if user.somebody() {
		cimUser(w, ev, &cimLoggedIn, user)
	}
	if author.somebody() && (r.action.Elevates() || user != author && !bytes.Equal(user.id.text, author.id.text)) {
		cimUser(w, ev, &cimLoggingIn, author)
	}
	ev.put(w, "reason", r.description)
}

// cimChange writes the fields of Change. Where a user was changed, that user is `user` and the author is `src_user`.
func cimChange(w writer, ev *event) {
	r := &ev.reading
	put(w, "action", cimAction(r.action))
	put(w, "change_type", cimChangeType(r.action.Object))
	ev.put(w, "command", r.name())
	switch success, known := r.outcome(); {
	case known && success && r.action.Verb == action.Lock:
		put(w, "status", "success")
		put(w, "result", "lockout") // by which the model knows it
	case known && success:
		put(w, "status", "success")
		ev.put(w, "result", r.description)
	case known:
		put(w, "status", "failure")
		putBytes(w, "result", first(r.description, field{text: []byte("refused")}).text)
	default:
		ev.put(w, "result", r.description)
	}
	cimSource(w, ev)
	cimObject(w, ev)
	if r.user.unknown() && !r.nobodyNamed() {
		cimUser(w, ev, &cimTarget, &r.actor)
	} else {
		cimUser(w, ev, &cimTarget, &r.user)
		cimUser(w, ev, &cimAuthor, &r.actor)
	}
}

// cimUserFields are what the fields of a user are called.
type cimUserFields struct{ label, name, id, kind string }

var (
	cimTarget    = cimUserFields{"user", "user_name", "user_id", "user_type"}
	cimAuthor    = cimUserFields{"src_user", "src_user_name", "src_user_id", "src_user_type"}
	cimLoggedIn  = cimUserFields{"user", "", "user_id", "user_type"}
	cimLoggingIn = cimUserFields{"src_user", "", "src_user_id", "src_user_type"}
)

func cimUser(w writer, ev *event, as *cimUserFields, p *party) {
	if p.unknown() {
		return
	}
	ev.put(w, as.label, first(unquoted(p.username), unquoted(p.email), unquoted(p.name), unquoted(p.id)))
	if as.name != "" {
		ev.put(w, as.name, first(unquoted(p.name), unquoted(p.username)))
	}
	ev.put(w, as.id, unquoted(p.id))
	put(w, as.kind, p.kind.String())
}

// unquoted is the field, absent when it has a quotation mark.
func unquoted(f field) field {
	if bytes.IndexByte(f.text, '"') >= 0 {
		return field{}
	}
	return f
}

func cimAction(a *action.Action) string {
	switch a.Verb {
	case action.Create, action.Install, action.Import:
		return "created"
	case action.Delete, action.Uninstall:
		return "deleted"
	case action.Empty:
		return "cleared"
	case action.Read, action.Search, action.Export:
		return "read"
	case action.Grant, action.Revoke:
		return "acl_modified"
	case action.Run:
		return "started"
	case action.Logout:
		return "stopped"
	case action.Other:
		return "unknown"
	}
	return "modified"
}

func cimChangeType(o action.Object) string {
	switch o {
	case action.User, action.Group, action.Member, action.Session, action.Credential, action.Permission, action.Restriction:
		return "AAA"
	case action.Site, action.Space, action.Content, action.Template, action.PublicLink:
		return "content"
	case action.Unknown:
		return "unknown"
	}
	return "configuration"
}

// cimObject writes what was changed.
func cimObject(w writer, ev *event) {
	r := &ev.reading
	put(w, "object_category", cimCategory(r))
	if o := r.object(); o != nil {
		putBytes(w, "object", o.label().text)
		putBytes(w, "object_id", unquoted(first(o.id, o.group().id)).text)
		putBytes(w, "object_path", unquoted(o.uri).text)
	}
	listed := false
	for i := range r.changes {
		c := &r.changes[i]
		ev.scratch = append(ev.scratch[:0], first(c.name, c.key).text...)
		ev.scratch = append(ev.scratch, '=')
		ev.scratch = append(ev.scratch, c.to.text...)
		if bytes.IndexByte(ev.scratch, '"') >= 0 {
			continue
		}
		if !listed {
			w.name("object_attrs")
			w.beginArray()
			listed = true
		}
		w.textBytes(ev.scratch)
	}
	if listed {
		w.endArray()
	}
}

// cimCategory is the kind of what was changed. An event belongs to Account Management when it says user or group.
func cimCategory(r *reading) string {
	switch r.action.Object {
	case action.User, action.Credential:
		return "user"
	case action.Group, action.Member:
		return "group"
	case action.Unknown:
		if o := r.object(); o != nil && o.kind == userObject {
			return "user"
		} else if o != nil && o.kind == groupObject {
			return "group"
		}
	}
	return string(r.action.Object)
}

// cimActionOf is the field `action` of a record of the action.
func cimActionOf(a *action.Action) string {
	switch {
	case !a.Authenticates():
		return cimAction(a)
	case a.Failed():
		return "failure"
	}
	return "success"
}
