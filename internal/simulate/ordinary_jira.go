package simulate

import "slices"

// jiraOrdinary holds the ordinary work on a Cloud site of Jira.
var jiraOrdinary = [roles][]jiraEvent{
	theSystem: {
		jiraEventOf("user management", "User created", jiraMember(crowdDirectory), jiraChanges{{"Username", nil, "ug:{serial}"}, {"Active / Inactive", nil, "Active"}}, nil),
		jiraEventOf("user management", "User updated", jiraMember(crowdDirectory), jiraChanges{{"Active / Inactive", "Active", "Inactive"}}, nil),
		jiraEventOf("group management", "User added to group", jiraGroup(crowdDirectory), nil, jiraItems{jiraMember(crowdDirectory)}),
		jiraEventOf("group management", "User removed from group", jiraGroup(crowdDirectory), nil, jiraItems{jiraMember(crowdDirectory)}),
	},
	administrator: append(often(
		jiraEventOf("projects", "Project created", jiraProject(), jiraChanges{{"Name", nil, "Project {serial}"}, {"Key", nil, "{serial}"}}, nil),
		jiraEventOf("projects", "Project roles changed", jiraRole("Developers"), jiraChanges{{"Users", "", "ug:7c1d9a30-2f44-4c5b-8a5e-{serial}"}}, jiraItems{jiraProject()}),
		jiraEventOf("fields", "Custom field created", jiraField(), jiraChanges{{"Name", nil, "Field {serial}"}}, nil),
		jiraEventOf("workflows", "Workflow updated", jiraWorkflow(), jiraChanges{{"Transition", nil, "Done (To Do -> Done)"}}, nil),
		jiraSchemeGrant("Rights {serial}", "Browse Projects", "Group", "team-{serial}"),
		jiraEventOf("permissions", "Permission scheme added to project", jiraScheme("Rights {serial}"), nil, jiraItems{jiraProject()}),
		jiraEventOf("permissions", "Global permission removed", jiraItem{Name: "Global Permissions", TypeName: "PERMISSIONS"}, jiraChanges{{"Permission", "Share dashboards and filters", ""}, {"Group", "team-{serial}", ""}}, nil),
		jiraEventOf("group management", "User added to group", jiraGroup(idpDirectory), nil, jiraItems{jiraMember(idpDirectory)}),
	), jiraEventOf("projects", "Project roles changed", jiraRole("Administrators"), jiraChanges{{"Users", "", "ug:7c1d9a30-2f44-4c5b-8a5e-{serial}"}}, jiraItems{jiraProject()}),
		jiraEventOf("projects", "Project deleted", jiraProject(), nil, jiraItems{jiraScheme("Default Permission Scheme")})),
	writer: {
		jiraEventOf("projects", "Project component created", jiraItem{ID: "10203", Name: "Component {serial}", TypeName: "PROJECT_COMPONENT"}, jiraChanges{{"Name", nil, "Component {serial}"}}, jiraItems{jiraProject()}),
		jiraEventOf("projects", "Project version released", jiraItem{ID: "10301", Name: "Release {serial}", TypeName: "VERSION"}, nil, jiraItems{jiraProject()}),
		jiraEventOf("auditing", "Plan updated", jiraItem{ID: "3", Name: "Plan {serial}", TypeName: "PLAN"}, nil, nil),
		jiraEventOf("issues", "Issue deleted", jiraIssue(), nil, jiraItems{jiraProject()}),
		jiraEventOf("issues", "Issues exported", jiraIssue(), nil, nil),
	},
}

func jiraRole(name string) jiraItem {
	return jiraItem{ID: "10002", Name: name, TypeName: "PROJECT_ROLE"}
}

func jiraIssue() jiraItem { return jiraItem{ID: "10500", Name: "WEB-{serial}", TypeName: "ISSUE"} }

// jiraSchemeGrant returns the event of a permission that was added to a scheme, for a grantee of a
// kind such as Group.
func jiraSchemeGrant(scheme, permission, kind, value string) jiraEvent {
	return jiraEventOf("permissions", "Permission scheme updated", jiraScheme(scheme), jiraChanges{{"Permission", nil, permission}, {"Type", nil, kind}, {"Value", nil, value}}, nil)
}

