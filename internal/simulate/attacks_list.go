package simulate

import "slices"

var attacks = []Attack{
	{
		Name: "open", Text: "opens a space, a project and the site to everybody, without a login",
		cloud: []cloudEvent{
			spacePermission("Space permission added", object("User", "Anonymous"), "", "VIEWSPACE"),
			globalPermission("Global permission added", object("User", "Anonymous"), "", "USECONFLUENCE"),
		},
		dataCenter: []dcEvent{
			dcSpacePermission("space.permission.added", "Space permission added", dcEverybody("Anonymous"), "", "VIEWSPACE"),
			dcGlobalPermission("global.permission.added", "Global permission added", dcEverybody("Anonymous"), "", "USECONFLUENCE"),
		},
		jira: []jiraEvent{
			jiraSchemeGrant("Rights {serial}", "Browse Projects", "Group", "Anyone on the web"),
			jiraGlobalGrant("Browse users and groups", "Anyone on the web"),
		},
		jiraCenter: []dcEvent{jiraCenterGrant("Browse Projects", "Group", "Anyone"), jiraCenterGlobalGrant("Browse Users", "Anyone")},
	},
	{
		Name: "everybody", Text: "lets all who can log in administer or export",
		cloud: []cloudEvent{
			spacePermission("Space permission added", allUsers, "", "SETSPACEPERMISSIONS"),
			spacePermission("Space permission added", allUsers, "", "EXPORTSPACE"),
			globalPermission("Global permission added", allUsers, "", "ADMINISTRATECONFLUENCE"),
		},
		dataCenter: []dcEvent{
			dcSpacePermission("space.permission.added", "Space permission added", dcGroup("confluence-users"), "", "SETSPACEPERMISSIONS"),
			dcSpacePermission("space.permission.added", "Space permission added", dcGroup("confluence-users"), "", "EXPORTSPACE"),
			dcGlobalPermission("global.permission.added", "Global permission added", dcGroup("confluence-users"), "", "SYSTEMADMINISTRATOR"),
		},
		jira: []jiraEvent{
			jiraSchemeGrant("Rights {serial}", "Administer Projects", "Group", "jira-software-users-acme"),
			jiraGlobalGrant("Administer Jira", "jira-software-users-acme"),
		},
		jiraCenter: []dcEvent{jiraCenterGrant("Administer Projects", "Group", "jira-software-users"), jiraCenterGlobalGrant("Jira System Administrators", "jira-software-users")},
	},
	{
		Name: "administrator", Text: "makes an account an administrator of the site",
		cloud: []cloudEvent{
			globalPermission("Global permission added", aUser(), "", "ADMINISTRATECONFLUENCE"),
			cloudEventOf("Users and groups", "User added to group", object("Group", "site-admins:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99"), nil, objects{aUser()}),
		},
		dataCenter: []dcEvent{
			dcGlobalPermission("global.permission.added", "Global permission added", dcAccount(), "", "SYSTEMADMINISTRATOR"),
			dcEventOf("user.management", "Users and groups", "group.membership.added", "User added to group", dcObjects{dcGroup("confluence-administrators"), dcAccount()}, nil),
		},
		jira: []jiraEvent{
			jiraGlobalGrant("Administer Jira", "team-{serial}"),
			jiraEventOf("group management", "User added to group", jiraAdministrators, nil, jiraItems{jiraMember(idpDirectory)}),
			jiraEventOf("group management", "Group added to group", jiraAdministrators, nil, jiraItems{jiraGroup(idpDirectory)}),
		},
		jiraCenter: []dcEvent{
			jiraCenterGlobalGrant("Jira System Administrators", "team-{serial}"),
			jiraCenterEvent("groupmanagement", "group management", "user.added.to.group", "User added to group", dcObjects{{Name: "jira-administrators", Type: "GROUP"}, jcUser()}, nil),
			jiraCenterEvent("groupmanagement", "group management", "group.added.to.group", "Group added to group", dcObjects{{Name: "jira-administrators", Type: "GROUP"}, jcGroup()}, nil),
		},
		organization: []string{orgMadeAdministrator, orgGroupMadeAdministrator, orgAddedToAdministrators},
	},
	{
		Name: "takeover", Text: "becomes the administrator of one space or project after another",
		cloud:      times(8, spacePermission("Space permission added", object("User", attacker.name), "", "SETSPACEPERMISSIONS")),
		dataCenter: times(8, dcSpacePermission("space.permission.added", "Space permission added", dcObject{Name: attacker.user, Type: "User", ID: attacker.key}, "", "SETSPACEPERMISSIONS")),
		jira: slices.Concat(
			times(4, jiraEventOf("projects", "Project roles changed", jiraRole("Administrators"), jiraChanges{{"Users", "", "ug:5f0c2b7e-91d4-4f38-8a6b-000000000066"}}, jiraItems{jiraProject()})),
			times(4, jiraSchemeGrant("Rights {serial}", "Administer Projects", "Single User", "ug:5f0c2b7e-91d4-4f38-8a6b-000000000066")),
		),
		jiraCenter: slices.Concat(
			times(4, jiraCenterEvent("projects", "projects", "project.roles.changed", "Project roles changed", dcObjects{jcNamed("PROJECT_ROLE", "Administrators"), jcProject()}, dcChanges{jcChanged("admin.common.words.users", "Users", "", attacker.user)})),
			times(4, jiraCenterGrant("Administer Projects", "Single User", "JIRAUSER"+attackerJiraID)),
		),
	},
	{
		Name: "publish", Text: "makes public links of pages",
		cloud: times(3, cloudEventOf("Public links", "Public link turned on", object("Page", "Page {serial}"), changes{{"Public link", "Off", "On"}}, objects{inSpace()})),
	},
	{
		Name: "export", Text: "exports the site, a space or project, and pages or issues one by one",
		cloud: slices.Concat(times(25, cloudEventOf("Page", "Page exported", object("Page", "Page {serial}"), nil, objects{inSpace()})), []cloudEvent{
			cloudEventOf("Spaces", "Space export", inSpace(), changes{{"Export type", "", "XML"}}, nil),
			cloudEventOf("Global administration", "Site export", object("Global settings", "Backup {serial}"), nil, nil),
		}),
		dataCenter: slices.Concat(times(15, dcEventOf("import.export", "Import/Export", "page.exported.word", "Page exported", dcObjects{dcPage()}, nil)),
			times(10, dcEventOf("import.export", "Import/Export", "blogpost.exported.word", "Blog post exported", dcObjects{{Name: "News {serial}", Type: "Blog", ID: "65601"}}, nil)), []dcEvent{
				dcEventOf("import.export", "Import/Export", "space.export", "Space export", dcObjects{dcSpace()}, dcChanges{changed("Export type", "", "XML")}),
				dcEventOf("import.export", "Import/Export", "site.export", "Site export", dcNamed("Backup", "xmlexport-{serial}.zip"), nil),
			}),
		jira: slices.Concat(times(25, jiraEventOf("issues", "Issues exported", jiraIssue(), nil, nil)), []jiraEvent{
			jiraEventOf("projects", "Project exported", jiraProject(), nil, nil),
			jiraEventOf("system", "Backup created", jiraItem{Name: "Backup {serial}", TypeName: "SYSTEM"}, nil, nil),
		}),
		jiraCenter: slices.Concat(times(25, jiraCenterEvent("issues", "issues", "issues.exported", "Issues exported", dcObjects{jcNamed("FILTER", "Filter {serial}")}, nil)), []dcEvent{
			jiraCenterEvent("projects", "projects", "project.exported", "Project exported", dcObjects{jcProject()}, nil),
			jiraCenterEvent("system", "system", "system.exported", "Data exported", dcObjects{jcNamed("SYSTEM", "Backup {serial}")}, nil),
		}),
	},
	{
		Name: "replace", Text: "imports a backup over the site",
		cloud:      []cloudEvent{cloudEventOf("Global administration", "Site import", object("Global settings", "Backup {serial}"), nil, nil)},
		dataCenter: []dcEvent{dcEventOf("import.export", "Import/Export", "site.import", "Site import", dcNamed("Backup", "xmlexport-{serial}.zip"), nil)},
		jira:       []jiraEvent{jiraEventOf("system", "Site imported", jiraItem{Name: "Backup {serial}", TypeName: "SYSTEM"}, nil, nil)},
		jiraCenter: []dcEvent{jiraCenterEvent("system", "system", "system.imported", "Data imported", dcObjects{jcNamed("SYSTEM", "Backup {serial}")}, nil)},
	},
	{
		Name: "delete", Text: "deletes many pages or issues, and several spaces or projects",
		cloud: slices.Concat(times(15, cloudEventOf("Page", "Page deleted", object("Page", "Page {serial}"), nil, objects{inSpace()})),
			times(10, cloudEventOf("Page", "Blog post deleted", object("Blog post", "News {serial}"), nil, objects{inSpace()})),
			times(2, cloudEventOf("Spaces", "Space marked as deleted", inSpace(), changes{{"Space status", "CURRENT", "TRASHED"}}, nil)),
			times(2, cloudEventOf("Spaces", "Space deleted", inSpace(), changes{{"Space key", "{serial}", ""}}, nil)),
			times(1, cloudEventOf("Spaces", "Space trash emptied", inSpace(), nil, nil))),
		dataCenter: slices.Concat(times(8, dcContent("page.deleted", "Page deleted", "Page")), times(5, dcContent("page.purged", "Page purged", "Page")),
			times(5, dcContent("blog.deleted", "Blog post deleted", "Blog")), times(4, dcContent("blog.purged", "Blog post purged", "Blog")), times(5, dcContent("attachment.delete", "Attachment deleted", "Attachment")),
			times(4, dcEventOf("spaces", "Spaces", "space.removed", "Space deleted", dcObjects{dcSpace()}, nil)),
			times(2, dcEventOf("spaces", "Spaces", "space.trash.emptied", "Space trash emptied", dcObjects{dcSpace()}, nil))),
		jira: slices.Concat(times(25, jiraEventOf("issues", "Issue deleted", jiraIssue(), nil, jiraItems{jiraProject()})),
			times(2, jiraEventOf("projects", "Project moved to trash", jiraProject(), nil, nil)), times(2, jiraEventOf("projects", "Project deleted", jiraProject(), nil, nil))),
		jiraCenter: slices.Concat(times(25, jiraCenterEvent("issues", "issues", "issue.deleted", "Issue deleted", dcObjects{jcNamed("ISSUE", "WEB-{serial}"), jcProject()}, nil)),
			times(4, jiraCenterEvent("projects", "projects", "project.deleted", "Project deleted", dcObjects{jcProject()}, nil))),
	},
	{
		Name: "blind", Text: "makes the audit log record less, or nothing",
		cloud:      []cloudEvent{cloudEventOf("Global administration", "Audit log retention updated", object("Global settings", "Audit log {serial}"), changes{{"Retention", "365 days", "1 day"}}, nil)},
		dataCenter: []dcEvent{dcAudit("config.updated", "Audit Log configuration updated", "Coverage {serial}")},
		jira:       []jiraEvent{jiraEventOf("auditing", "Auditing turned off", jiraItem{Name: "Auditing {serial}", TypeName: "SYSTEM"}, nil, nil)},
		jiraCenter: []dcEvent{
			dcAudit("config.updated", "Audit Log configuration updated", "Coverage {serial}"),
			jiraCenterEvent("auditing", "auditing", "disabled", "Auditing disabled", dcObjects{jcNamed("SYSTEM", "Auditing {serial}")}, nil),
		},
	},
	{
		Name: "read-log", Text: "searches the audit log and takes a copy of it",
		cloud:      []cloudEvent{cloudEventOf("Global administration", "Audit Log exported", object("Global settings", "Audit log {serial}"), nil, nil)},
		dataCenter: []dcEvent{dcAudit("search", "Audit Log search performed", "Search {serial}"), dcAudit("export", "Audit Log exported", "Export {serial}")},
		jiraCenter: []dcEvent{dcAudit("search", "Audit Log search performed", "Search {serial}"), dcAudit("export", "Audit Log exported", "Export {serial}")},
	},
	{
		Name: "app", Text: "installs an app",
		cloud:        []cloudEvent{cloudEventOf("Apps", "App installed", object("App", "Helper {serial}"), changes{{"Version", "", "1.0.0"}}, nil)},
		dataCenter:   []dcEvent{dcEventOf("plugins", "Apps", "plugin.installed", "App installed", dcNamed("App", "Helper {serial}"), dcChanges{changed("Version", "", "1.0.0")})},
		jira:         []jiraEvent{jiraEventOf("apps", "App installed", jiraItem{Name: "Helper {serial}", TypeName: "APP"}, nil, nil)},
		jiraCenter:   []dcEvent{jiraCenterEvent("plugins", "plugins", "plugin.installed", "Plugin installed", dcObjects{jcNamed("APP", "Helper {serial}")}, nil)},
		organization: []string{orgInstalledApp},
	},
	{
		Name: "token", Text: "works as an administrator and makes an access token",
		dataCenter: []dcEvent{dcEventOf("auth", "Authentication", "sudo.auth.successful", "Secure admin session started", nil, dcChanges{changed("Request", "", "{serial}")}), dcToken("backup-{serial}")},
		jiraCenter: []dcEvent{
			noted(jiraCenterEvent("system", "system", "websudo.session.started", "Secure admin session started", nil, nil), "jira.auditing.request", "Request", "{serial}"),
			jcToken(dcObject{Name: attacker.user, ID: "JIRAUSER" + attackerJiraID}),
		},
		organization: []string{orgMadeAdministrator, orgChangedPolicy, orgMadeToken},
	},
	{
		Name: "tokens", Text: "makes one access token after another, for later",
		dataCenter:   times(6, dcToken("key-{serial}")),
		organization: times(6, orgMadeToken),
	},
	{
		Name: "impersonate", Text: "logs in as other users",
		organization: times(2, orgImpersonated),
	},
	{
		Name: "scrape", Text: "reads pages and issues one after another",
		organization: append(times(250, orgViewedPage), times(30, orgViewedIssue)...),
	},
	{
		Name: "connect", Text: "lets other systems in: application links, clients, webhooks, a user directory",
		cloud: []cloudEvent{
			cloudEventOf("Global administration", "Application link created", object("Application link", "Helper {serial}"), nil, nil),
			cloudEventOf("Global administration", "Webhook created", object("Webhook", "https://collect.example.net/{serial}"), nil, nil),
		},
		dataCenter: []dcEvent{
			dcAdmin("applink.added", "Application link created"), dcAdmin("applink.edited", "Application link edited"),
			dcAdmin("client.configuration.created", "Client configuration created"), dcAdmin("client.configuration.updated", "Client configuration updated"),
			dcEventOf("user.management", "Users and groups", "directory.added", "User directory added", dcNamed("Directory", "LDAP {serial}"), dcChanges{changed("Type", "", "CONNECTOR")}),
			dcEventOf("user.management", "Users and groups", "directory.updated", "User directory updated", dcNamed("Directory", "LDAP {serial}"), nil),
		},
		jira: []jiraEvent{jiraEventOf("system", "Webhook created", jiraItem{Name: "https://collect.example.net/{serial}", TypeName: "WEBHOOK"}, nil, nil)},
		jiraCenter: []dcEvent{
			jiraCenterEvent("webhooks", "webhooks", "webhook.updated", "Webhook updated", dcObjects{jcNamed("WEBHOOK", "https://collect.example.net/{serial}")}, nil),
			jiraCenterEvent("applinks", "application links", "applink.added", "Application link created", dcObjects{jcNamed("APPLINK", "Helper {serial}")}, nil),
			jiraCenterEvent("usermanagement", "user management", "directory.created", "User directory created", dcObjects{jcNamed("DIRECTORY", "LDAP {serial}")}, nil),
		},
	},
	{
		Name: "weaken", Text: "changes the allow list, the security settings and the permissions of new spaces",
		cloud: []cloudEvent{
			cloudEventOf("Global administration", "Security settings updated", object("Global settings", "Security {serial}"), changes{{"Attempts before CAPTCHA", "3", "100"}}, nil),
			cloudEventOf("Permissions", "Default space permissions updated", object("Global settings", "Defaults {serial}"), nil, nil),
		},
		dataCenter: []dcEvent{
			dcAdmin("whitelist.turned.off", "Allowlist turned off"), dcAdmin("whitelist.url.added", "Allowlist rule added"), dcAdmin("whitelist.url.updated", "Allowlist rule updated"),
			dcAdmin("global.security.settings.edited", "Security settings updated"),
		},
		jira: []jiraEvent{jiraEventOf("system", "Security settings updated", jiraItem{Name: "Security {serial}", TypeName: "SYSTEM"}, nil, nil)},
		jiraCenter: []dcEvent{
			jiraCenterEvent("system", "system", "whitelist.turned.off", "Allowlist turned off", dcObjects{jcNamed("SYSTEM", "Allowlist {serial}")}, nil),
			jiraCenterEvent("system", "system", "security.settings.updated", "Security settings updated", dcObjects{jcNamed("SYSTEM", "Security {serial}")}, nil),
		},
		organization: []string{orgChangedPolicy, orgChangedAuthentication, orgChangedAuthenticationToo, orgTurnedOffTwoSteps},
	},
	{
		Name: "guess", Text: "tries passwords of one account until one of them opens it",
		dataCenter:   append(times(12, dcRefusedLogin(attackerAsObject)), dcSessions(attackerAsObject)[0]),
		jiraCenter:   append(times(12, jcRefusedLogin(attackerInJira)), jiraSessions(attackerInJira)[0]),
		organization: append(times(12, orgRefusedLogin), orgLogin),
	},
	{
		Name: "spray", Text: "tries one password with many accounts",
		dataCenter:   times(15, dcRefusedLogin(dcObject{Name: "person.{serial}", Type: "User"})),
		jiraCenter:   times(15, jcRefusedLogin(dcObject{Name: "person.{serial}", Type: "USER"})),
		organization: times(15, orgRefusedStranger),
	},
	{
		Name: "elevate", Text: "has a session and tries the password that administration asks for",
		dataCenter: times(6, dcSessions(attackerAsObject)[3]),
		jiraCenter: times(6, noted(jiraCenterEvent("system", "system", "websudo.login.failed", "WebSudo login failed", nil, nil), "jira.auditing.request", "Request", "{serial}")),
	},
	{
		Name: "return", Text: "brings a deactivated account back",
		cloud: []cloudEvent{cloudEventOf("Users and groups", "User details updated", aUser(), changes{{"Active", "No", "Yes"}}, nil), cloudEventOf("Users and groups", "User reactivated", aUser(), nil, nil)},
		dataCenter: []dcEvent{
			dcEventOf("user.management", "Users and groups", "user.updated", "User details updated", dcObjects{dcAccount()}, dcChanges{changed("Active", "No", "Yes")}),
			dcEventOf("user.management", "Users and groups", "user.reactivated", "User reactivated", dcObjects{dcAccount()}, nil),
		},
		jira:       []jiraEvent{jiraEventOf("user management", "User updated", jiraMember(idpDirectory), jiraChanges{{"Active / Inactive", "Inactive", "Active"}}, nil)},
		jiraCenter: []dcEvent{jiraCenterEvent("usermanagement", "user management", "user.updated", "User updated", dcObjects{jcUser()}, dcChanges{jcChanged("admin.common.phrases.active.inactive", "Active / Inactive", "Inactive", "Active")})},
	},
	{
		Name: "pry", Text: "reads past restrictions, or tries to",
		cloud: []cloudEvent{cloudEventOf("Page", "Page viewed with admin key", object("Page", "Page {serial}"), nil, objects{inSpace()})},
		dataCenter: slices.Concat(times(8, dcEventOf("security", "Security", "security.restricted.page.not.permitted", "Restricted page not permitted", dcObjects{dcPage()}, nil)),
			times(7, dcEventOf("security", "Security", "security.restricted.blogpost.not.permitted", "Restricted blog post not permitted", dcObjects{{Name: "News {serial}", Type: "Blog", ID: "65601"}}, nil))),
	},
}

