package meaning

import (
	"bytes"

	"fluent-bit-confluence/internal/meaning/action"
)

// Entity is an object that a record is about or mentions.
type Entity struct {
	Node     uint32
	Affected bool // affected, not just associated
	Kind     entityKind
	Name     Field
	KindName Field // the kind, as the record names it
	ID       Field // Data Center, Jira Cloud
	URI      Field // Data Center
}

type entityKind int

// Kinds of objects.
const (
	OtherObject entityKind = iota
	UserObject
	GroupObject
)

// readObjects reads a list of objects, or one object.
func (r *Reading) readObjects(list uint32, affected bool) {
	if list == 0 {
		return
	}
	if r.doc.Kind(list) == '{' {
		r.readObject(list, affected)
		return
	}
	for e := range r.doc.Elements(list) {
		if r.doc.Kind(e) == '{' {
			r.readObject(e, affected)
		}
	}
}

// readObject appends an object, unless it holds no information, or no other than the affected one.
func (r *Reading) readObject(node uint32, affected bool) {
	repeated := r.profile.repeatsObjects && !affected && len(r.Objects) > 0 && bytes.Equal(r.doc.Text(node), r.doc.Text(r.Objects[0].Node))
	n := len(r.Objects)
	r.Objects = append(r.Objects, Entity{Node: node, Affected: affected})
	o := &r.Objects[n]
	for name, value := range r.doc.Members(node) {
		switch name := r.doc.Text(name); string(name) {
		case "name":
			r.text(&o.Name, value)
		case "objectType", "type":
			r.text(&o.KindName, value)
		case "id":
			r.text(&o.ID, value)
		case "uri":
			r.text(&o.URI, value)
		default:
			r.profile.objectMember(r, o, name, value)
		}
	}
	switch {
	case r.AllTaken(node), repeated:
		*o, r.Objects = Entity{}, r.Objects[:n]
	case isKind(o, "user"):
		o.Kind = UserObject
	case isKind(o, "group"):
		o.Kind = GroupObject
	}
}

// isKind reports whether an object is of a kind. An organization's log names kinds in the plural.
func isKind(o *Entity, kind string) bool {
	text := o.KindName.Text
	if n := len(text) - 1; n == len(kind) && text[n] == 's' {
		text = text[:n]
	}
	return equalFold(text, kind)
}

// AllTaken reports whether all members of object node are taken or empty. If so, it takes the
// object.
func (r *Reading) AllTaken(node uint32) bool {
	for _, value := range r.doc.Members(node) {
		if !r.doc.Taken(value) {
			return false
		}
	}
	r.doc.Take(node)
	return true
}

// Group returns the object as a group.
func (o *Entity) Group() Party {
	p := groupOf(o.Name)
	if p.ID.Absent() {
		p.ID = o.ID.Copied()
	}
	return p
}

// Label returns the name of the object, for a group without its UUID.
func (o *Entity) Label() Field {
	if o.Kind == GroupObject {
		return groupOf(o.Name).Name
	}
	return First(o.Name, o.ID)
}

// Object returns the object that the record is about, nil when it names none. Affected objects come
// before associated ones, and among them those whose kind fits the action; else the first one. Who
// got a permission is not what the record is about.
func (r *Reading) Object() *Entity {
	var best *Entity
	top := 0
	for i := range r.Objects {
		o := &r.Objects[i]
		if n := r.rank(o); n > top && !o.Label().Absent() {
			best, top = o, n
		}
	}
	if best == nil && !r.purpose.Name.Absent() {
		return &r.purpose
	}
	return best
}

// rank returns how well an object fits as what the record is about; 0 is not at all. On Cloud, who
// got a permission is the affected object and what it is for is an associated one. On Data Center
// both are affected objects.
func (r *Reading) rank(o *Entity) int {
	n := 1
	if o.fits(r.Action.Object) {
		n++
	}
	switch r.Action.Object {
	case action.Permission, action.Restriction:
		if o.Kind != OtherObject {
			return 0
		}
	default:
		if o.Affected {
			n += 2
		}
	}
	return n
}

