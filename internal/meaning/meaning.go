package meaning

import (
	"strings"

	"fluent-bit-confluence/internal/meaning/action"
)

// The action of a record depends on more than its key: who was given which permission, who could
// not log in, and what was changed about a user.

// combine corrects action, actor and targets by what the rest of the record tells.
func (r *Reading) combine() {
	switch r.Action.Object {
	case action.Permission:
		r.Action = r.Action.For(r.grantee(), r.power())
		r.findPurpose()
	case action.Member:
		r.Action = r.Action.For(action.Somebody, action.PowerOfGroup(r.Group.Name.Text))
	case action.Session:
		r.setLoginActor()
	case action.User:
		if r.Action.Verb == action.Update {
			r.findDeactivation()
		}
	}
}

// grantee returns who got or lost a permission. Of several grantees in one record, the widest one
// counts.
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

// power returns the greatest power that the permissions of a record give.
func (r *Reading) power() action.Power {
	most := action.ToUse
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) {
			most = max(most, action.PowerOf(c.Latest().Text))
		}
	}
	return most
}

// everybody returns whether an object of a permission stands for visitors who have not logged in.
// Data Center names it in the language of the system, but without the id and the link that every
// person has. Cloud has no ids and links, so there the name Anonymous decides, or that there is no
// name.
func (r *Reading) everybody(o *Entity) bool {
	switch {
	case o.Kind != UserObject || r.Action.Object != action.Permission:
		return false
	case r.dataCenter:
		return o.ID.Absent() && o.URI.Absent()
	}
	return o.Name.Absent() && o.Affected || isAnonymous(o.Name.Text)
}

// isAnonymous returns whether a name is the English one of visitors who have not logged in.
func isAnonymous(name []byte) bool {
	return equalFold(name, "anonymous") || equalFold(name, "anonymous user") || equalFold(name, "anonymous users") || equalFold(name, "anonymous access")
}

// findPurpose finds what a permission is for, if none of the objects is it: the space that the
// changes name or, for a global permission, the whole site.
func (r *Reading) findPurpose() {
	switch c := r.ChangeOf("space"); {
	case strings.HasPrefix(r.Action.Name, "permission.global."):
		r.purpose = Entity{Name: Field{Text: []byte("Confluence")}, KindName: Field{Text: []byte("Site")}}
	case c != nil:
		r.purpose = Entity{Name: c.Latest().Copied(), KindName: Field{Text: []byte("Space")}}
	}
}

// setLoginActor makes the user who tried to log in the actor. The author of a failed login is
// Anonymous, so all failed logins would seem to be of one person. What the record has about that
// author stays with the extras.
func (r *Reading) setLoginActor() {
	u := &r.User
	if u.ID.Absent() && u.Username.Absent() { // the name that was typed in; no user has it
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

// findDeactivation finds an update of a user that is a deactivation or a reactivation. Data Center
// may name the changed field in the language of the system, but no other field of a user has yes
// and no as values.
func (r *Reading) findDeactivation() {
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

// answers are yes and no in the languages of Confluence.
var answers = map[string]bool{
	"Yes": true, "No": false, "yes": true, "no": false, "true": true, "false": false,
	"Ja": true, "Nein": false, "Nee": false, "Nej": false, "Nei": false, "Já": true,
	"Oui": true, "Non": false, "Sí": true, "Sì": true, "Sim": true, "Não": false, "Da": true, "Nu": false,
	"Tak": true, "Nie": false, "Ano": true, "Áno": true, "Ne": false, "Да": true, "Нет": false,
	"Kyllä": true, "Jah": true, "Ei": false, "Igen": true, "Nem": false,
	"はい": true, "いいえ": false, "是": true, "否": false, "예": true, "아니요": false, "아니오": false,
}

// NobodyNamed returns whether the record is about a user, but does not name that user, as Cloud's
// "User deactivated": the author is not that user.
func (r *Reading) NobodyNamed() bool { return r.Action.Object == action.User && r.User.Unknown() }

// OfUser returns whether the changes are about a user.
func (r *Reading) OfUser() bool {
	return r.Action.Object == action.User && r.Action.Verb != action.Delete
}

// UserChanges returns the changes of a user for which ECS has fields.
func (r *Reading) UserChanges() (name, full, email *Change) {
	return r.ChangeOf("username"), r.ChangeOf("display name", "full name", "display.name", "full.name"), r.ChangeOf("email")
}