var (
	allUsers           = object("Group", "confluence-users:4375f4c3-bfdf-4f36-a62e-141ccf1588a3")
	jiraAdministrators = jiraItem{Name: "jira-administrators", TypeName: "GROUP", ParentID: "10000", ParentName: idpDirectory}
	attackerAsObject   = dcPersonAsObject(products[Confluence].center, attacker)
	attackerInJira     = jiraPersonAsObject(products[Jira].center, attacker, attackerJiraID)
)

func jiraGlobalGrant(permission, group string) jiraEvent {
	return jiraEventOf("permissions", "Global permission added", jiraItem{Name: "Global Permissions", TypeName: "PERMISSIONS"}, jiraChanges{{"Permission", nil, permission}, {"Group", nil, group}, {"Request", nil, "{serial}"}}, nil)
}

func jiraCenterGlobalGrant(permission, group string) dcEvent {
	return jiraCenterEvent("permissions", "permissions", "global.permission.added", "Global permission added", dcObjects{{Name: "Global Permissions", Type: "PERMISSIONS"}}, dcChanges{
		jcChanged("admin.common.words.permission", "Permission", "", permission), jcChanged("admin.common.words.group", "Group", "", group), jcChanged("jira.auditing.request", "Request", "", "{serial}"),
	})
}

func dcContent(key, action, kind string) dcEvent {
	return dcEventOf("page", "Pages", key, action, dcObjects{{Name: kind + " {serial}", Type: kind, ID: "65581"}, dcSpace()}, nil)
}

func dcAdmin(key, action string) dcEvent {
	return dcEventOf("admin", "Global administration", key, action, dcNamed("Setting", "Setting {serial}"), nil)
}

// dcAudit returns an event of the audit log app, which has keys of its own in both products.
func dcAudit(key, action, value string) dcEvent {
	return dcEvent{Type: dcType{"atlassian.audit.event.category.audit", "Auditing", "atlassian.audit.event.action.audit." + key, action},
		ChangedValues: dcChanges{{Key: "Detail", I18nKey: "atlassian.audit.event.change.detail", To: value}}}
}
