package ocsf

import (
	"fluent-bit-confluence/internal/meaning/action"
)

// class is a class of OCSF events.
type class struct {
	uid          int64
	name         string
	category     int64
	categoryName string
	activities   []string // the names, by id
	resources    string   // the attribute for the resource of a privilege
	profile      string   // the profile with the attribute actor, "" if the class has that anyway
}

const (
	iam             = "Identity & Access Management"
	application     = "Application Activity"
	activityUnknown = 0  // activity_id
	other           = 99 // activity_id
)

var (
	baseClass    = class{0, "Base Event", 0, "Uncategorized", nil, "", ""}
	accountClass = class{3001, "Account Change", 3, iam,
		[]string{1: "Create", 2: "Enable", 3: "Password Change", 4: "Password Reset", 5: "Disable", 6: "Delete", 9: "Lock", 12: "Unlock"}, "", ""}
	loginClass  = class{3002, "Authentication", 3, iam, []string{1: "Logon", 2: "Logoff"}, "", ""}
	entityClass = class{3004, "Entity Management", 3, iam,
		[]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Move", 8: "Enable", 9: "Disable"}, "", ""}
	accessClass   = class{3005, "User Access Management", 3, iam, []string{1: "Assign Privileges", 2: "Revoke Privileges"}, "resources", ""}
	accessClass14 = class{3005, "User Access Management", 3, iam, []string{1: "Assign Privileges", 2: "Revoke Privileges"}, "resource", ""}
	groupClass    = class{3006, "Group Management", 3, iam,
		[]string{1: "Assign Privileges", 2: "Revoke Privileges", 3: "Add User", 4: "Remove User", 5: "Delete", 6: "Create"}, "resource", ""}
	webClass = class{6001, "Web Resources Activity", 6, application,
		[]string{1: "Create", 2: "Read", 3: "Update", 4: "Delete", 5: "Search", 6: "Import", 7: "Export", 8: "Share"}, "", "host"}
)

// activity returns the name of an activity.
func (c *class) activity(id int) string {
	switch id {
	case activityUnknown:
		return "Unknown"
	case other:
		return "Other"
	}
	return c.activities[id]
}

// subject is what an event is about, which decides the attributes of the event.
type subject int

const (
	aboutUser subject = iota
	aboutCredential
	aboutAccess // of a user
	aboutSession
	aboutGroup // with its members and what they may do
	aboutResource
	aboutEntity // all the rest
	subjects
)

// subjectOf returns what an event is about. A class requires its objects, so a record about a user
// or group that does not name it is about an entity. A permission is about the user or group that
// has it.
func subjectOf(a *action.Action, hasUser, hasGroup, hasActor bool) subject {
	switch a.Object {
	case action.User:
		if hasUser {
			return aboutUser
		}
	case action.Credential:
		if hasUser || hasActor {
			return aboutCredential
		}
	case action.Session:
		if hasUser || hasActor {
			return aboutSession
		}
	case action.Group, action.Member:
		if hasGroup {
			return aboutGroup
		}
	case action.Permission:
		switch {
		case hasGroup:
			return aboutGroup
		case hasUser:
			return aboutAccess
		}
	case action.Space, action.Content, action.Template, action.Restriction, action.PublicLink, action.Project, action.View, action.Issue:
		return aboutResource
	}
	switch a.Verb {
	case action.Search, action.Import, action.Export:
		return aboutResource
	}
	return aboutEntity
}
