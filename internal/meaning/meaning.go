package meaning

import (
	"strings"

	"fluent-bit-confluence/internal/meaning/action"
)

// What a record means follows from more than its key: who was given what, who it was that could not
// log in, and what was changed of a user.

// settle makes the action and the people say what the record says as a whole.
func (r *Reading) settle() {
	switch r.Action.Object {
	case action.Permission:
		r.Action = r.Action.For(r.grantee(), r.power())
		r.settlePurpose()
	case action.Member:
		r.Action = r.Action.For(action.Somebody, action.PowerOfGroup(r.Group.Name.Text))
	case action.Session:
		r.settleSession()
	case action.User:
		if r.Action.Verb == action.Update {
			r.settleActive()
		}
	}
}

// grantee tells how many got or lost a permission. Of several grantees in one record the most
// count.
func (r *Reading) grantee() action.Grantee {
	most := action.Somebody
	if r.User.Kind == AnonymousKind {
		most = action.Anonymous
	} else if action.IsAuthenticated(r.Group.Name.Text) {
		most = action.Authenticated
	}
	for i := range r.Objects {
		switch o := &r.Objects[i]; {
		case r.everybody(o):
			most = action.Anonymous
		case o.Kind == GroupObject && action.IsAuthenticated(groupOf(o.Name).Name.Text):
			most = max(most, action.Authenticated)
		}
	}
	return most
}

// power tells the most that the permissions of a record allow.
func (r *Reading) power() action.Power {
	most := action.ToUse
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) {
			most = max(most, action.PowerOf(c.Latest().Text))
		}
	}
	return most
}

// everybody tells whether an object of a permission stands for those who do not log in. Data Center
// gives that a name in its own language, but no id and no link, which every person has. Cloud has
// neither for anybody, so there it is the name, or that there is none.
func (r *Reading) everybody(o *Entity) bool {
	switch {
	case o.Kind != UserObject || r.Action.Object != action.Permission:
		return false
	case r.dataCenter:
		return o.ID.Absent() && o.URI.Absent()
	}
	return o.Name.Absent() && o.Affected || isAnonymous(o.Name.Text)
}

// isAnonymous tells whether a name is that of those who do not log in, in English.
func isAnonymous(name []byte) bool {
	return equalFold(name, "anonymous") || equalFold(name, "anonymous user") || equalFold(name, "anonymous users") || equalFold(name, "anonymous access")
}

// settlePurpose finds what a permission is for where none of the objects is it: the space that the
// changes name, or with a global permission the whole site.
func (r *Reading) settlePurpose() {
	switch c := r.ChangeOf("space"); {
	case strings.HasPrefix(r.Action.Name, "permission.global."):
		r.purpose = Entity{Name: Field{Text: []byte("Confluence")}, KindName: Field{Text: []byte("Site")}}
	case c != nil:
		r.purpose = Entity{Name: c.Latest().Copied(), KindName: Field{Text: []byte("Space")}}
	}
}

// settleSession makes the one who tried to log in the actor: the author of a failed login is
// Anonymous, which would make all of them one person's. What the record has about that author stays
// with the extras.
func (r *Reading) settleSession() {
	u := &r.User
	if u.ID.Absent() && u.Username.Absent() { // what was typed in, and nobody is called so
		u.Username, u.Name = u.Name, Field{}
	}
	a := &r.Actor
	switch {
	case !u.Unknown() && (r.Action.Failed() || a.Kind == AnonymousKind || a.Kind == UnknownKind):
		a.ID, a.Name, a.Username, a.Email, a.Kind = u.ID, u.Name, u.Username, u.Email, u.Kind
	case r.Action.Failed() && a.Kind == AnonymousKind:
		a.ID, a.Name, a.Kind = Field{}, Field{Text: []byte("Unknown")}, UnknownKind
	}
}

// settleActive tells an update of a user that is a deactivation, or the contrary. Data Center may
// name what changed in the language of the system: of a user, only that has yes and no for values.
func (r *Reading) settleActive() {
	active := r.ChangeOf("active")
	for i := range r.Changes {
		c := &r.Changes[i]
		was, before := answers[string(c.From.Text)]
		is, after := answers[string(c.To.Text)]
		if !before || !after || was == is || c != active && (active != nil || !r.dataCenter) {
			continue
		}
		if is {
			r.Action = action.Reactivated
		} else {
			r.Action = action.Deactivated
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

// NobodyNamed tells whether the record is about a user, but names none, as Cloud's "User
// deactivated" does: the author is not that user.
func (r *Reading) NobodyNamed() bool { return r.Action.Object == action.User && r.User.Unknown() }

// OfUser tells whether the changes are those of a user.
func (r *Reading) OfUser() bool {
	return r.Action.Object == action.User && r.Action.Verb != action.Delete
}

// UserChanges are the changes of a user that ECS has fields for.
func (r *Reading) UserChanges() (name, full, email *Change) {
	return r.ChangeOf("username"), r.ChangeOf("display name", "full name", "display.name", "full.name"), r.ChangeOf("email")
}
