// Package action is the table of what Confluence records: the one place that says what each kind of
// record means.
//
// A record says what happened in words that depend on the deployment and, on Data Center, on the
// language of the system. The table gives each of them one name, a verb, the kind of object and a
// reason for its severity; from those follow the categories of every schema.
package action

import "strings"

// Action is one row of the table.
type Action struct {
	Name   string // stable, object before verb: group.member.added
	Verb   Verb
	Object Object
	Reason          // with the severity
	texts  []string // Cloud's summaries and Data Center's actions in English, in any case
	keys   []string // Data Center's i18n keys, without "audit.logging.summary." where they begin so
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

// Object is the kind of thing an action is about. The record itself may tell it more closely:
// Content is a page, a blog post, a comment, an attachment.
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
	App         Object = "app"
	Directory   Object = "user directory"
	Setting     Object = "setting"
	AuditLog    Object = "audit log"
	Job         Object = "job"
	Site        Object = "site"
	Unknown     Object = "unknown"
)

// Failed tells whether the record is about something that was tried and refused: a login, or a look
// at a page.
func (a *Action) Failed() bool { return strings.HasSuffix(a.Name, ".refused") }

// Authenticates tells whether somebody proved, or failed to prove, who they are. The end of a
// session is none of that.
func (a *Action) Authenticates() bool { return a.Object == Session && a.Verb != Logout }

// Known tells whether the action is a row of the table.
func (a *Action) Known() bool { return a.Name != NotInTable.Name }

// Texts are the texts that mean the action.
func (a *Action) Texts() []string { return a.texts }

// Keys are the i18n keys that mean the action, in full.
func (a *Action) Keys() []string {
	keys := make([]string, len(a.keys))
	for i, k := range a.keys {
		keys[i] = fullKey(k)
	}
	return keys
}

// Anonymous tells whether the action is about those who do not log in, though the record may name
// nobody.
func (a *Action) Anonymous() bool { return strings.Contains(a.Name, ".anonymous.") }

// Elevates tells whether somebody who has logged in asks for the rights of an administrator.
func (a *Action) Elevates() bool { return strings.HasPrefix(a.Name, "session.elevat") }
