package asim

import (
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/meaning/action"
)

// putSession writes the columns of the Authentication schema. The user who logs in is the target
// user. There is an actor only if another user acts.
func putSession(w document.Writer, _ *event.Site, ev *event.Event) {
	r := &ev.Reading
	event.Put(w, "EventType", sessionType(r.Action))
	user, author := &r.User, &r.Actor
	if user.Unknown() {
		user = author
	}
	if r.Action.Failed() {
		// On Data Center an existing user has an id.
		if user == &r.User && user.ID.Absent() {
			event.Put(w, "EventResultDetails", "No such user or password")
		} else {
			event.Put(w, "EventResultDetails", "Other")
		}
	}
	if user.Somebody() {
		putUser(w, ev, &targetColumns, user)
	}
	if user != author && author.Somebody() && !r.Same(user, author) {
		putUser(w, ev, &actorColumns, author)
	}
}

// sessionType returns the EventType of the Authentication schema, empty if it has none for the
// action.
func sessionType(a *action.Action) string {
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

// putManagement writes the columns of the User Management schema.
func putManagement(w document.Writer, _ *event.Site, ev *event.Event) {
	r := &ev.Reading
	event.Put(w, "EventType", managementType(r.Action))
	putUser(w, ev, &actorColumns, &r.Actor)
	if !r.User.Unknown() {
		putUser(w, ev, &targetColumns, &r.User)
	}
	if !r.Group.Name.Absent() {
		ev.Put(w, "GroupName", r.Group.Name)
		event.Put(w, "GroupNameType", "Simple")
	}
	ev.Put(w, "GroupId", r.Group.ID)
	if c := r.MainChange(); c != nil {
		event.PutBytes(w, "PreviousPropertyValue", c.From.Text)
		event.PutBytes(w, "NewPropertyValue", c.To.Text)
	}
}

// managementType returns the EventType of the User Management schema, empty if it has none for the
// action.
func managementType(a *action.Action) string {
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

// userColumns are the names of the columns of a user.
type userColumns struct{ id, idType, name, nameType, kind string }

var (
	actorColumns  = userColumns{"ActorUserId", "ActorUserIdType", "ActorUsername", "ActorUsernameType", "ActorUserType"}
	targetColumns = userColumns{"TargetUserId", "TargetUserIdType", "TargetUsername", "TargetUsernameType", "TargetUserType"}
)

func putUser(w document.Writer, ev *event.Event, as *userColumns, p *meaning.Party) {
	if !p.ID.Absent() {
		ev.Put(w, as.id, p.ID)
		event.Put(w, as.idType, "Other")
	}
	if name := nameOf(p); !name.Absent() {
		ev.Put(w, as.name, name)
		kind := "Simple"
		if meaning.IsEmail(name.Text) {
			kind = "UPN"
		}
		event.Put(w, as.nameType, kind)
	}
	admin := p == &ev.Reading.Actor && (ev.Reading.SysAdmin.Value || ev.Reading.SuperAdmin.Value)
	event.Put(w, as.kind, userType(p.Kind, admin))
	if as == &actorColumns {
		ev.Put(w, "ActorOriginalUserType", p.OfType)
	}
}

func nameOf(p *meaning.Party) meaning.Field { return meaning.First(p.Username, p.Email, p.Name) }

func userType(kind meaning.PartyKind, admin bool) string {
	switch {
	case kind == meaning.SystemKind:
		return "System"
	case admin:
		return "Admin"
	case kind == meaning.ServiceKind:
		return "Service"
	case kind == meaning.GuestKind:
		return "Guest"
	case kind == meaning.AnonymousKind:
		return "Anonymous"
	case kind == meaning.UnknownKind:
		return "Other"
	}
	return "Regular"
}

// TypeOf returns the EventType for an action, after the name of its schema if that is not Audit
// Event.
func TypeOf(a *action.Action) string {
	if t := sessionType(a); t != "" {
		return "Authentication: " + t
	}
	if t := managementType(a); t != "" {
		return "UserManagement: " + t
	}
	return auditType(a.Verb)
}
