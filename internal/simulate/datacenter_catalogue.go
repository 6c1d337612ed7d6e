package simulate

type (
	dcChanges = []dcChange
	dcObjects = []dcObject
)

// dcEventOf names an event by the tails of its i18n keys; the keys are what stays the same in every language.
func dcEventOf(categoryKey, category, actionKey, action string, o dcObjects, c dcChanges) dcEvent {
	return dcEvent{Type: dcType{"audit.logging.category." + categoryKey, category, "audit.logging.summary." + actionKey, action}, AffectedObjects: o, ChangedValues: c}
}

func dcSpace() dcObject {
	return dcObject{Name: "Space {serial}", Type: "Space", URI: "/display/{serial}", ID: "98307"}
}

func dcAccount() dcObject {
	return dcObject{Name: "person.{serial}", Type: "User", URI: "/admin/users/viewuser.action?username=person.{serial}", ID: "2c9680837d4a3682017d4a375a280000"}
}

func dcGroup() dcObject { return dcObject{Name: "team-{serial}", Type: "Group"} }

func dcPage() dcObject {
	return dcObject{Name: "Page {serial}", Type: "Page", URI: "/pages/viewpage.action?pageId=65581", ID: "65581"}
}

func dcNamed(kind, name string) dcObjects { return dcObjects{{Name: name, Type: kind}} }

// changed has the field's plain name as i18n key, as Confluence really does.
func changed(key, from, to string) dcChange {
	return dcChange{Key: key, I18nKey: key, From: from, To: to}
}

func dcPermission(key, action, from, to string) dcEvent {
	return dcEventOf("permissions", "Permissions", key, action, dcObjects{dcSpace(), dcGroup()},
		dcChanges{changed("Type", from, to), changed("Group", "", "team-{serial}")})
}