func (o *Entity) fits(what action.Object) bool {
	switch what {
	case action.User, action.Session:
		return o.Kind == UserObject
	case action.Group, action.Member:
		return o.Kind == GroupObject
	case action.Space, action.Permission:
		return o.Kind == OtherObject && equalFold(o.KindName.Text, "space")
	case action.Content, action.PublicLink, action.Restriction:
		return o.Kind == OtherObject && !equalFold(o.KindName.Text, "space")
	}
	return o.Kind == OtherObject
}

// Change is a value before and after a change.
type Change struct {
	Node     uint32
	Name     Field
	Key      Field // Data Center's i18n key, which may be just the English name
	From, To Field
}

func (r *Reading) readChanges() {
	if r.Changed == 0 || r.doc.Kind(r.Changed) != '[' {
		return
	}
	for e := range r.doc.Elements(r.Changed) {
		if r.doc.Kind(e) != '{' {
			continue
		}
		n := len(r.Changes)
		r.Changes = append(r.Changes, Change{Node: e})
		c := &r.Changes[n]
		for name, value := range r.doc.Members(e) {
			switch name := r.doc.Text(name); string(name) {
			case "name", "key":
				r.text(&c.Name, value)
			case "i18nKey":
				r.text(&c.Key, value)
			case "oldValue", "from":
				r.text(&c.From, value)
			case "newValue", "to":
				r.text(&c.To, value)
			default:
				r.profile.changeMember(r, c, name, value)
			}
		}
		if r.AllTaken(e) {
			*c, r.Changes = Change{}, r.Changes[:n]
		}
	}
}

// label returns what was changed, in English if Data Center has a key for it.
func (r *Reading) label(c *Change) Field {
	for _, prefix := range r.profile.labels {
		if tail, ok := bytes.CutPrefix(c.Key.Text, []byte(prefix)); ok {
			return Field{Text: tail}
		}
	}
	if bytes.IndexByte(c.Key.Text, '.') < 0 {
		return First(c.Key, c.Name)
	}
	return c.Name
}

// Latest returns the new value, or the old one if it was removed.
func (c *Change) Latest() Field { return First(c.To, c.From) }

// ChangeOf returns the change with one of the labels, in lower case, nil when there is none.
func (r *Reading) ChangeOf(labels ...string) *Change {
	for i := range r.Changes {
		c := &r.Changes[i]
		text := r.label(c).Text
		for _, label := range labels {
			if equalFold(text, label) {
				return c
			}
		}
	}
	return nil
}

func (r *Reading) privilegeChange() *Change {
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) {
			return c
		}
	}
	return nil
}

// NamesPrivilege reports whether a change is about a permission. It shows in the label or, in
// another language, in the name of the permission.
func (r *Reading) NamesPrivilege(c *Change) bool {
	label := r.label(c).Text
	for _, privilege := range r.profile.privileges {
		if equalFold(label, privilege) {
			return true
		}
	}
	return r.Action.Object == action.Permission && r.profile.actions.IsPermission(c.Latest().Text)
}

// MainChange returns the change that stands for all: the only one, or the one that names the
// permission.
func (r *Reading) MainChange() *Change {
	if len(r.Changes) == 1 {
		return &r.Changes[0]
	}
	if r.Action.Object == action.Permission || r.Action.Object == action.Restriction {
		return r.privilegeChange()
	}
	return nil
}

// ListOfObjects reports whether a node is a list of objects and nothing else.
func (r *Reading) ListOfObjects(list uint32) bool {
	if list == 0 || r.doc.Kind(list) != '[' {
		return false
	}
	for e := range r.doc.Elements(list) {
		if r.doc.Kind(e) != '{' {
			return false
		}
	}
	return true
}
