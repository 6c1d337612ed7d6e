package record

import (
	"bytes"

	"fluent-bit-confluence/internal/record/action"
)

// entity is something a record is about.
type entity struct {
	node     uint32
	affected bool // not just mentioned
	kind     entityKind
	name     field
	kindName field // as the record calls the kind
	id, uri  field // Data Center
}

type entityKind int

const (
	otherObject entityKind = iota
	userObject
	groupObject
)

// readObjects reads a list of objects, or one object.
func (r *reading) readObjects(list uint32, affected bool) {
	if list == 0 {
		return
	}
	if r.doc.kind(list) == '{' {
		r.readObject(list, affected)
		return
	}
	for e := range r.doc.elements(list) {
		if r.doc.kind(e) == '{' {
			r.readObject(e, affected)
		}
	}
}

func (r *reading) readObject(node uint32, affected bool) {
	o := entity{node: node, affected: affected}
	for name, value := range r.doc.members(node) {
		switch string(r.doc.text(name)) {
		case "name":
			r.text(&o.name, value)
		case "objectType", "type":
			r.text(&o.kindName, value)
		case "id":
			r.text(&o.id, value)
		case "uri":
			r.text(&o.uri, value)
		default:
			r.takeNothing(value)
		}
	}
	if r.allTaken(node) {
		return
	}
	switch {
	case equalFold(o.kindName.text, "user"):
		o.kind = userObject
	case equalFold(o.kindName.text, "group"):
		o.kind = groupObject
	}
	r.objects = append(r.objects, o)
}

// allTaken tells whether object node says nothing that is not taken, and takes it then.
func (r *reading) allTaken(node uint32) bool {
	for _, value := range r.doc.members(node) {
		if !r.doc.taken(value) {
			return false
		}
	}
	r.doc.take(node)
	return true
}

func (r *reading) userIn(o *entity) party {
	if r.everybody(o) {
		return party{name: first(o.name.copied(), anonymous), kind: anonymousKind}
	}
	p := userOf(o.name, o.uri)
	if r.dataCenter && (!o.id.absent() || !o.uri.absent()) {
		p.kind = userKind // somebody who is called Anonymous
	}
	if p.id.absent() {
		p.id = o.id.copied()
	}
	return p
}

func (o *entity) group() party {
	p := groupOf(o.name)
	if p.id.absent() {
		p.id = o.id.copied()
	}
	return p
}

// label is what to call the object: a group goes without its UUID.
func (o *entity) label() field {
	if o.kind == groupObject {
		return groupOf(o.name).name
	}
	return first(o.name, o.id)
}

// object is the one thing that the record is about, nil when it names none: of the objects that are
// affected, or else of those mentioned, the first whose kind fits the action, or else the first.
// Who got a permission is not what it is about.
func (r *reading) object() *entity {
	var best *entity
	top := 0
	for i := range r.objects {
		o := &r.objects[i]
		if n := r.rank(o); n > top && !o.label().absent() {
			best, top = o, n
		}
	}
	if best == nil && !r.purpose.name.absent() {
		return &r.purpose
	}
	return best
}

// rank says how well an object answers what the record is about; 0 is not at all. Cloud has who got
// a permission as the affected object and what it is for as an associated one, Data Center has both
// as affected ones.
func (r *reading) rank(o *entity) int {
	n := 1
	if o.fits(r.action.Object) {
		n++
	}
	switch r.action.Object {
	case action.Permission, action.Restriction:
		if o.kind != otherObject {
			return 0
		}
	default:
		if o.affected {
			n += 2
		}
	}
	return n
}

func (o *entity) fits(what action.Object) bool {
	switch what {
	case action.User, action.Session:
		return o.kind == userObject
	case action.Group, action.Member:
		return o.kind == groupObject
	case action.Space, action.Permission:
		return o.kind == otherObject && equalFold(o.kindName.text, "space")
	case action.Content, action.PublicLink, action.Restriction:
		return o.kind == otherObject && !equalFold(o.kindName.text, "space")
	}
	return o.kind == otherObject
}

// change is a value before and after.
type change struct {
	node     uint32
	name     field
	key      field // Data Center's i18n key, which may be just the English name
	from, to field
}

func (r *reading) readChanges() {
	if r.changed == 0 || r.doc.kind(r.changed) != '[' {
		return
	}
	for e := range r.doc.elements(r.changed) {
		if r.doc.kind(e) != '{' {
			continue
		}
		c := change{node: e}
		for name, value := range r.doc.members(e) {
			switch string(r.doc.text(name)) {
			case "name", "key":
				r.text(&c.name, value)
			case "i18nKey":
				r.text(&c.key, value)
			case "oldValue", "from":
				r.text(&c.from, value)
			case "newValue", "to":
				r.text(&c.to, value)
			default:
				r.takeNothing(value)
			}
		}
		if !r.allTaken(e) {
			r.changes = append(r.changes, c)
		}
	}
}

// label is what was changed, in English where Data Center has a key for it.
func (c *change) label() field {
	tail, ok := bytes.CutPrefix(c.key.text, []byte("audit.logging.changed.value."))
	switch {
	case ok:
		return field{text: tail}
	case bytes.IndexByte(c.key.text, '.') < 0:
		return first(c.key, c.name)
	}
	return c.name
}

// latest is the new value, or the old one of what was taken away.
func (c *change) latest() field { return first(c.to, c.from) }

// changeOf finds a change by what was changed, in lower case, nil when there is none.
func (r *reading) changeOf(labels ...string) *change {
	for i := range r.changes {
		for _, label := range labels {
			if c := &r.changes[i]; equalFold(c.label().text, label) {
				return c
			}
		}
	}
	return nil
}

func (r *reading) privilegeChange() *change {
	for i := range r.changes {
		if c := &r.changes[i]; r.namesPrivilege(c) {
			return c
		}
	}
	return nil
}

// namesPrivilege tells a permission by what the change is called, or in another language by the name
// of the permission.
func (r *reading) namesPrivilege(c *change) bool {
	switch label := c.label().text; {
	case equalFold(label, "type"), equalFold(label, "permission"), equalFold(label, "restriction type"), equalFold(label, "restriction.type"):
		return true
	}
	return r.action.Object == action.Permission && action.IsPermission(c.latest().text)
}

// mainChange is the change that stands for all: the only one, or the one that names the permission.
func (r *reading) mainChange() *change {
	if len(r.changes) == 1 {
		return &r.changes[0]
	}
	if r.action.Object == action.Permission || r.action.Object == action.Restriction {
		return r.privilegeChange()
	}
	return nil
}

// listOfObjects tells whether a node is a list of objects and nothing else.
func (r *reading) listOfObjects(list uint32) bool {
	if list == 0 || r.doc.kind(list) != '[' {
		return false
	}
	for e := range r.doc.elements(list) {
		if r.doc.kind(e) != '{' {
			return false
		}
	}
	return true
}
