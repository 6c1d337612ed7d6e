// Package cim renders events in Splunk's Common Information Model.
package cim

import (
	"bytes"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// Write writes an event in the schema `cim`: the fields of the data models Change and, for logins,
// Authentication of Splunk's Common Information Model. The other values, and the name of the model,
// are in the object `confluence`, `jira`
// or `atlassian_cloud`.
//
// The models allow no quotation marks in names and ids, because they break searches: a value with
// one stays in that object.
func Write(w document.Writer, site *event.Site, ev *event.Event) {
	readable := ev.Interpret()
	w.BeginObject()
	ev.PutTime(w, "time", ev.Time)
	event.Put(w, "vendor_product", ev.Product.Full)
	event.PutBytes(w, "dvc", ev.Device())
	event.PutBytes(w, "dest", ev.Device())
	w.Name("event_id")
	w.TextBytes(ev.ID)
	model := "Change"
	switch {
	case !readable:
		event.Put(w, "action", "unknown")
		event.Put(w, "change_type", "unknown")
		event.Put(w, "object_category", "unknown")
	case ev.Reading.Action.Authenticates():
		model = "Authentication"
		ev.TakeTime()
		putLogin(w, ev)
	default:
		ev.TakeTime()
		putChange(w, ev)
	}
	w.Name(ev.Product.Object)
	w.BeginObject()
	event.Put(w, "data_model", model)
	if readable {
		putUnmapped(w, ev)
	}
	if !readable || ev.IncludeRaw {
		ev.PutOriginal(w, "original")
	}
	w.Name("atlassian")
	event.WriteOrigin(w, site, ev)
	w.EndObject()
	w.EndObject()
}

// putUnmapped writes the values that are left. The models have no field for a person's full name.
func putUnmapped(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if r.Action.Known() {
		event.Put(w, "action", r.Action.Name)
	}
	event.Put(w, "severity", r.Action.Severity.String())
	if !r.Group.Unknown() {
		w.Name("group")
		w.BeginObject()
		ev.Put(w, "id", r.Group.ID)
		ev.Put(w, "name", r.Group.Name)
		w.EndObject()
	}
	ev.PutRest(w, 2, "data_model", "action", "severity", "group", "original", "atlassian")
}

// putSource writes the fields of both models for the source and the event.
func putSource(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if len(r.Addresses) > 0 {
		w.Name("src")
		ev.PutAddress(w, r.Addresses[0])
		w.Name("src_ip")
		ev.PutAddress(w, r.Addresses[0])
		ev.TakeAddress()
	} else {
		ev.Put(w, "src", r.Source)
	}
	ev.Put(w, "signature", r.Summary)
	ev.Put(w, "signature_id", r.Key)
}

// putLogin writes the fields of Authentication. `src_user` is who acts for another user, or gains
// rights.
func putLogin(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	result := "success"
	if r.Action.Failed() {
		result = "failure"
	}
	event.Put(w, "action", result)
	event.Put(w, "app", ev.Product.Key)
	putSource(w, ev)
	user, author := &r.User, &r.Actor
	if user.Unknown() {
		user = author
	}
	if user.Somebody() {
		putUser(w, ev, &loggedInFields, user)
	}
	if author.Somebody() && (r.Action.Elevates() || user != author && !r.Same(user, author)) {
		putUser(w, ev, &loggingInFields, author)
	}
	ev.Put(w, "reason", r.Description)
}

// putChange writes the fields of Change. If a user was changed, that user is `user` and the author
// is `src_user`.
func putChange(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	event.Put(w, "action", actionOf(r.Action))
	event.Put(w, "change_type", changeType(r.Action.Object))
	ev.Put(w, "command", r.Name())
	switch success, known := r.Outcome(); {
	case known && success && r.Action.Verb == action.Lock:
		event.Put(w, "status", "success")
		event.Put(w, "result", "lockout") // by this the model recognises it
	case known && success:
		event.Put(w, "status", "success")
		ev.Put(w, "result", r.Description)
	case known:
		event.Put(w, "status", "failure")
		event.PutBytes(w, "result", meaning.First(r.Description, meaning.Field{Text: []byte("refused")}).Text)
	default:
		ev.Put(w, "result", r.Description)
	}
	putSource(w, ev)
	putObject(w, ev)
	if r.User.Unknown() && !r.NobodyNamed() {
		putUser(w, ev, &targetFields, &r.Actor)
	} else {
		putUser(w, ev, &targetFields, &r.User)
		putUser(w, ev, &authorFields, &r.Actor)
	}
}

// userFields are the names of the fields of a user.
type userFields struct{ label, name, id, kind string }

var (
	targetFields    = userFields{"user", "user_name", "user_id", "user_type"}
	authorFields    = userFields{"src_user", "src_user_name", "src_user_id", "src_user_type"}
	loggedInFields  = userFields{"user", "", "user_id", "user_type"}
	loggingInFields = userFields{"src_user", "", "src_user_id", "src_user_type"}
)

func putUser(w document.Writer, ev *event.Event, as *userFields, p *meaning.Party) {
	if p.Unknown() {
		return
	}
	ev.Put(w, as.label, meaning.First(unquoted(p.Username), unquoted(p.Email), unquoted(p.Name), unquoted(p.ID)))
	if as.name != "" {
		ev.Put(w, as.name, meaning.First(unquoted(p.Name), unquoted(p.Username)))
	}
	ev.Put(w, as.id, unquoted(p.ID))
	event.Put(w, as.kind, p.Kind.String())
}

// unquoted returns the field, or an absent one if it has a quotation mark.
func unquoted(f meaning.Field) meaning.Field {
	if bytes.IndexByte(f.Text, '"') >= 0 {
		return meaning.Field{}
	}
	return f
}

func actionOf(a *action.Action) string {
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

func changeType(o action.Object) string {
	switch o {
	case action.User, action.Group, action.Member, action.Session, action.Credential, action.Permission, action.Restriction, action.Role:
		return "AAA"
	case action.Site, action.Space, action.Content, action.Template, action.PublicLink, action.Project, action.View, action.Issue:
		return "content"
	case action.Unknown:
		return "unknown"
	}
	return "configuration"
}

// putObject writes what was changed.
func putObject(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	event.Put(w, "object_category", category(r))
	if o := r.Object(); o != nil {
		event.PutBytes(w, "object", o.Label().Text)
		event.PutBytes(w, "object_id", unquoted(meaning.First(o.ID, o.Group().ID)).Text)
		event.PutBytes(w, "object_path", unquoted(o.URI).Text)
	}
	listed := false
	for i := range r.Changes {
		c := &r.Changes[i]
		ev.Scratch = append(ev.Scratch[:0], meaning.First(c.Name, c.Key).Text...)
		ev.Scratch = append(ev.Scratch, '=')
		ev.Scratch = append(ev.Scratch, c.To.Text...)
		if bytes.IndexByte(ev.Scratch, '"') >= 0 {
			continue
		}
		if !listed {
			w.Name("object_attrs")
			w.BeginArray()
			listed = true
		}
		w.TextBytes(ev.Scratch)
	}
	if listed {
		w.EndArray()
	}
}

// category returns the kind of the changed object. With user or group, an event belongs to Account
// Management.
func category(r *meaning.Reading) string {
	switch r.Action.Object {
	case action.User, action.Credential:
		return "user"
	case action.Group, action.Member:
		return "group"
	case action.Unknown:
		if o := r.Object(); o != nil && o.Kind == meaning.UserObject {
			return "user"
		} else if o != nil && o.Kind == meaning.GroupObject {
			return "group"
		}
	}
	return string(r.Action.Object)
}

// ActionOf returns the field `action` for an action.
func ActionOf(a *action.Action) string {
	switch {
	case !a.Authenticates():
		return actionOf(a)
	case a.Failed():
		return "failure"
	}
	return "success"
}
