package record

import (
	"bytes"

	"fluent-bit-confluence/internal/record/action"
)

// writeECS is the schema `ecs`: the Elastic Common Schema, with the names and values that Elastic's
// integration atlassian_confluence gives the same record, so that rules and searches made for that
// find it, and more.
func writeECS(w writer, site *Site, ev *event) {
	readable := ev.interpret()
	w.beginObject()
	ev.putTime(w, "@timestamp", ev.time)
	w.name("ecs")
	w.beginObject()
	put(w, "version", "8.11.0")
	w.endObject()
	if readable {
		ev.takeTime()
		ecsEvent(w, ev)
		ecsUser(w, ev)
		ecsGroup(w, ev, "group")
		ecsSource(w, ev)
		ecsURL(w, ev)
	} else {
		ecsUnreadable(w, ev)
	}
	ecsRelated(w, site, ev, readable)
	ecsSite(w, site, ev, readable)
	if ev.problem != "" {
		w.name("error")
		w.beginObject()
		put(w, "message", ev.problem)
		w.endObject()
	}
	w.name("confluence")
	w.beginObject()
	w.name("audit")
	w.beginObject()
	if readable {
		ecsAudit(w, ev)
	}
	w.name("atlassian")
	writeOrigin(w, site, ev)
	w.endObject()
	w.endObject()
	w.endObject()
}

func ecsEventHead(w writer, ev *event, kind string) {
	put(w, "kind", kind)
	put(w, "module", "atlassian_confluence")
	put(w, "dataset", "atlassian_confluence.audit")
	w.name("id")
	w.textBytes(ev.id)
	ev.putTime(w, "created", ev.read)
}

func ecsUnreadable(w writer, ev *event) {
	w.name("event")
	w.beginObject()
	ecsEventHead(w, ev, "pipeline_error")
	put(w, "outcome", "unknown")
	putTexts(w, "type", "info")
	ev.putOriginal(w, "original")
	w.endObject()
}

func ecsEvent(w writer, ev *event) {
	r := &ev.reading
	w.name("event")
	w.beginObject()
	ecsEventHead(w, ev, "event")
	ev.put(w, "action", r.name())
	put(w, "code", r.action.Name)
	categories, types := ecsCategories(r.action, !r.user.unknown(), !r.group.unknown())
	putTexts(w, "category", categories.list()...)
	putTexts(w, "type", types.list()...)
	switch success, known := r.outcome(); {
	case !known:
		put(w, "outcome", "unknown")
	case success:
		put(w, "outcome", "success")
	default:
		put(w, "outcome", "failure")
	}
	putInt(w, "severity", int64(r.action.Severity))
	ev.put(w, "reason", r.description)
	if ev.includeRaw {
		ev.putOriginal(w, "original")
	}
	w.endObject()
}

// ecsNames are up to two names, without memory of their own.
type ecsNames [2]string

func (n *ecsNames) list() []string {
	switch {
	case n[0] == "":
		return nil
	case n[1] == "":
		return n[:1]
	}
	return n[:]
}

// ecsCategories are event.category and event.type. ECS allows only certain types in a category. Permissions go with who
// has them.
func ecsCategories(a *action.Action, hasUser, hasGroup bool) (categories, types ecsNames) {
	switch a.Object {
	case action.Unknown:
		if a.Verb == action.Other {
			return ecsNames{}, ecsNames{"info"}
		}
		return ecsNames{}, ecsNames{ecsType(a.Verb)}
	case action.User:
		return ecsNames{"iam"}, ecsNames{"user", ecsType(a.Verb)}
	case action.Group, action.Member:
		return ecsNames{"iam"}, ecsNames{"group", ecsType(a.Verb)}
	case action.Credential:
		return ecsNames{"iam"}, ecsNames{"admin", ecsType(a.Verb)}
	case action.Permission:
		what := "deletion"
		if a.Verb == action.Grant {
			what = "creation"
		}
		switch {
		case hasGroup:
			return ecsNames{"iam", "configuration"}, ecsNames{"group", what}
		case hasUser:
			return ecsNames{"iam", "configuration"}, ecsNames{"user", what}
		}
		return ecsNames{"iam", "configuration"}, ecsNames{"admin", what}
	case action.Session:
		switch {
		case a.Failed():
			return ecsNames{"authentication"}, ecsNames{"info"}
		case a.Verb == action.Logout:
			return ecsNames{"authentication"}, ecsNames{"end"}
		}
		return ecsNames{"authentication"}, ecsNames{"start"}
	case action.App:
		switch a.Verb {
		case action.Install:
			return ecsNames{"configuration", "package"}, ecsNames{"creation", "installation"}
		case action.Uninstall:
			return ecsNames{"configuration", "package"}, ecsNames{"deletion"}
		}
	}
	return ecsNames{"configuration"}, ecsNames{ecsType(a.Verb)}
}

