// Package action has the tables of the actions that Confluence and Jira record, and of what each
// means.
//
// A record tells what happened in words that depend on the product, on the deployment and, on Data
// Center, on the language of the system. A table gives each action one name, a verb, the kind of
// object and a severity with its reason. The categories of every schema follow from those. What
// means the same in both products has the same name in both tables.
package action

import "strings"

// Action is one row of the table.
type Action struct {
	Name   string // stable, object before verb: group.member.added
	Verb   Verb
	Object Object
	Reason          // with the severity
	texts  []string // Cloud's summaries and Data Center's actions in English, in any case
	keys   []string // Data Center's i18n keys, without the usual prefix of the table
}

// Verb is what was done.
type Verb string

// The verbs.
const (
	Create         Verb = "create"
	Read           Verb = "read"
	Update         Verb = "update"
	Delete         Verb = "delete"
	Archive        Verb = "archive"
	Restore        Verb = "restore"
	Move           Verb = "move"
	Empty          Verb = "empty"
	Search         Verb = "search"
	Import         Verb = "import"
	Export         Verb = "export"
	Grant          Verb = "grant"
	Revoke         Verb = "revoke"
	Share          Verb = "share"
	Add            Verb = "add"
	Remove         Verb = "remove"
	Enable         Verb = "enable"
	Disable        Verb = "disable"
	Lock           Verb = "lock"
	Unlock         Verb = "unlock"
	ChangePassword Verb = "change password"
	ResetPassword  Verb = "reset password"
	Install        Verb = "install"
	Uninstall      Verb = "uninstall"
	Login          Verb = "log in"
	FailedLogin    Verb = "fail to log in"
	Logout         Verb = "log out"
	Run            Verb = "run"
	Other          Verb = "other"
)

// Object is the kind of object of an action. The record may be more precise: Content is a page, a
// blog post, a comment or an attachment.
type Object string

// The objects.
const (
	User        Object = "user"
	Group       Object = "group"
	Member      Object = "group member"
	Session     Object = "session"
	Credential  Object = "credential"
	Permission  Object = "permission"
	Restriction Object = "restriction"
	Space       Object = "space"
	Content     Object = "content"
	Template    Object = "template"
	PublicLink  Object = "public link"
	Project     Object = "project" // or a version or component of it
	Role        Object = "project role"
	Scheme      Object = "scheme"
	Workflow    Object = "workflow"
	Field       Object = "field"
	View        Object = "view" // a filter, board, dashboard or plan
	Issue       Object = "issue"
	App         Object = "app"
	Directory   Object = "user directory"
	Setting     Object = "setting"
	AuditLog    Object = "audit log"
	Job         Object = "job"
	Site        Object = "site"
	Unknown     Object = "unknown"
)

// Failed reports whether the action was refused, such as a login or a request for a page.
func (a *Action) Failed() bool { return strings.HasSuffix(a.Name, ".refused") }

// Authenticates reports whether a user has logged in or tried to. A logout is no authentication.
func (a *Action) Authenticates() bool { return a.Object == Session && a.Verb != Logout }

// Known reports whether the action is a row of the table.
func (a *Action) Known() bool { return a.Name != NotInTable.Name }

// Texts returns the texts of the action.
func (a *Action) Texts() []string { return a.texts }

// Anonymous reports whether the action is about visitors who have not logged in. The record may not
// name them.
func (a *Action) Anonymous() bool { return strings.Contains(a.Name, ".anonymous.") }

// Elevates reports whether a user who has logged in asks for the rights of an administrator.
func (a *Action) Elevates() bool { return strings.HasPrefix(a.Name, "session.elevat") }
