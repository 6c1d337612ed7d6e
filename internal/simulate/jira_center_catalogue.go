package simulate

// jiraCenterEvent returns an event with the given ends of its i18n keys; the ends of keys are those
// of Jira 9.
func jiraCenterEvent(categoryKey, category, actionKey, action string, o dcObjects, c dcChanges) dcEvent {
	if categoryKey != "" {
		categoryKey = "." + categoryKey
	}
	return dcEvent{Type: dcType{"jira.auditing.category" + categoryKey, category, "jira.auditing." + actionKey, action}, AffectedObjects: o, ChangedValues: c}
}

// noted returns an event with an attribute of its own.
func noted(e dcEvent, key, name, value string) dcEvent {
	e.ExtraAttributes = []dcAttribute{{key, name, value}}
	return e
}

func jcUser() dcObject {
	return dcObject{Name: "person.{serial}", Type: "USER", URI: "/secure/ViewProfile.jspa?name=person.{serial}", ID: "JIRAUSER10200"}
}

func jcGroup() dcObject { return dcObject{Name: "team-{serial}", Type: "GROUP"} }

func jcProject() dcObject {
	return dcObject{Name: "Project {serial}", Type: "PROJECT", ID: "10022"}
}

func jcNamed(kind, name string) dcObject { return dcObject{Name: name, Type: kind, ID: "10031"} }

// jcChanged returns a change whose i18n key is one of Jira's. Some of them are plain English.
func jcChanged(i18nKey, key, from, to string) dcChange {
	return dcChange{Key: key, I18nKey: i18nKey, From: from, To: to}
}

// jiraSessions returns the session events of a user.
func jiraSessions(who dcObject) []dcEvent {
	request := func(e dcEvent) dcEvent { return noted(e, "jira.auditing.request", "Request", "{serial}") }
	return []dcEvent{
		request(jiraCenterEvent("usermanagement", "user management", "user.logged.in", "User logged in", dcObjects{who}, nil)),
		request(jiraCenterEvent("usermanagement", "user management", "user.logged.out", "User logged out", dcObjects{who}, nil)),
		request(jiraCenterEvent("system", "system", "websudo.session.started", "Secure admin session started", nil, nil)),
		request(jiraCenterEvent("system", "system", "websudo.session.invalidated", "Secure admin session ended", nil, nil)),
	}
}

// jiraStrangers are the events of visitors who have not logged in, and of a set-up.
var jiraStrangers = []dcEvent{
	jiraCenterEvent("usermanagement", "user management", "user.login.failed", "User login failed", dcObjects{jcUser()}, nil),
	jiraCenterEvent("usermanagement", "user management", "user.login.failed", "User login failed", dcObjects{{Name: "root-{serial}", Type: "USER"}}, nil),
	jiraCenterEvent("groupmanagement", "group management", "user.added.to.group", "User added to group", dcObjects{{Name: "jira-administrators", Type: "GROUP"}, jcUser()}, nil),
}