// jiraCenterOrdinary returns the ordinary work of a person on Jira Data Center.
func jiraCenterOrdinary(r role, who dcObject) []dcEvent {
	sessions := jiraSessions(who)
	switch r {
	case theSystem:
		return []dcEvent{jiraCenterEvent("system", "system", "reindex.started", "Reindex started", dcObjects{jcNamed("SYSTEM", "Index {serial}")}, nil)}
	case administrator:
		return slices.Concat(often(sessions...), often(
			jiraCenterEvent("usermanagement", "user management", "user.created", "User created", dcObjects{jcUser()}, dcChanges{jcChanged("common.words.username", "Username", "", "person.{serial}")}),
			jiraCenterEvent("usermanagement", "user management", "user.updated", "User updated", dcObjects{jcUser()}, dcChanges{jcChanged("admin.common.phrases.active.inactive", "Active / Inactive", "Active", "Inactive")}),
			jiraCenterEvent("groupmanagement", "group management", "user.added.to.group", "User added to group", dcObjects{jcGroup(), jcUser()}, nil),
			jiraCenterEvent("projects", "projects", "project.created", "Project created", dcObjects{jcProject()}, nil),
			jiraCenterGrant("Browse Projects", "Group", "team-{serial}"),
			jiraCenterEvent("workflows", "workflows", "workflow.updated", "Workflow updated", dcObjects{{Name: "Workflow {serial}", Type: "WORKFLOW", ID: "Workflow {serial}"}}, nil),
		), []dcEvent{jiraCenterEvent("system", "system", "websudo.login.failed", "WebSudo login failed", dcObjects{jcNamed("REQUEST", "{serial}")}, nil),
			jiraCenterEvent("projects", "projects", "project.roles.changed", "Project roles changed", dcObjects{jcNamed("PROJECT_ROLE", "Administrators"), jcProject()}, dcChanges{jcChanged("admin.common.words.users", "Users", "", "person.{serial}")}),
			jiraCenterEvent("projects", "projects", "project.deleted", "Project deleted", dcObjects{jcProject()}, nil)})
	}
	return append(sessions[:2],
		jiraCenterEvent("filters", "filters", "filter.created", "Filter created", dcObjects{jcNamed("FILTER", "議事録 {serial}")}, nil),
		noted(dcEvent{Type: dcType{"jira.auditing.category.search", "search", "issuenav.jqlsearch.performed", "JQL search performed"}}, "issuenav.jqlsearch.query", "JQL query", "key = {serial}"),
		jiraCenterEvent("projects", "projects", "version.released", "Project version released", dcObjects{jcNamed("VERSION", "Release {serial}"), jcProject()}, nil),
		jiraCenterEvent("issues", "issues", "issue.deleted", "Issue deleted", dcObjects{jcNamed("ISSUE", "WEB-{serial}"), jcProject()}, nil),
		jiraCenterEvent("issues", "issues", "issues.exported", "Issues exported", dcObjects{jcNamed("FILTER", "Filter {serial}")}, nil),
		jcToken(who),
	)
}

// jiraCenterGrant returns the event of a permission that was added to a scheme.
func jiraCenterGrant(permission, kind, value string) dcEvent {
	return jiraCenterEvent("permissions", "permissions", "permission.scheme.updated", "Permission scheme updated", dcObjects{jcNamed("SCHEME", "Rights {serial}")}, dcChanges{
		jcChanged("admin.common.words.permission", "Permission", "", permission), jcChanged("admin.common.words.type", "Type", "", kind), jcChanged("admin.common.words.value", "Value", "", value),
	})
}

func jcToken(who dcObject) dcEvent {
	return dcEvent{Type: dcType{"personal.access.tokens.audit.log.category", "Security", "personal.access.tokens.audit.log.summary.token.created", "Personal access token created"},
		AffectedObjects: dcObjects{{Name: who.Name, Type: "User", ID: who.ID}}, ChangedValues: dcChanges{jcChanged("personal.access.tokens.audit.log.name", "Token name", "", "ci-{serial}")}}
}

// ordinaryJiraStrangers are those who mistype a password or a name.
func ordinaryJiraStrangers(somebody dcObject) []dcEvent {
	return []dcEvent{jcRefusedLogin(somebody), jcRefusedLogin(dcObject{Name: "person.{serial}", Type: "USER"})}
}

func jcRefusedLogin(who dcObject) dcEvent {
	return noted(jiraCenterEvent("usermanagement", "user management", "user.login.failed", "User login failed", dcObjects{who}, nil), "jira.auditing.request", "Request", "{serial}")
}
