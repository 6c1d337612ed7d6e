package record

// ecsAudit writes confluence.audit.*, where Elastic's integration keeps what ECS has no field for. What neither has a
// field for stands in `other` as JSON text: Elasticsearch refuses a document in which a field has another type than it
// had before, and nobody knows what these values will be.
func ecsAudit(w writer, ev *event) {
	r := &ev.reading
	w.name("type")
	w.beginObject()
	ev.put(w, "action", r.summary)
	ev.put(w, "actionI18nKey", r.key)
	ev.put(w, "category", r.category)
	ev.put(w, "categoryI18nKey", r.categoryKey)
	w.endObject()
	ev.put(w, "method", r.method)
	ecsAuthor(w, ev)
	ecsObjects(w, ev)
	ecsValues(w, ev)
	if r.listOfObjects(r.extra) {
		w.name("extra_attributes")
		ev.doc.write(w, r.extra, 4)
		ev.doc.take(r.extra)
	}
	putBytes(w, "other", ev.rest())
}

// ecsAuthor writes what else the record says about the author.
func ecsAuthor(w writer, ev *event) {
	r := &ev.reading
	a := &r.actor
	ev.putBool(w, "sys_admin", r.sysAdmin)
	ev.putBool(w, "super_admin", r.superAdmin)
	ev.putBool(w, "external_collaborator", a.external)
	ev.putBool(w, "guest", a.guest)
	if a.node == 0 {
		return
	}
	w.name("author")
	w.beginObject()
	put(w, "kind", a.kind.String())
	ev.put(w, "type", a.ofType)
	ev.put(w, "account_type", a.accountType)
	ev.put(w, "user_key", a.userKey)
	ev.put(w, "public_name", a.publicName)
	ev.put(w, "uri", a.uri)
	w.endObject()
}

// ecsObjects writes everything the record is about or mentions.
func ecsObjects(w writer, ev *event) {
	r := &ev.reading
	if len(r.objects) == 0 {
		return
	}
	w.name("affected_objects")
	w.beginArray()
	for i := range r.objects {
		o := &r.objects[i]
		w.beginObject()
		ev.put(w, "name", o.name)
		ev.put(w, "type", o.kindName)
		ev.put(w, "id", o.id)
		ev.put(w, "uri", o.uri)
		if !o.affected {
			w.name("associated")
			w.bool(true)
		}
		ev.doc.writeMembers(w, o.node, 5, "name", "type", "id", "uri", "associated")
		ev.doc.take(o.node)
		w.endObject()
	}
	w.endArray()
	for _, list := range []uint32{r.affected, r.associated} {
		if r.listOfObjects(list) {
			ev.doc.take(list)
		}
	}
}

// ecsValues writes what changed. On Cloud the name of a value is both its key and its i18n key, as Elastic has it.
func ecsValues(w writer, ev *event) {
	r := &ev.reading
	if len(r.changes) == 0 {
		return
	}
	w.name("changed_values")
	w.beginArray()
	for i := range r.changes {
		c := &r.changes[i]
		w.beginObject()
		ev.put(w, "key", c.name)
		ev.put(w, "i18nKey", first(c.key, c.name))
		ev.put(w, "from", c.from)
		ev.put(w, "to", c.to)
		ev.doc.writeMembers(w, c.node, 5, "key", "i18nKey", "from", "to")
		w.endObject()
	}
	w.endArray()
	if r.listOfObjects(r.changed) {
		ev.doc.take(r.changed)
	}
}