// jiraCenterCatalogue holds the kinds of events that Jira Data Center records. Each contains the
// serial.
var jiraCenterCatalogue = []dcEvent{
	jiraCenterEvent("usermanagement", "user management", "user.created", "User created", dcObjects{jcUser()}, dcChanges{
		jcChanged("common.words.username", "Username", "", "person.{serial}"), jcChanged("common.words.fullname", "Full name", "", "Person {serial}"), jcChanged("admin.common.phrases.active.inactive", "Active / Inactive", "", "Active"),
	}),
	jiraCenterEvent("usermanagement", "user management", "user.updated", "User updated", dcObjects{jcUser()}, dcChanges{jcChanged("admin.common.phrases.active.inactive", "Active / Inactive", "Active", "Inactive")}),
	jiraCenterEvent("usermanagement", "user management", "user.renamed", "User renamed", dcObjects{jcUser()}, dcChanges{jcChanged("common.words.username", "Username", "old.{serial}", "person.{serial}")}),
	jiraCenterEvent("usermanagement", "user management", "user.anonymized", "User anonymized", dcObjects{jcUser()}, nil),
	jiraCenterEvent("usermanagement", "user management", "user.password.changed", "User's password changed", dcObjects{jcUser()}, nil),
	jiraCenterEvent("usermanagement", "user management", "user.deleted", "User deleted", dcObjects{jcUser()}, nil),
	jiraCenterEvent("groupmanagement", "group management", "group.created", "Group created", dcObjects{jcGroup()}, nil),
	jiraCenterEvent("groupmanagement", "group management", "group.deleted", "Group deleted", dcObjects{jcGroup()}, nil),
	jiraCenterEvent("groupmanagement", "group management", "user.added.to.group", "User added to group", dcObjects{jcGroup(), jcUser()}, nil),
	jiraCenterEvent("groupmanagement", "group management", "user.removed.from.group", "User removed from group", dcObjects{jcGroup(), jcUser()}, nil),
	jiraCenterEvent("groupmanagement", "Gruppenverwaltung", "user.added.to.group", "Benutzer zur Gruppe hinzugefügt", dcObjects{jcGroup(), jcUser()}, nil),
	jiraCenterEvent("permissions", "permissions", "global.permission.added", "Global permission added", dcObjects{{Name: "Global Permissions", Type: "PERMISSIONS"}, jcGroup()}, dcChanges{
		jcChanged("admin.common.words.permission", "Permission", "", "Jira System Administrators"), jcChanged("admin.common.words.group", "Group", "", "team-{serial}"),
	}),
	jiraCenterEvent("permissions", "permissions", "global.permission.removed", "Global permission removed", dcObjects{{Name: "Global Permissions", Type: "PERMISSIONS"}, jcGroup()}, dcChanges{
		jcChanged("admin.common.words.permission", "Permission", "Browse Users", ""), jcChanged("admin.common.words.group", "Group", "team-{serial}", ""),
	}),
	jiraCenterEvent("permissions", "permissions", "permission.scheme.created", "Permission scheme created", dcObjects{jcNamed("SCHEME", "Rights {serial}")}, nil),
	jiraCenterEvent("permissions", "permissions", "permission.scheme.updated", "Permission scheme updated", dcObjects{jcNamed("SCHEME", "Rights {serial}")}, dcChanges{
		jcChanged("admin.common.words.permission", "Permission", "", "Browse Projects"), jcChanged("admin.common.words.type", "Type", "", "Group"), jcChanged("admin.common.words.value", "Value", "", ""),
	}),
	jiraCenterEvent("permissions", "permissions", "permission.scheme.added.to.project", "Permission scheme added to project", dcObjects{jcNamed("SCHEME", "Rights {serial}"), jcProject()}, nil),
	jiraCenterEvent("permissions", "permissions", "permission.scheme.removed.from.project", "Permission scheme removed from project", dcObjects{jcNamed("SCHEME", "Rights {serial}"), jcProject()}, nil),
	jiraCenterEvent("projects", "projects", "project.created", "Project created", dcObjects{jcProject()}, dcChanges{jcChanged("common.words.name", "Name", "", "Project {serial}"), jcChanged("common.concepts.key", "Key", "", "{serial}")}),
	jiraCenterEvent("projects", "projects", "project.updated", "Project updated", dcObjects{jcProject()}, dcChanges{jcChanged("common.words.name", "Name", "Plans & budgets <2026>", "Project {serial}")}),
	jiraCenterEvent("projects", "projects", "project.lead.updated", "Project lead changed", dcObjects{jcProject()}, dcChanges{jcChanged("common.concepts.projectlead", "Project Lead", "aokafor", "person.{serial}")}),
	jiraCenterEvent("projects", "projects", "project.default.assignee.updated", "Default assignee changed", dcObjects{jcProject()}, dcChanges{jcChanged("admin.projects.default.assignee", "Default Assignee", "Unassigned", "Project Lead")}),
	jiraCenterEvent("projects", "projects", "project.roles.changed", "Project roles changed", dcObjects{jcProject(), jcNamed("PROJECT_ROLE", "Administrators")}, dcChanges{jcChanged("admin.common.words.users", "Users", "", "person.{serial}")}),
	jiraCenterEvent("projects", "projects", "project.deleted", "Project deleted", dcObjects{jcProject()}, nil),
	jiraCenterEvent("projects", "projects", "version.created", "Project version created", dcObjects{jcNamed("VERSION", "Release {serial}"), jcProject()}, nil),
	jiraCenterEvent("projects", "projects", "version.released", "Project version released", dcObjects{jcNamed("VERSION", "Release {serial}"), jcProject()}, nil),
	jiraCenterEvent("fields", "fields", "customfield.created", "Custom field created", dcObjects{jcNamed("CUSTOM_FIELD", "Field {serial}")}, dcChanges{jcChanged("common.words.name", "Name", "", "Field {serial}")}),
	jiraCenterEvent("fields", "fields", "customfield.updated", "Custom field updated", dcObjects{jcNamed("CUSTOM_FIELD", "Field {serial}")}, nil),
	jiraCenterEvent("issuetypes", "issue types", "issue.type.created", "Issue type created", dcObjects{jcNamed("ISSUE_TYPE", "Type {serial}")}, nil),
	jiraCenterEvent("issuetypes", "issue types", "issue.type.screen.scheme.removed", "Issue type screen scheme removed", dcObjects{jcNamed("SCHEME", "Screens {serial}"), jcProject()}, nil),
	jiraCenterEvent("system", "system", "resolutions.created", "Resolution created", dcObjects{jcNamed("RESOLUTION", "Resolved {serial}")}, nil),
	jiraCenterEvent("system", "system", "system.license.added", "License added", dcObjects{{Name: "SEN-{serial}", Type: "LICENSE"}}, dcChanges{jcChanged("admin.license.users", "Users", "500", "2000")}),
	jiraCenterEvent("workflows", "workflows", "workflow.created", "Workflow created", dcObjects{{Name: "Workflow {serial}", Type: "WORKFLOW", ID: "Workflow {serial}"}}, nil),
	jiraCenterEvent("workflows", "workflows", "workflow.scheme.created", "Workflow scheme created", dcObjects{jcNamed("SCHEME", "Workflows {serial}")}, nil),
	jiraCenterEvent("workflows", "workflows", "workflow.scheme.added.to.project", "Workflow scheme added to project", dcObjects{jcNamed("SCHEME", "Workflows {serial}"), jcProject()}, nil),
	jiraCenterEvent("filters", "filters", "filter.created", "Filter created", dcObjects{jcNamed("FILTER", "議事録 {serial}")}, nil),
	jiraCenterEvent("notifications", "notifications", "notification.scheme.updated", "Notification scheme updated", dcObjects{jcNamed("SCHEME", "Notices {serial}")}, nil),
	// a key that is no key
	{Type: dcType{"jira.auditing.category.boards", "boards", "Board created", "Board created"}, AffectedObjects: dcObjects{jcNamed("BOARD", "Board {serial}")}},
	// end-user activity
	noted(dcEvent{Type: dcType{"jira.auditing.category.search", "search", "issuenav.jqlsearch.performed", "JQL search performed"}}, "issuenav.jqlsearch.query", "JQL query", "project = {serial} AND text ~ \"budget\""),
	noted(dcEvent{Type: dcType{"jira.auditing.category.search", "search", "issuenav.jqlsearch.performed", "JQL search performed"}}, "issuenav.jqlsearch.query", "JQL query", "assignee = currentUser() OR key = {serial}"),
	// of the token plugin, whose object types are not in capitals
	{Type: dcType{"personal.access.tokens.audit.log.category", "Security", "personal.access.tokens.audit.log.summary.token.created", "Personal access token created"}, AffectedObjects: dcObjects{{Name: "aokafor", Type: "User", ID: "JIRAUSER10001"}},
		ChangedValues: dcChanges{jcChanged("personal.access.tokens.audit.log.name", "Token name", "", "ci-{serial}")}},
	{Type: dcType{"personal.access.tokens.audit.log.category", "Security", "personal.access.tokens.audit.log.summary.token.deleted", "Personal access token deleted"}, AffectedObjects: dcObjects{{Name: "aokafor", Type: "User", ID: "JIRAUSER10001"}},
		ChangedValues: dcChanges{jcChanged("personal.access.tokens.audit.log.name", "Token name", "ci-{serial}", "")}},
	{Type: dcType{"stp.audit.category.system", "System", "stp.jfr.audit.recording.started", "JFR recording started"}, AffectedObjects: dcObjects{{Name: "recording-{serial}", Type: "JFR_RECORDING"}}},
	{Type: dcType{"atlassian.audit.event.category.audit", "Auditing", "atlassian.audit.event.action.audit.config.updated", "Audit Log configuration updated"},
		ChangedValues: dcChanges{jcChanged("atlassian.audit.event.change.retention", "Retention {serial}", "3 Years", "1 Year")}},
}
