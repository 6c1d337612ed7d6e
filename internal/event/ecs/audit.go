package ecs

import (
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
)

// putAudit writes confluence.audit.*, jira.audit.* or atlassian_cloud.audit.*, where Elastic's
// integrations keep values without a field in ECS. Values without a field in either are in `other` as JSON text: their types
// are not known, and Elasticsearch refuses a document in which a field has another type than
// before.
func putAudit(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	w.Name("type")
	w.BeginObject()
	ev.Put(w, "action", r.Summary)
	ev.Put(w, "actionI18nKey", r.Key)
	ev.Put(w, "category", r.Category)
	ev.Put(w, "categoryI18nKey", r.CategoryKey)
	ev.Put(w, "area", r.Area)
	ev.Put(w, "level", r.Level)
	w.EndObject()
	ev.Put(w, "method", r.Method)
	if !r.ID.Absent() && ev.Doc.Kind(r.ID.Node) == '"' { // an organization's; one of Jira is event.sequence
		ev.Put(w, "id", r.ID)
	}
	putAuthor(w, ev)
	putAuth(w, ev)
	putObjects(w, ev)
	putValues(w, ev)
	if r.ListOfObjects(r.Extra) {
		w.Name("extra_attributes")
		ev.Doc.Write(w, r.Extra, 4)
		ev.Doc.Take(r.Extra)
	}
	event.PutBytes(w, "other", ev.Rest())
}

// putAuthor writes the other values of the author.
func putAuthor(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	a := &r.Actor
	ev.PutBool(w, "sys_admin", r.SysAdmin)
	ev.PutBool(w, "super_admin", r.SuperAdmin)
	ev.PutBool(w, "external_collaborator", a.External)
	ev.PutBool(w, "guest", a.Guest)
	if a.Node == 0 && a.UserKey.Absent() {
		return
	}
	w.Name("author")
	w.BeginObject()
	event.Put(w, "kind", a.Kind.String())
	ev.Put(w, "type", a.OfType)
	ev.Put(w, "account_type", a.AccountType)
	ev.Put(w, "user_key", a.UserKey)
	ev.Put(w, "public_name", a.PublicName)
	ev.Put(w, "uri", a.URI)
	w.EndObject()
}

// putAuth writes how the author has signed in.
func putAuth(w document.Writer, ev *event.Event) {
	a := &ev.Reading.Auth
	if a.Node == 0 {
		return
	}
	w.Name("auth")
	w.BeginObject()
	ev.Put(w, "type", a.Type)
	ev.Put(w, "token_id", a.TokenID)
	ev.Put(w, "token_label", a.TokenLabel)
	ev.Put(w, "session_id", a.SessionID)
	w.EndObject()
}

// putObjects writes all objects of the record.
func putObjects(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if len(r.Objects) == 0 {
		return
	}
	w.Name("affected_objects")
	w.BeginArray()
	for i := range r.Objects {
		o := &r.Objects[i]
		w.BeginObject()
		ev.Put(w, "name", o.Name)
		ev.Put(w, "type", o.KindName)
		ev.Put(w, "id", o.ID)
		ev.Put(w, "uri", o.URI)
		if !o.Affected {
			w.Name("associated")
			w.Bool(true)
		}
		ev.Doc.WriteMembers(w, o.Node, 5, "name", "type", "id", "uri", "associated")
		ev.Doc.Take(o.Node)
		w.EndObject()
	}
	w.EndArray()
	for _, list := range []uint32{r.Affected, r.Associated} {
		if r.ListOfObjects(list) {
			ev.Doc.Take(list)
		}
	}
}

// putValues writes the changes. On Cloud the name of a value is both its key and its i18n key, as
// in Elastic's integration.
func putValues(w document.Writer, ev *event.Event) {
	r := &ev.Reading
	if len(r.Changes) == 0 {
		return
	}
	w.Name("changed_values")
	w.BeginArray()
	for i := range r.Changes {
		c := &r.Changes[i]
		w.BeginObject()
		ev.Put(w, "key", c.Name)
		ev.Put(w, "i18nKey", meaning.First(c.Key, c.Name))
		ev.Put(w, "from", c.From)
		ev.Put(w, "to", c.To)
		ev.Doc.WriteMembers(w, c.Node, 5, "key", "i18nKey", "from", "to")
		w.EndObject()
	}
	w.EndArray()
	if r.ListOfObjects(r.Changed) {
		ev.Doc.Take(r.Changed)
	}
}
