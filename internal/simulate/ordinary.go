package simulate

import "slices"

// role is what a person does in ordinary work.
type role int

const (
	theSystem role = iota
	administrator
	writer
	roles
)

// often makes events more frequent than the others of a person.
func often[E any](events ...E) []E { return slices.Repeat(events, 12) }

// roleOf returns the role of the person with this index: the system, one administrator, and those
// who write.
func roleOf(i int) role { return min(role(i), writer) }

// The ordinary catalogues hold some of what detections count, each now and then: a page deleted, a
// login refused once. What a detection alerts on when it happens once is not in them.

// cloudOrdinary holds the ordinary work on a Cloud site of Confluence.
var cloudOrdinary = [roles][]cloudEvent{
	theSystem: {
		cloudEventOf("Users and groups", "User created", aUser(), changes{{"Display name", "", "Person {serial}"}, {"Active", "", "Yes"}}, nil),
		cloudEventOf("Users and groups", "User details updated", aUser(), changes{{"Display name", "Person", "Person {serial}"}}, nil),
		cloudEventOf("Users and groups", "User added to group", aGroup(), nil, objects{aUser()}),
	},
	administrator: append(often(
		cloudEventOf("Spaces", "Space created", inSpace(), changes{{"Name", "", "Space {serial}"}, {"Space key", "", "{serial}"}}, nil),
		cloudEventOf("Spaces", "Space archived", inSpace(), changes{{"Space status", "CURRENT", "ARCHIVED"}}, nil),
		cloudEventOf("Users and groups", "User created", aUser(), changes{{"Display name", "", "Person {serial}"}, {"Active", "", "Yes"}}, nil),
		cloudEventOf("Users and groups", "User details updated", aUser(), changes{{"Active", "Yes", "No"}}, nil),
		cloudEventOf("Users and groups", "User added to group", aGroup(), nil, objects{aUser()}),
		cloudEventOf("Users and groups", "User removed from group", aGroup(), nil, objects{aUser()}),
		cloudEventOf("Users and groups", "Group created", aGroup(), nil, nil),
		spacePermission("Space permission added", aGroup(), "", "VIEWSPACE"),
		spacePermission("Space permission removed", object("User", "Anonymous"), "VIEWSPACE", ""),
		globalPermission("Global permission removed", aGroup(), "USECONFLUENCE", ""),
		cloudEventOf("Global administration", "Global settings changed", object("Global settings", "Confluence {serial}"), changes{{"Site title", "Confluence", "Wiki {serial}"}}, nil),
		cloudEventOf("Apps", "App updated", object("App", "Diagrams {serial}"), changes{{"Version", "4.2.0-AC", "4.2.1-AC"}}, nil),
	), spacePermission("Space permission added", aUser(), "", "SETSPACEPERMISSIONS"),
		cloudEventOf("Spaces", "Space marked as deleted", inSpace(), changes{{"Space status", "CURRENT", "TRASHED"}}, nil)),
	writer: {
		cloudEventOf("Page", "Page created", object("Page", "Page {serial}"), nil, objects{inSpace()}),
		cloudEventOf("Page", "Page updated", object("Page", "Page {serial}"), nil, objects{inSpace()}),
		cloudEventOf("Page", "Page archived", object("Page", "Page {serial}"), changes{{"Content status", "current", "archived"}}, objects{inSpace()}),
		cloudEventOf("Page", "Page restored", object("Page", "Page {serial}"), changes{{"Content status", "archived", "current"}}, objects{inSpace()}),
		cloudEventOf("Page", "Page deleted", object("Page", "Page {serial}"), nil, objects{inSpace()}),
		cloudEventOf("Page", "Page exported", object("Page", "Page {serial}"), nil, objects{inSpace()}),
		restriction("Content restriction added", aUser(), "", "View"),
		restriction("Content restriction removed", aGroup(), "Edit", ""),
		cloudEventOf("Public links", "Public link turned off", object("Page", "Page {serial}"), changes{{"Public link", "On", "Off"}}, objects{inSpace()}),
		cloudEventOf("Templates", "Template created", object("Template", "Minutes {serial}"), nil, nil),
		cloudEventOf("Document control", "Workflow approval added", object("Page", "Page {serial}"), changes{{"Approver", "", "Person {serial}"}}, objects{inSpace()}),
	},
}

