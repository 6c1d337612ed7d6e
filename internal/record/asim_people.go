package record

import (
	"bytes"

	"fluent-bit-confluence/internal/record/action"
)

// asimSession writes the columns of the Authentication schema. Who logs in is the target user; an
// actor is there only where somebody else does it.
func asimSession(w writer, _ *Site, ev *event) {
	r := &ev.reading
	put(w, "EventType", asimSessionType(r.action))
	user, author := &r.user, &r.actor
	if user.unknown() {
		user = author
	}
	if r.action.Failed() {
		// Data Center gives the users that it knows an id.
		if user == &r.user && user.id.absent() {
			put(w, "EventResultDetails", "No such user or password")
		} else {
			put(w, "EventResultDetails", "Other")
		}
	}
	if user.somebody() {
		asimUser(w, ev, &asimTarget, user)
	}
	if user != author && author.somebody() && !bytes.Equal(user.id.text, author.id.text) {
		asimUser(w, ev, &asimActor, author)
	}
}

// asimSessionType is the EventType of the Authentication schema, empty for what it has none for.
func asimSessionType(a *action.Action) string {
	switch {
	case a.Object != action.Session:
		return ""
	case a.Verb == action.Logout && a.Elevates():
		return ""
	case a.Verb == action.Logout:
		return "Logoff"
	case a.Elevates():
		return "Elevate"
	}
	return "Logon"
}

// asimManagement writes the columns of the User Management schema.
func asimManagement(w writer, _ *Site, ev *event) {
	r := &ev.reading
	put(w, "EventType", asimManagementType(r.action))
	asimUser(w, ev, &asimActor, &r.actor)
	if !r.user.unknown() {
		asimUser(w, ev, &asimTarget, &r.user)
	}
	if !r.group.name.absent() {
		ev.put(w, "GroupName", r.group.name)
		put(w, "GroupNameType", "Simple")
	}
	ev.put(w, "GroupId", r.group.id)
	if c := r.mainChange(); c != nil {
		putBytes(w, "PreviousPropertyValue", c.from.text)
		putBytes(w, "NewPropertyValue", c.to.text)
	}
}

// asimManagementType is the EventType of the User Management schema, empty for what is none of its
// matters.
func asimManagementType(a *action.Action) string {
	switch a.Object {
	case action.User:
		switch a.Verb {
		case action.Create:
			return "UserCreated"
		case action.Delete:
			return "UserDeleted"
		case action.Lock:
			return "UserLocked"
		case action.Unlock:
			return "UserUnlocked"
		case action.Disable:
			return "UserDisabled"
		case action.Enable:
			return "UserEnabled"
		case action.ChangePassword:
			return "PasswordChanged"
		case action.ResetPassword:
			return "PasswordReset"
		}
		return "UserModified"
	case action.Group:
		switch a.Verb {
		case action.Create:
			return "GroupCreated"
		case action.Delete:
			return "GroupDeleted"
		}
		return "GroupModified"
	case action.Member:
		if a.Verb == action.Add {
			return "UserAddedToGroup"
		}
		return "UserRemovedFromGroup"
	}
	return ""
}

// asimUserColumns are what the columns of a user are called.
type asimUserColumns struct{ id, idType, name, nameType, kind string }

var (
	asimActor  = asimUserColumns{"ActorUserId", "ActorUserIdType", "ActorUsername", "ActorUsernameType", "ActorUserType"}
	asimTarget = asimUserColumns{"TargetUserId", "TargetUserIdType", "TargetUsername", "TargetUsernameType", "TargetUserType"}
)

func asimUser(w writer, ev *event, as *asimUserColumns, p *party) {
	if !p.id.absent() {
		ev.put(w, as.id, p.id)
		put(w, as.idType, "Other")
	}
	if name := asimName(p); !name.absent() {
		ev.put(w, as.name, name)
		kind := "Simple"
		if isEmail(name.text) {
			kind = "UPN"
		}
		put(w, as.nameType, kind)
	}
	admin := p == &ev.reading.actor && (ev.reading.sysAdmin.value || ev.reading.superAdmin.value)
	put(w, as.kind, asimUserType(p.kind, admin))
	if as == &asimActor {
		ev.put(w, "ActorOriginalUserType", p.ofType)
	}
}

func asimName(p *party) field { return first(p.username, p.email, p.name) }

func asimUserType(kind partyKind, admin bool) string {
	switch {
	case kind == systemKind:
		return "System"
	case admin:
		return "Admin"
	case kind == serviceKind:
		return "Service"
	case kind == guestKind:
		return "Guest"
	case kind == anonymousKind:
		return "Anonymous"
	case kind == unknownKind:
		return "Other"
	}
	return "Regular"
}

// EventType is the EventType that a record of the action gets, behind the name of its schema where that is not Audit
// Event.
func asimTypeOfAction(a *action.Action) string {
	if t := asimSessionType(a); t != "" {
		return "Authentication: " + t
	}
	if t := asimManagementType(a); t != "" {
		return "UserManagement: " + t
	}
	return asimEventType(a.Verb)
}
