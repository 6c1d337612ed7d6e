package simulate

type (
	dcChanges = []dcChange
	dcObjects = []dcObject
)

// dcEventOf returns an event with the given ends of its i18n keys. The keys are the same in every
// language.
func dcEventOf(categoryKey, category, actionKey, action string, o dcObjects, c dcChanges) dcEvent {
	return dcEvent{Type: dcType{"audit.logging.category." + categoryKey, category, "audit.logging.summary." + actionKey, action}, AffectedObjects: o, ChangedValues: c}
}

func dcSpace() dcObject {
	return dcObject{Name: "Space {serial}", Type: "Space", URI: "/display/{serial}", ID: "98307"}
}

func dcAccount() dcObject {
	return dcObject{Name: "person.{serial}", Type: "User", URI: "/admin/users/viewuser.action?username=person.{serial}", ID: "2c9680837d4a3682017d4a375a280000"}
}

// dcGroup returns a group. Its id is its name, as in Confluence.
func dcGroup(name string) dcObject { return dcObject{Name: name, Type: "Group", ID: name} }

func aTeam() dcObject { return dcGroup("team-{serial}") }

func dcPage() dcObject {
	return dcObject{Name: "Page {serial}", Type: "Page", URI: "/pages/viewpage.action?pageId=65581", ID: "65581"}
}

func dcNamed(kind, name string) dcObjects { return dcObjects{{Name: name, Type: kind}} }

// changed returns a change whose i18n key is the plain name of the field, as in Confluence.
func changed(key, from, to string) dcChange {
	return dcChange{Key: key, I18nKey: key, From: from, To: to}
}

// dcSpacePermission returns the event of a space permission: first who got it, then the space.
func dcSpacePermission(key, action string, who dcObject, from, to string) dcEvent {
	return dcEventOf("permissions", "Permissions", key, action, dcObjects{who, dcSpace()}, append(dcGrantee(who), changed("Type", from, to), changed("Space", "", "{serial}")))
}

func dcGlobalPermission(key, action string, who dcObject, from, to string) dcEvent {
	return dcEventOf("permissions", "Permissions", key, action, dcObjects{who}, append(dcGrantee(who), changed("Type", from, to), changed("Request", "", "{serial}")))
}

// dcGrantee returns the change that names who got a permission, unless that is everybody.
func dcGrantee(who dcObject) dcChanges {
	if who.ID == "" {
		return nil
	}
	return dcChanges{changed(who.Type, "", who.Name)}
}

// dcEverybody returns the object for visitors who have not logged in: a user without id and link,
// named in the language of the system.
func dcEverybody(name string) dcObject { return dcObject{Name: name, Type: "User"} }

// dcSessions returns the session events of a user. The user is author and affected object of logins
// and logouts, but only the author of administrator sessions.
func dcSessions(who dcObject) []dcEvent {
	request := dcChanges{changed("Request", "", "{serial}")}
	return []dcEvent{
		dcEventOf("auth", "Authentication", "login.success", "User login successful", dcObjects{who}, request),
		dcEventOf("auth", "Authentication", "user.logout", "User logout", dcObjects{who}, request),
		dcEventOf("auth", "Authentication", "sudo.auth.successful", "Secure admin session started", nil, request),
		dcEventOf("auth", "Authentication", "sudo.auth.failed", "Secure admin login failed", nil, request),
		dcEventOf("auth", "Authentication", "sudo.logout", "Secure admin session ended", nil, request),
	}
}