// dataCenterOrdinary returns the ordinary work of a person on Confluence Data Center.
func dataCenterOrdinary(r role, who dcObject) []dcEvent {
	sessions := dcSessions(who)
	switch r {
	case theSystem:
		return []dcEvent{dcEventOf("admin", "Global administration", "scheduled.job.run", "Scheduled job run", dcNamed("Scheduled job", "Job {serial}"), nil)}
	case administrator:
		// A session is refused when the administrator has mistyped the password.
		refused := sessions[3]
		return slices.Concat(often(slices.Delete(sessions, 3, 4)...), often(
			dcEventOf("user.management", "Users and groups", "user.created", "User created", dcObjects{dcAccount()}, dcChanges{changed("Active", "", "Yes")}),
			dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Active", "Yes", "No")}),
			dcEventOf("user.management", "Users and groups", "group.membership.added", "User added to group", dcObjects{aTeam(), dcAccount()}, nil),
			dcEventOf("user.management", "Users and groups", "group.membership.removed", "User removed from group", dcObjects{aTeam(), dcAccount()}, nil),
			dcSpacePermission("space.permission.added", "Space permission added", aTeam(), "", "VIEWSPACE"),
			dcSpacePermission("space.permission.removed", "Space permission removed", dcEverybody("Anonymous"), "VIEWSPACE", ""),
			dcEventOf("spaces", "Spaces", "space.created", "Space created", dcObjects{dcSpace()}, dcChanges{changed("Space key", "", "{serial}")}),
			dcEventOf("plugins", "Apps", "plugin.updated", "App updated", dcNamed("App", "Diagrams {serial}"), dcChanges{changed("Version", "4.2.0", "4.2.1")}),
			dcEventOf("admin", "Global administration", "licence.updated", "License updated", dcNamed("License", "SEN-{serial}"), nil),
		), []dcEvent{refused, dcSpacePermission("space.permission.added", "Space permission added", dcAccount(), "", "SETSPACEPERMISSIONS"),
			dcEventOf("spaces", "Spaces", "space.removed", "Space deleted", dcObjects{dcSpace()}, nil)})
	}
	return append(sessions[:2],
		dcEventOf("page", "Pages", "page.created", "Page created", dcObjects{dcPage(), dcSpace()}, nil),
		dcEventOf("page", "Pages", "page.updated", "Page updated", dcObjects{dcPage(), dcSpace()}, nil),
		dcEventOf("page", "Pages", "page.moved", "Page moved", dcObjects{dcPage()}, dcChanges{changed("Space", "OLD", "{serial}")}),
		dcEventOf("page", "Pages", "page.deleted", "Page deleted", dcObjects{dcPage(), dcSpace()}, nil),
		dcEventOf("page", "Pages", "page.shared", "Page shared", dcObjects{dcPage()}, dcChanges{changed("Shared with", "", "partner-{serial}@example.com")}),
		dcEventOf("import.export", "Import/Export", "page.exported.word", "Page exported", dcObjects{dcPage()}, nil),
		dcEventOf("permissions", "Permissions", "page.view.permission.added", "Page view restriction added", dcObjects{dcAccount(), dcPage(), dcSpace()}, nil),
		dcEventOf("security", "Security", "security.restricted.page.not.permitted", "Restricted page not permitted", dcObjects{dcPage()}, nil),
		dcToken("ci-{serial}"),
	)
}

func dcToken(name string) dcEvent {
	return dcEvent{Type: dcType{"personal.access.tokens.audit.log.category", "Personal access tokens", "personal.access.tokens.audit.log.summary.token.created", "Personal access token created"},
		AffectedObjects: dcNamed("Personal access token", name)}
}

// ordinaryStrangers are those who mistype a password or a name.
func ordinaryStrangers(somebody dcObject) []dcEvent {
	return []dcEvent{
		dcRefusedLogin(somebody),
		dcRefusedLogin(dcObject{Name: "person.{serial}", Type: "User"}),
		dcEventOf("user.management", "Users and groups", "forgot.password", "Forgot password", dcObjects{dcAccount()}, nil),
	}
}

func dcRefusedLogin(who dcObject) dcEvent {
	return dcEventOf("auth", "Authentication", "login.failed", "User login failed", dcObjects{who}, dcChanges{changed("Request", "", "{serial}")})
}
