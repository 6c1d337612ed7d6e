package meaning

import (
	"bytes"
	"strings"

	"fluent-bit-confluence/internal/meaning/action"
)

// The action of a record depends on more than its key: who was given which permission, who could
// not log in, and what was changed about a user.

// combine corrects action, actor and targets by what the rest of the record tells.
func (r *Reading) combine() {
	switch r.Action.Object {
	case action.Permission:
		if r.Action.Verb == action.Update {
			r.findDirection()
		}
		r.Action = r.Action.For(r.grantee(), r.power())
		r.findPurpose()
	case action.Member, action.Group:
		r.Action = r.Action.For(action.Somebody, action.PowerOfGroup(r.Group.Name.Text))
	case action.Role:
		if o := r.Object(); o != nil {
			r.Action = r.Action.For(action.Somebody, action.PowerOfGroup(o.Name.Text))
		}
	case action.Session:
		r.setLoginActor()
	case action.User:
		if r.Action.Verb == action.Update {
			r.findDeactivation()
		}
	case action.Setting:
		r.findPolicy()
	}
}

// findPolicy finds a change of a setting of an organization that is one of its policies, such as
// AuthenticationPolicy.
func (r *Reading) findPolicy() {
	policy := r.profile.actions.Policy
	for i := range r.Objects {
		if policy != nil && bytes.HasSuffix(r.Objects[i].Name.Text, []byte("Policy")) {
			r.Action = policy
		}
	}
}

// grantee returns who got or lost a permission. Of several grantees in one record, the widest one
// counts.
func (r *Reading) grantee() action.Grantee {
	most := r.profile.actions.GranteeOf(r.Group.Name.Text)
	if r.User.Kind == AnonymousKind {
		most = action.Anonymous
	}
	for i := range r.Objects {
		switch o := &r.Objects[i]; {
		case r.profile.everybody(r, o):
			most = action.Anonymous
		case o.Kind == GroupObject:
			most = max(most, r.profile.actions.GranteeOf(groupOf(o.Name).Name.Text))
		}
	}
	if r.profile.grantee != nil {
		most = max(most, r.profile.grantee(r))
	}
	return most
}

// power returns the greatest power that the permissions of a record give.
func (r *Reading) power() action.Power {
	most := action.ToUse
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) {
			most = max(most, r.profile.actions.PowerOf(c.Latest().Text))
		}
	}
	return most
}

// findDirection finds an update of permissions that only gives some, or only takes some away.
func (r *Reading) findDirection() {
	table := r.profile.actions
	if table.Granted == nil || r.Action.Name != "permission.scheme.updated" {
		return
	}
	given, taken := false, false
	for i := range r.Changes {
		if c := &r.Changes[i]; r.NamesPrivilege(c) {
			given = given || !c.To.Absent()
			taken = taken || !c.From.Absent()
		}
	}
	switch {
	case given && !taken:
		r.Action = table.Granted
	case taken && !given:
		r.Action = table.Revoked
	}
}

var siteKind, spaceKind = Field{Text: []byte("Site")}, Field{Text: []byte("Space")}

// findPurpose finds what a permission is for, if none of the objects is it: the space that the
// changes name or, for a global permission, the whole site.
func (r *Reading) findPurpose() {
	switch c := r.ChangeOf("space"); {
	case strings.HasPrefix(r.Action.Name, "permission.global."):
		r.purpose = Entity{Name: r.profile.site, KindName: siteKind}
	case c != nil:
		r.purpose = Entity{Name: c.Latest().Copied(), KindName: spaceKind}
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
// may name the changed field in the language of the system, but no other field of a user has these
// values.
func (r *Reading) findDeactivation() {
	active := r.ChangeOf(r.profile.active...)
	for i := range r.Changes {
		c := &r.Changes[i]
		was, before := r.profile.answers[string(c.From.Text)]
		is, after := r.profile.answers[string(c.To.Text)]
		if !before || !after || was == is || c != active && (active != nil || !r.dataCenter) {
			continue
		}
		if is {
			r.Action = r.profile.actions.Reactivated
		} else {
			r.Action = r.profile.actions.Deactivated
		}
	}
}

// NobodyNamed reports whether the record is about a user, but does not name that user, as Cloud's
// "User deactivated": the author is not that user.
func (r *Reading) NobodyNamed() bool { return r.Action.Object == action.User && r.User.Unknown() }

// OfUser reports whether the changes are about a user.
func (r *Reading) OfUser() bool {
	return r.Action.Object == action.User && r.Action.Verb != action.Delete
}

// UserChanges returns the changes of a user for which ECS has fields.
func (r *Reading) UserChanges() (name, full, email *Change) {
	return r.ChangeOf("username"), r.ChangeOf("display name", "full name", "display.name", "full.name", "fullname"), r.ChangeOf("email")
}
