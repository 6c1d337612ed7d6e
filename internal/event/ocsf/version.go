package ocsf

import (
	"fmt"

	"fluent-bit-confluence/internal/meaning/action"
)

// version is a release of OCSF, with all that differs in the events of other releases.
type version struct {
	name    string
	service int64 // user.type_id of a service account
	// Whether metadata has a place for the id that Atlassian gave the record.
	originalUID bool
	classes     [subjects]activities
}

// activities is the class of the events about a subject, with its activities by verb.
type activities struct {
	class     *class
	of        map[action.Verb]int
	otherwise int
}

// versions are the releases that an operator can choose, the newest first. 1.4.0 is the first in
// which every class used here can have an actor, and a group can be created without a member. From
// 1.9.0 on, the first three rows of a release will be User Management (3007), which has activities
// for credentials too.
var versions = []version{
	{"1.8.0", 4, true, [...]activities{
		aboutUser:       {&accountClass, userChanges, other},
		aboutCredential: {&accountClass, nil, other},
		aboutAccess:     {&accessClass, grants, other},
		aboutSession:    {&loginClass, sessions, 1},
		aboutGroup:      {&groupClass, groupChanges, other},
		aboutResource:   {&webClass, webActivities, 3},
		aboutEntity:     {&entityClass, entityActivities, 3},
	}},
	{"1.4.0", other, false, [...]activities{
		aboutUser:       {&accountClass, userChanges, other},
		aboutCredential: {&accountClass, nil, other},
		aboutAccess:     {&accessClass14, grants, other},
		aboutSession:    {&loginClass, sessions, 1},
		aboutGroup:      {&groupClass, groupChanges, other},
		aboutResource:   {&webClass, webActivities, 3},
		aboutEntity:     {&entityClass, entityActivities, 3},
	}},
}

var (
	userChanges = map[action.Verb]int{action.Create: 1, action.Enable: 2, action.ChangePassword: 3, action.ResetPassword: 4,
		action.Disable: 5, action.Delete: 6, action.Lock: 9, action.Unlock: 12}
	sessions     = map[action.Verb]int{action.Logout: 2}
	grants       = map[action.Verb]int{action.Grant: 1, action.Revoke: 2}
	groupChanges = map[action.Verb]int{action.Grant: 1, action.Revoke: 2, action.Add: 3, action.Remove: 4, action.Delete: 5, action.Create: 6}

	// The creation of a public link is a Share.
	webActivities = map[action.Verb]int{action.Create: 1, action.Read: 2, action.Delete: 4, action.Empty: 4, action.Search: 5,
		action.Import: 6, action.Export: 7, action.Share: 8, action.Enable: 8}
	entityActivities = map[action.Verb]int{action.Create: 1, action.Install: 1, action.Read: 2, action.Delete: 4, action.Uninstall: 4,
		action.Move: 5, action.Enable: 8, action.Disable: 9, action.Other: other, action.Run: other}
)

// Versions returns the names of the releases of OCSF, the newest first.
func Versions() []string {
	names := make([]string, len(versions))
	for i := range versions {
		names[i] = versions[i].name
	}
	return names
}

// versionOf returns the release of a name, nil when there is none. The empty name is the newest
// release.
func versionOf(name string) *version {
	for i := range versions {
		if v := &versions[i]; name == "" || v.name == name {
			return v
		}
	}
	return nil
}

// classify returns class and activity.
func (v *version) classify(about subject, verb action.Verb) (*class, int) {
	c := &v.classes[about]
	if id, ok := c.of[verb]; ok {
		return c.class, id
	}
	return c.class, c.otherwise
}

// ActivityOf returns the names of the class and the activity of an action in the newest release, if
// the record names the user or the group.
func ActivityOf(a *action.Action, hasGroup bool) string {
	class, activity := versions[0].classify(subjectOf(a, true, hasGroup, true), a.Verb)
	return fmt.Sprintf("%d %s: %s", class.uid, class.name, class.activity(activity))
}