// dataCenterStrangers are the events of visitors who have not logged in, such as failed logins. The
// affected object is the user name that was tried, with an id if such a user exists.
var dataCenterStrangers = []dcEvent{
	dcEventOf("auth", "Authentication", "login.failed", "User login failed", dcObjects{dcAccount()}, nil),
	dcEventOf("auth", "Authentication", "login.failed", "User login failed", dcObjects{{Name: "root-{serial}", Type: "User"}}, nil),
	dcEventOf("auth", "Authentifizierung", "login.failed", "Anmeldung fehlgeschlagen", dcObjects{{Name: "root-{serial}", Type: "User"}}, nil),
	dcEventOf("user.management", "Users and groups", "forgot.password", "Forgot password", dcObjects{dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "forgot.password.unknown", "Forgot password for unknown user", dcObjects{{Name: "root-{serial}", Type: "User"}}, nil),
}

// dataCenterCatalogue holds the kinds of events that a Data Center instance records. Each contains
// the serial.
var dataCenterCatalogue = []dcEvent{
	dcSpacePermission("space.permission.added", "Space permission added", aTeam(), "", "VIEWSPACE"),
	dcSpacePermission("space.permission.added", "Space permission added", aTeam(), "", "SETSPACEPERMISSIONS"),
	dcSpacePermission("space.permission.added", "Space permission added", dcAccount(), "", "EXPORTSPACE"),
	dcSpacePermission("space.permission.added", "Space permission added", dcGroup("confluence-users"), "", "VIEWSPACE"),
	dcSpacePermission("space.permission.added", "Space permission added", dcEverybody("Anonymous"), "", "VIEWSPACE"),
	dcSpacePermission("space.permission.added", "スペース権限を追加しました", dcEverybody("匿名"), "", "VIEWSPACE"),
	dcSpacePermission("space.permission.removed", "Space permission removed", aTeam(), "EDITSPACE", ""),
	dcSpacePermission("space.permission.removed", "Space permission removed", dcEverybody("Anonymous"), "VIEWSPACE", ""),
	dcGlobalPermission("global.permission.added", "Global permission added", dcGroup("authenticated-users"), "", "USECONFLUENCE"),
	dcGlobalPermission("global.permission.added", "Global permission added", dcEverybody("Anonym"), "", "USECONFLUENCE"),
	dcGlobalPermission("global.permission.removed", "Global permission removed", aTeam(), "SYSTEMADMINISTRATOR", ""),
	dcEventOf("permissions", "Permissions", "page.view.permission.added", "Page view restriction added", dcObjects{dcAccount(), dcPage(), dcSpace()}, nil),
	dcEventOf("permissions", "Permissions", "page.edit.permission.removed", "Page edit restriction removed", dcObjects{aTeam(), dcPage(), dcSpace()}, nil),
	dcEventOf("security", "Security", "security.restricted.page.not.permitted", "Restricted page not permitted", dcObjects{dcPage()}, nil),
	dcEventOf("user.management", "Users and groups", "user.created", "User created", dcObjects{dcAccount()}, dcChanges{changed("Display name", "", "Person {serial}"), changed("Active", "", "Yes")}),
	dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Display name", "Person", "Person {serial}")}),
	dcEventOf("user.management", "Users and groups", "user.renamed", "User renamed", dcObjects{dcAccount()}, dcChanges{changed("Username", "old.{serial}", "person.{serial}")}),
	dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Active", "Yes", "No")}),
	dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Active", "No", "Yes")}),
	dcEventOf("user.management", "Users and groups", "user.deleted", "User deleted", dcObjects{dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "user.password.changed", "User password changed", dcObjects{dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "group.created", "Group created", dcObjects{aTeam()}, nil),
	dcEventOf("user.management", "Users and groups", "group.deleted", "Group deleted", dcObjects{aTeam()}, nil),
	dcEventOf("user.management", "Users and groups", "group.membership.added", "User added to group", dcObjects{aTeam(), dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "group.membership.removed", "User removed from group", dcObjects{aTeam(), dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "directory.added", "User directory added", dcNamed("Directory", "LDAP {serial}"), dcChanges{changed("Type", "", "CONNECTOR")}),
	dcEventOf("user.management", "Users and groups", "directory.updated", "User directory updated", dcNamed("Directory", "LDAP {serial}"), dcChanges{changed("Active", "false", "true")}),
	dcEventOf("user.management", "Users and groups", "directory.deleted", "User directory deleted", dcNamed("Directory", "LDAP {serial}"), nil),
	dcEventOf("user.management", "Benutzer und Gruppen", "group.membership.added", "Benutzer zur Gruppe hinzugefügt", dcObjects{aTeam(), dcAccount()}, nil),
	dcEventOf("spaces", "Spaces", "space.created", "Space created", dcObjects{dcSpace()}, dcChanges{changed("Space key", "", "{serial}"), changed("Name", "", "Space {serial}")}),
	dcEventOf("spaces", "Spaces", "space.config.updated", "Space configuration updated", dcObjects{dcSpace()}, dcChanges{changed("Name", "Plans & budgets <2026>", "Space {serial}")}),
	dcEventOf("spaces", "Spaces", "space.archived", "Space archived", dcObjects{dcSpace()}, dcChanges{changed("Space status", "CURRENT", "ARCHIVED")}),
	dcEventOf("spaces", "Spaces", "space.unarchived", "Space unarchived", dcObjects{dcSpace()}, dcChanges{changed("Space status", "ARCHIVED", "CURRENT")}),
	dcEventOf("spaces", "Spaces", "space.removed", "Space deleted", dcObjects{dcSpace()}, nil),
	dcEventOf("spaces", "Spaces", "space.logo.uploaded", "Space logo uploaded", dcObjects{dcSpace()}, nil),
	dcEventOf("spaces", "Spaces", "space.trash.emptied", "Space trash emptied", dcObjects{dcSpace()}, nil),
	dcEventOf("import.export", "Import/Export", "space.import", "Space import", dcObjects{dcSpace()}, nil),
	dcEventOf("import.export", "Import/Export", "space.export", "Space export", dcObjects{dcSpace()}, dcChanges{changed("Export type", "", "XML")}),
	dcEventOf("import.export", "Import/Export", "page.exported.word", "Page exported", dcObjects{dcPage()}, nil),
	dcEventOf("plugins", "Apps", "plugin.installed", "App installed", dcNamed("App", "Diagrams {serial}"), dcChanges{changed("Version", "", "4.2.0")}),
	dcEventOf("plugins", "Apps", "plugin.enabled", "App enabled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.disabled", "App disabled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.uninstalled", "App uninstalled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.module.disabled", "App module disabled", dcNamed("App module", "macro-{serial}"), nil),
	dcEventOf("admin", "Global administration", "global.settings.edited", "Global settings changed", dcNamed("Global settings", "Wiki {serial}"), dcChanges{changed("Site title", "Confluence", "Wiki {serial}")}),
	dcEventOf("admin", "Global administration", "color.scheme.modified", "Colour scheme updated", dcNamed("Colour scheme", "Scheme {serial}"), nil),
	dcEventOf("admin", "Global administration", "licence.updated", "License updated", dcNamed("License", "SEN-{serial}"), dcChanges{changed("Users", "500", "2000")}),
	dcEventOf("admin", "Global administration", "scheduled.job.run", "Scheduled job run", dcNamed("Scheduled job", "Job {serial}"), nil),
	{Type: dcType{"personal.access.tokens.audit.log.category", "Personal access tokens", "personal.access.tokens.audit.log.summary.token.created", "Personal access token created"},
		AffectedObjects: dcNamed("Personal access token", "ci-{serial}")},
	dcEventOf("page", "Pages", "page.shared", "Page shared", dcObjects{dcPage()}, dcChanges{changed("Shared with", "", "partner-{serial}@example.com")}),
	dcEventOf("page", "Pages", "page.moved", "Page moved", dcObjects{dcPage()}, dcChanges{changed("Space", "OLD", "{serial}")}),
	dcEventOf("page.templates", "Page templates", "page.template.created", "Page template created", dcNamed("Template", "議事録 {serial}"), nil),
}