// dataCenterCatalogue holds the kinds of events a Data Center instance records. Every one carries the serial.
var dataCenterCatalogue = []dcEvent{
	dcPermission("space.permission.added", "Space permission added", "", "VIEWSPACE"),
	dcPermission("space.permission.added", "Space permission added", "", "SETSPACEPERMISSIONS"),
	dcPermission("space.permission.removed", "Space permission removed", "EDITSPACE", ""),
	dcPermission("global.permission.added", "Global permission added", "", "USECONFLUENCE"),
	dcPermission("global.permission.removed", "Global permission removed", "SYSTEMADMINISTRATOR", ""),
	dcEventOf("permissions", "Permissions", "space.permission.added", "Space permission added", dcObjects{dcSpace(), {Name: "Anonymous", Type: "User"}}, dcChanges{changed("Type", "", "VIEWSPACE")}),
	dcEventOf("permissions", "Permissions", "content.restriction.added", "Content restriction added", dcObjects{dcPage(), dcSpace()}, dcChanges{changed("Restriction type", "", "View")}),
	dcEventOf("permissions", "Permissions", "content.restriction.removed", "Content restriction removed", dcObjects{dcPage(), dcSpace()}, dcChanges{changed("Restriction type", "Edit", "")}),
	dcEventOf("user.management", "Users and groups", "user.created", "User created", dcObjects{dcAccount()}, dcChanges{changed("Full name", "", "Person {serial}"), changed("Active", "", "Yes")}),
	dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Full name", "Person", "Person {serial}")}),
	dcEventOf("user.management", "Users and groups", "user.renamed", "User renamed", dcObjects{dcAccount()}, dcChanges{changed("Username", "old.{serial}", "person.{serial}")}),
	dcEventOf("user.management", "Users and groups", "user.deactivated", "User deactivated", dcObjects{dcAccount()}, dcChanges{changed("Active", "Yes", "No")}),
	dcEventOf("user.management", "Users and groups", "user.reactivated", "User reactivated", dcObjects{dcAccount()}, dcChanges{changed("Active", "No", "Yes")}),
	dcEventOf("user.management", "Users and groups", "user.deleted", "User deleted", dcObjects{dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "user.password.changed", "User password changed", dcObjects{dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "group.created", "Group created", dcObjects{dcGroup()}, nil),
	dcEventOf("user.management", "Users and groups", "group.deleted", "Group deleted", dcObjects{dcGroup()}, nil),
	dcEventOf("user.management", "Users and groups", "group.membership.added", "User added to group", dcObjects{dcGroup(), dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "group.membership.removed", "User removed from group", dcObjects{dcGroup(), dcAccount()}, nil),
	dcEventOf("user.management", "Users and groups", "directory.added", "User directory added", dcNamed("Directory", "LDAP {serial}"), dcChanges{changed("Type", "", "CONNECTOR")}),
	dcEventOf("user.management", "Users and groups", "directory.updated", "User directory updated", dcNamed("Directory", "LDAP {serial}"), dcChanges{changed("Active", "false", "true")}),
	dcEventOf("user.management", "Users and groups", "directory.removed", "User directory removed", dcNamed("Directory", "LDAP {serial}"), nil),
	dcEventOf("user.management", "Benutzer und Gruppen", "group.membership.added", "Benutzer zur Gruppe hinzugefügt", dcObjects{dcGroup(), dcAccount()}, nil),
	dcEventOf("spaces", "Spaces", "space.created", "Space created", dcObjects{dcSpace()}, dcChanges{changed("Space key", "", "{serial}"), changed("Name", "", "Space {serial}")}),
	dcEventOf("spaces", "Spaces", "space.updated", "Space configuration updated", dcObjects{dcSpace()}, dcChanges{changed("Name", "Plans & budgets <2026>", "Space {serial}")}),
	dcEventOf("spaces", "Spaces", "space.archived", "Space archived", dcObjects{dcSpace()}, dcChanges{changed("Space status", "CURRENT", "ARCHIVED")}),
	dcEventOf("spaces", "Spaces", "space.unarchived", "Space unarchived", dcObjects{dcSpace()}, dcChanges{changed("Space status", "ARCHIVED", "CURRENT")}),
	dcEventOf("spaces", "Spaces", "space.removed", "Space deleted", dcObjects{dcSpace()}, nil),
	dcEventOf("spaces", "Spaces", "space.logo.uploaded", "Space logo uploaded", dcObjects{dcSpace()}, nil),
	dcEventOf("spaces", "Spaces", "space.trash.emptied", "Space trash emptied", dcObjects{dcSpace()}, nil),
	dcEventOf("import.export", "Import/Export", "space.import", "Space import", dcObjects{dcSpace()}, nil),
	dcEventOf("import.export", "Import/Export", "space.export", "Space export", dcObjects{dcSpace()}, dcChanges{changed("Export type", "", "XML")}),
	dcEventOf("import.export", "Import/Export", "page.exported", "Page exported", dcObjects{dcPage()}, dcChanges{changed("Export type", "", "PDF")}),
	dcEventOf("plugins", "Apps", "plugin.installed", "App installed", dcNamed("App", "Diagrams {serial}"), dcChanges{changed("Version", "", "4.2.0")}),
	dcEventOf("plugins", "Apps", "plugin.enabled", "App enabled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.disabled", "App disabled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.uninstalled", "App uninstalled", dcNamed("App", "Diagrams {serial}"), nil),
	dcEventOf("plugins", "Apps", "plugin.module.disabled", "App module disabled", dcNamed("App module", "macro-{serial}"), nil),
	dcEventOf("admin", "Global administration", "global.settings.updated", "Global settings changed", dcNamed("Global settings", "Wiki {serial}"), dcChanges{changed("Site title", "Confluence", "Wiki {serial}")}),
	dcEventOf("admin", "Global administration", "colour.scheme.updated", "Colour scheme updated", dcNamed("Colour scheme", "Scheme {serial}"), nil),
	dcEventOf("admin", "Global administration", "license.updated", "License updated", dcNamed("License", "SEN-{serial}"), dcChanges{changed("Users", "500", "2000")}),
	dcEventOf("admin", "Global administration", "scheduled.job.run", "Scheduled job run", dcNamed("Scheduled job", "Job {serial}"), nil),
	dcEventOf("security", "Security", "login.failed", "User login failed", dcObjects{dcAccount()}, nil),
	dcEventOf("security", "Security", "token.created", "Personal access token created", dcNamed("Personal access token", "ci-{serial}"), nil),
	dcEventOf("page", "Pages", "page.moved", "Page moved", dcObjects{dcPage()}, dcChanges{changed("Space", "OLD", "{serial}")}),
	dcEventOf("page.templates", "Page templates", "page.template.created", "Page template created", dcNamed("Template", "議事録 {serial}"), nil),
}
