package record

import (
	"strings"

	"fluent-bit-confluence/internal/record/action"
)

// What a record means follows from more than its key: who was given what, who it was that could not
// log in, and what was changed of a user.

// settle makes the action and the people say what the record says as a whole.
func (r *reading) settle() {
	switch r.action.Object {
	case action.Permission:
		r.action = r.action.For(r.grantee(), r.power())
		r.settlePurpose()
	case action.Member:
		r.action = r.action.For(action.Somebody, action.PowerOfGroup(r.group.name.text))
	case action.Session:
		r.settleSession()
	case action.User:
		if r.action.Verb == action.Update {
			r.settleActive()
		}
	}
}

// grantee tells how many got or lost a permission. Of several grantees in one record the most count.
func (r *reading) grantee() action.Grantee {
	most := action.Somebody
	if r.user.kind == anonymousKind {
		most = action.Anonymous
	} else if action.IsAuthenticated(r.group.name.text) {
		most = action.Authenticated
	}
	for i := range r.objects {
		switch o := &r.objects[i]; {
		case r.everybody(o):
			most = action.Anonymous
		case o.kind == groupObject && action.IsAuthenticated(groupOf(o.name).name.text):
			most = max(most, action.Authenticated)
		}
	}
	return most
}

// power tells the most that the permissions of a record allow.
func (r *reading) power() action.Power {
	most := action.ToUse
	for i := range r.changes {
		if c := &r.changes[i]; r.namesPrivilege(c) {
			most = max(most, action.PowerOf(c.latest().text))
		}
	}
	return most
}

// everybody tells whether an object of a permission stands for those who do not log in. Data Center
// gives that a name in its own language, but no id and no link, which every person has. Cloud has
// neither for anybody, so there it is the name, or that there is none.
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

// settlePurpose finds what a permission is for where none of the objects is it: the space that the
// changes name, or with a global permission the whole site.
func (r *reading) settlePurpose() {
	switch c := r.changeOf("space"); {
	case strings.HasPrefix(r.action.Name, "permission.global."):
		r.purpose = entity{name: field{text: []byte("Confluence")}, kindName: field{text: []byte("Site")}}
	case c != nil:
		r.purpose = entity{name: c.latest().copied(), kindName: field{text: []byte("Space")}}
	}
}

// settleSession makes the one who tried to log in the actor: the author of a failed login is
// Anonymous, which would make all of them one person's. What the record has about that author stays
// with the extras.
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

// settleActive tells an update of a user that is a deactivation, or the contrary. Data Center may
// name what changed in the language of the system: of a user, only that has yes and no for values.
func (r *reading) settleActive() {
	active := r.changeOf("active")
	for i := range r.changes {
		c := &r.changes[i]
		was, before := answers[string(c.from.text)]
		is, after := answers[string(c.to.text)]
		if !before || !after || was == is || c != active && (active != nil || !r.dataCenter) {
			continue
		}
		if is {
			r.action = action.Reactivated
		} else {
			r.action = action.Deactivated
		}
	}
}

// answers are yes and no in the languages that Confluence has.
var answers = map[string]bool{
	"Yes": true, "No": false, "yes": true, "no": false, "true": true, "false": false,
	"Ja": true, "Nein": false, "Nee": false, "Nej": false, "Nei": false, "Já": true,
	"Oui": true, "Non": false, "Sí": true, "Sì": true, "Sim": true, "Não": false, "Da": true, "Nu": false,
	"Tak": true, "Nie": false, "Ano": true, "Áno": true, "Ne": false, "Да": true, "Нет": false,
	"Kyllä": true, "Jah": true, "Ei": false, "Igen": true, "Nem": false,
	"はい": true, "いいえ": false, "是": true, "否": false, "예": true, "아니요": false, "아니오": false,
}

// nobodyNamed tells whether the record is about a user, but names none, as Cloud's "User
// deactivated" does: the author is not that user.
func (r *reading) nobodyNamed() bool { return r.action.Object == action.User && r.user.unknown() }

// ofUser tells whether the changes are those of a user.
func (r *reading) ofUser() bool {
	return r.action.Object == action.User && r.action.Verb != action.Delete
}

// The changes of a user that ECS has fields for.
func (r *reading) userChanges() (name, full, email *change) {
	return r.changeOf("username"), r.changeOf("display name", "full name", "display.name", "full.name"), r.changeOf("email")
}
