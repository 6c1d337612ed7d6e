package record

import (
	"bytes"
	"strings"

	"fluent-bit-confluence/internal/record/action"
)

// What a record means follows from more than its key: who was given what, who it was that could not log in, and what
// was changed of a user.

// settle makes the action and the people say what the record says as a whole.
func (r *reading) settle() {
	switch r.action.Object {
	case action.Permission:
		r.action = r.action.For(r.grantee(), action.PowerOf(r.privilege().text))
		r.settlePurpose()
	case action.Member:
		r.action = r.action.For(action.Somebody, action.PowerOfGroup(r.group.name.text))
	case action.Session:
		r.settleSession()
	case action.User:
		if c := r.changeOf("active"); c != nil && r.action.Verb == action.Update {
			r.settleActive(c)
		}
	}
}

// grantee tells how many got or lost a permission.
func (r *reading) grantee() action.Grantee {
	switch {
	case r.user.kind == anonymousKind:
		return action.Anonymous
	case action.IsAuthenticated(r.group.name.text):
		return action.Authenticated
	}
	return action.Somebody
}

// everybody tells whether an object of a permission stands for those who do not log in. Data Center gives that a name in
// its own language, but no id and no link, which every person has. Cloud has neither for anybody, so there it is the
// name, or that there is none.
func (r *reading) everybody(o *entity) bool {
	switch {
	case o.kind != userObject || r.action.Object != action.Permission:
		return false
	case r.dataCenter:
		return o.id.absent() && o.uri.absent()
	}
	return o.name.absent() && o.affected || isAnonymous(o.name.text)
}

// isAnonymous tells whether a name is that of those who do not log in, in English.
func isAnonymous(name []byte) bool {
	return equalFold(name, "anonymous") || equalFold(name, "anonymous user") || equalFold(name, "anonymous users") || equalFold(name, "anonymous access")
}

// settlePurpose finds what a permission is for where none of the objects is it: the space that the changes name, or
// with a global permission the whole site.
func (r *reading) settlePurpose() {
	switch c := r.changeOf("space"); {
	case strings.HasPrefix(r.action.Name, "permission.global."):
		r.purpose = entity{name: field{text: []byte("Confluence")}, kindName: field{text: []byte("Site")}}
	case c != nil:
		r.purpose = entity{name: c.latest().copied(), kindName: field{text: []byte("Space")}}
	}
}

// settleSession makes the one who tried to log in the actor: the author of a failed login is Anonymous, which would
// make all of them one person's. What the record has about that author stays with the extras.
func (r *reading) settleSession() {
	u := &r.user
	if u.id.absent() && u.username.absent() { // what was typed in, and nobody is called so
		u.username, u.name = u.name, field{}
	}
	a := &r.actor
	switch {
	case !u.unknown() && (r.action.Failed() || a.kind == anonymousKind || a.kind == unknownKind):
		a.id, a.name, a.username, a.email, a.kind = u.id, u.name, u.username, u.email, u.kind
	case r.action.Failed() && a.kind == anonymousKind:
		a.id, a.name, a.kind = field{}, field{text: []byte("Unknown")}, unknownKind
	}
}

// settleActive tells an update of a user that is a deactivation, or the contrary.
func (r *reading) settleActive(c *change) {
	switch was, is := isYes(c.from.text), isYes(c.to.text); {
	case was && !is:
		r.action = action.Deactivated
	case is && !was:
		r.action = action.Reactivated
	}
}

func isYes(text []byte) bool { return equalFold(text, "yes") || equalFold(text, "true") }

// nobodyNamed tells whether the record is about a user, but names none, as Cloud's "User deactivated" does: the author
// is not that user.
func (r *reading) nobodyNamed() bool { return r.action.Object == action.User && r.user.unknown() }

// nameKinds tells users and groups by other things than the words for them, which on Data Center are in the language of
// the system.
func (r *reading) nameKinds() {
	if !r.dataCenter {
		return
	}
	about := r.action.Object
	switch about {
	case action.User, action.Group, action.Member, action.Session, action.Permission, action.Restriction:
	default:
		return
	}
	found := false // a user or a group
	for i := range r.objects {
		o := &r.objects[i]
		if o.kind == otherObject && !equalFold(o.kindName.text, "space") {
			o.kind = r.kindOf(o, about)
		}
		found = found || o.kind != otherObject
	}
	if found || about != action.Permission {
		return
	}
	for i := range r.objects {
		if o := &r.objects[i]; o.id.absent() && o.uri.absent() && !equalFold(o.kindName.text, "space") {
			o.kind = userObject // everybody
			return
		}
	}
}

func (r *reading) kindOf(o *entity, about action.Object) entityKind {
	named := func(label string) bool {
		c := r.changeOf(label)
		return c != nil && !o.name.absent() && bytes.Equal(c.latest().text, o.name.text)
	}
	switch {
	case !usernameIn(o.uri.text).absent(), named("user"):
		return userObject
	case !o.id.absent() && bytes.Equal(o.id.text, o.name.text), named("group"), about == action.Group:
		return groupObject
	case about == action.User, about == action.Session:
		return userObject
	case about == action.Member && !o.id.absent():
		return userObject
	}
	return otherObject
}