func ecsType(v action.Verb) string {
	switch v {
	case action.Create, action.Import:
		return "creation"
	case action.Delete, action.Empty:
		return "deletion"
	case action.Read, action.Search, action.Export:
		return "access"
	case action.Run:
		return "info"
	}
	return "change"
}

func ecsSource(w writer, ev *event) {
	r := &ev.reading
	if r.source.absent() {
		return
	}
	w.name("source")
	w.beginObject()
	ev.put(w, "address", r.source)
	if len(r.addresses) > 0 {
		w.name("ip")
		ev.putAddress(w, r.addresses[0])
	}
	w.endObject()
}

func ecsURL(w writer, ev *event) {
	if o := ev.reading.object(); o != nil && !o.uri.absent() {
		w.name("url")
		w.beginObject()
		ev.put(w, "full", o.uri)
		w.endObject()
	}
}

// maxRelated bounds related.user, which is a help for searches: all names stand elsewhere too.
const maxRelated = 32

// ecsRelated gathers what to search by, each once: ids and names of everybody, addresses, hosts.
func ecsRelated(w writer, site *Site, ev *event, readable bool) {
	w.name("related")
	w.beginObject()
	if readable {
		r := &ev.reading
		var names [maxRelated][]byte
		users := names[:0]
		for _, p := range []*party{&r.actor, &r.user} {
			if p.kind == unknownKind && !p.name.absent() { // a name made up for nobody
				continue
			}
			for _, f := range []field{p.id, p.username, p.name, p.email} {
				users = related(users, f.text)
			}
		}
		if c := r.changeOf("username"); c != nil {
			users = related(related(users, c.to.text), c.from.text)
		}
		for i := range r.objects {
			if o := &r.objects[i]; o.kind == userObject {
				users = related(related(users, o.name.text), o.id.text)
			}
		}
		ecsTexts(w, "user", users)
		if len(r.addresses) > 0 {
			w.name("ip")
			w.beginArray()
			for _, a := range r.addresses {
				ev.putAddress(w, a)
			}
			w.endArray()
		}
	}
	var both [2][]byte
	hosts := related(both[:0], ev.host)
	if readable {
		hosts = related(hosts, hostOf(ev.reading.system.text))
	}
	ecsTexts(w, "hosts", hosts)
	w.endObject()
}

// related adds a text that is not there yet, as long as there is room.
func related(to [][]byte, text []byte) [][]byte {
	if len(text) == 0 || len(to) == cap(to) {
		return to
	}
	for _, t := range to {
		if bytes.Equal(t, text) {
			return to
		}
	}
	return append(to, text)
}

func ecsTexts(w writer, name string, texts [][]byte) {
	if len(texts) == 0 {
		return
	}
	w.name(name)
	w.beginArray()
	for _, t := range texts {
		w.textBytes(t)
	}
	w.endArray()
}

// ecsSite writes which Confluence it was.
func ecsSite(w writer, site *Site, ev *event, readable bool) {
	w.name("service")
	w.beginObject()
	put(w, "type", "confluence")
	if readable && !ev.reading.system.absent() {
		ev.put(w, "address", ev.reading.system)
	} else {
		put(w, "address", site.URL)
	}
	if readable && !ev.reading.node.absent() {
		w.name("node")
		w.beginObject()
		ev.put(w, "name", ev.reading.node)
		w.endObject()
	}
	w.endObject()
	w.name("observer")
	w.beginObject()
	put(w, "vendor", "Atlassian")
	put(w, "product", "Confluence")
	put(w, "type", site.saasOr("saas", "server"))
	w.endObject()
	if site.CloudID != "" {
		w.name("organization")
		w.beginObject()
		put(w, "id", site.CloudID)
		w.endObject()
	}
}

// ecsCategoriesOf are event.category and event.type of a record of the action that has the user and the group it is
// about.
func ecsCategoriesOf(a *action.Action) (categories, types []string) {
	c, t := ecsCategories(a, true, true)
	return c.list(), t.list()
}
