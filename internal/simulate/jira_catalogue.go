package simulate

// Short names, to keep each event of the catalogue on a line.
type (
	jiraChanges = []jiraChange
	jiraItems   = []jiraItem
)

// The user directory of a site has two names.
const (
	idpDirectory   = "IDP Directory"
	crowdDirectory = "com.atlassian.crowd.directory.IdentityPlatformRemoteDirectory"
)

func jiraEventOf(category, summary string, item jiraItem, c jiraChanges, associated jiraItems) jiraEvent {
	return jiraEvent{Summary: summary, Category: category, ObjectItem: item, ChangedValues: c, AssociatedItems: associated}
}

func jiraProject() jiraItem {
	return jiraItem{ID: "10022", Name: "Project {serial}", TypeName: "PROJECT"}
}

func jiraScheme(name string) jiraItem { return jiraItem{ID: "10031", Name: name, TypeName: "SCHEME"} }

func jiraWorkflow() jiraItem {
	return jiraItem{ID: "Workflow {serial}", Name: "Workflow {serial}", TypeName: "WORKFLOW"}
}

func jiraField() jiraItem {
	return jiraItem{ID: "customfield_10047", Name: "Field {serial}", TypeName: "CUSTOM_FIELD"}
}

func jiraGroup(directory string) jiraItem {
	return jiraItem{Name: "team-{serial}", TypeName: "GROUP", ParentID: "10000", ParentName: directory}
}

func jiraMember(directory string) jiraItem {
	return jiraItem{ID: "ug:7c1d9a30-2f44-4c5b-8a5e-{serial}", Name: "ug:7c1d9a30-2f44-4c5b-8a5e-{serial}", TypeName: "USER", ParentID: "10000", ParentName: directory}
}

func jiraCustomer() jiraItem {
	key := "qm:4e0d6b3c-5a1f-4c2e-9d7b-8f6a5b4c3d2e:{serial}"
	return jiraItem{ID: key, Name: key, TypeName: "USER", ParentID: "10000", ParentName: idpDirectory}
}

// jiraSystemCatalogue holds what a site also records without an author, as an identity provider
// causes it.
var jiraSystemCatalogue = []jiraEvent{
	jiraEventOf("user management", "User created", jiraMember(crowdDirectory), jiraChanges{{"Username", nil, "ug:{serial}"}, {"Active / Inactive", nil, "Active"}}, jiraItems{jiraMember(crowdDirectory)}),
	jiraEventOf("user management", "User updated", jiraMember(crowdDirectory), jiraChanges{{"Active / Inactive", "Active", "Inactive"}}, nil),
	jiraEventOf("user management", "User updated", jiraMember(crowdDirectory), jiraChanges{{"Email", "person@example.com", ""}}, nil),
	jiraEventOf("user management", "User deleted", jiraMember(crowdDirectory), nil, nil),
	jiraEventOf("group management", "Group created", jiraGroup(crowdDirectory), nil, nil),
	jiraEventOf("group management", "Group deleted", jiraGroup(crowdDirectory), nil, nil),
	jiraEventOf("group management", "User added to group", jiraGroup(crowdDirectory), nil, jiraItems{jiraMember(crowdDirectory)}),
	jiraEventOf("group management", "User removed from group", jiraGroup(crowdDirectory), nil, jiraItems{jiraMember(crowdDirectory)}),
}

// jiraCustomerCatalogue holds what portal customers do to their own accounts.
var jiraCustomerCatalogue = []jiraEvent{
	jiraEventOf("user management", "User's password changed", jiraCustomer(), nil, nil),
}

// jiraCatalogue holds the kinds of events that a Jira site records. Each contains the serial.
var jiraCatalogue = []jiraEvent{
	jiraEventOf("projects", "Project created", jiraProject(), jiraChanges{
		{"Name", nil, "Project {serial}"}, {"Key", nil, "{serial}"}, {"Description", nil, ""}, {"URL", nil, "null"}, {"Project lead", nil, "ug:5f0c2b7e-91d4-4f38-8a6b-000000000001"}, {"Default Assignee", nil, "Unassigned"},
	}, nil),
	jiraEventOf("projects", "Project updated", jiraProject(), jiraChanges{{"Name", "Old {serial}", "Project {serial}"}, {"Description", "Plans & budgets <2026>", ""}}, nil),
	jiraEventOf("projects", "Project updated", jiraProject(), jiraChanges{{"Project lead", "ug:5f0c2b7e-91d4-4f38-8a6b-000000000001", "null"}}, nil),
	jiraEventOf("projects", "Project archived", jiraProject(), nil, nil),
	jiraEventOf("projects", "Project deleted", jiraProject(), nil, jiraItems{jiraScheme("Default Permission Scheme")}),
	jiraEventOf("projects", "Project roles changed", jiraProject(), jiraChanges{{"Users", "", "ug:7c1d9a30-2f44-4c5b-8a5e-{serial}"}}, jiraItems{{ID: "10002", Name: "Administrators", TypeName: "PROJECT_ROLE"}}),
	jiraEventOf("projects", "Project role deleted", jiraItem{ID: "10110", Name: "Role {serial}", TypeName: "PROJECT_ROLE"}, nil, nil),
	jiraEventOf("projects", "Project component created", jiraItem{ID: "10203", Name: "Component {serial}", TypeName: "PROJECT_COMPONENT", ParentID: "10022", ParentName: "Project"}, jiraChanges{{"Name", nil, "Component {serial}"}, {"Default Assignee", nil, "Project Default"}}, jiraItems{jiraProject()}),
	jiraEventOf("projects", "Request type deleted", jiraItem{ID: "42", Name: "Request {serial}", TypeName: "PROJECT"}, nil, nil),
	{Summary: "Customer permissions changed", Category: "projects", Description: "Update who can access the portal and send requests", ObjectItem: jiraProject(),
		ChangedValues: jiraChanges{{"Customer access", "Anyone with an account", "Customers my team adds to the project"}}},
	jiraEventOf("projects", "Customer invited notification changed", jiraProject(), jiraChanges{{"Customer invited", "Enabled", "Disabled"}}, nil),
	jiraEventOf("projects", "Custom email channel turned on", jiraProject(), nil, nil),
	jiraEventOf("projects", "Cloud email channel turned on", jiraProject(), nil, nil),
	jiraEventOf("projects", "Cloud Email settings created", jiraProject(), jiraChanges{{"Email address", nil, "support-{serial}@example.com"}}, nil),
	jiraEventOf("projects", "プロジェクトを作成しました", jiraItem{ID: "10022", Name: "営業 {serial}", TypeName: "PROJECT"}, jiraChanges{{"名前", nil, "営業 {serial}"}}, nil),
	jiraEventOf("fields", "Custom field created", jiraField(), jiraChanges{{"Name", nil, "Field {serial}"}, {"Description", nil, ""}, {"Type", nil, "Text Field (single line)"}}, nil),
	jiraEventOf("fields", "Custom field updated", jiraField(), jiraChanges{{"Name", "Field", "Field {serial}"}}, nil),
	jiraEventOf("fields", "Custom field trashed", jiraField(), nil, nil),
	jiraEventOf("fields", "Custom field restored", jiraField(), nil, nil),
	jiraEventOf("fields", "Custom field deleted", jiraField(), nil, nil),
	jiraEventOf("fields", "Field Configuration scheme created", jiraScheme("Fields {serial}"), jiraChanges{{"Name", nil, "Fields {serial}"}}, nil),
	jiraEventOf("fields", "Field Configuration scheme updated", jiraScheme("Fields {serial}"), jiraChanges{{"Issue Type", nil, "null"}, {"Field Configuration", nil, "Default"}}, nil),
	jiraEventOf("fields", "Field Configuration scheme added to project", jiraScheme("Fields {serial}"), nil, jiraItems{jiraProject()}),
	jiraEventOf("fields", "Field Configuration scheme deleted", jiraScheme("Fields {serial}"), nil, nil),
	jiraEventOf("workflows", "Workflow created", jiraWorkflow(), jiraChanges{{"Name", nil, "Workflow {serial}"}, {"Status", nil, "To Do"}}, nil),
	jiraEventOf("workflows", "Workflow updated", jiraWorkflow(), jiraChanges{{"Transition", nil, "Done (To Do -> Done)"}}, nil),
	jiraEventOf("workflows", "Workflow renamed", jiraWorkflow(), jiraChanges{{"Name", "Workflow", "Workflow {serial}"}}, nil),
	jiraEventOf("workflows", "Draft workflow published", jiraWorkflow(), nil, nil),
	jiraEventOf("workflows", "Workflow deleted", jiraWorkflow(), nil, nil),
	jiraEventOf("workflows", "Workflow scheme created", jiraScheme("Workflows {serial}"), jiraChanges{{"Name", nil, "Workflows {serial}"}}, nil),
	jiraEventOf("workflows", "Workflow scheme copied", jiraScheme("Copy of Workflows {serial}"), nil, nil),
	jiraEventOf("workflows", "Workflow scheme added to project", jiraScheme("Workflows {serial}"), nil, jiraItems{jiraProject()}),
	jiraEventOf("workflows", "Workflow scheme deleted", jiraScheme("Workflows {serial}"), nil, nil),
	jiraEventOf("notifications", "Notification scheme created", jiraScheme("Notices {serial}"), nil, nil),
	jiraEventOf("notifications", "Notification scheme deleted", jiraScheme("Notices {serial}"), nil, nil),
	jiraEventOf("permissions", "Issue Security scheme added to project", jiraScheme("Secrets {serial}"), nil, jiraItems{jiraProject()}),
	jiraEventOf("permissions", "Issue Security scheme deleted", jiraScheme("Secrets {serial}"), nil, nil),
	jiraEventOf("permissions", "Permission scheme created", jiraScheme("Rights {serial}"), jiraChanges{{"Name", nil, "Rights {serial}"}}, nil),
	jiraEventOf("permissions", "Permission scheme updated", jiraScheme("Rights {serial}"), jiraChanges{{"Permission", nil, "Browse Projects"}, {"Type", nil, "Group"}, {"Value", nil, "null"}}, nil),
	jiraEventOf("permissions", "Permission scheme updated", jiraScheme("Rights {serial}"), jiraChanges{{"Permission", "Administer Projects", ""}, {"Type", "Project Role", ""}, {"Value", "Administrators", ""}}, nil),
	jiraEventOf("permissions", "Permission scheme added to project", jiraScheme("Rights {serial}"), nil, jiraItems{jiraProject()}),
	jiraEventOf("permissions", "Permission scheme deleted", jiraScheme("Rights {serial}"), nil, nil),
	jiraEventOf("permissions", "Global permission added", jiraItem{Name: "Global Permissions", TypeName: "PERMISSIONS"}, jiraChanges{{"Permission", nil, "Administer Jira"}, {"Group", nil, "team-{serial}"}}, jiraItems{jiraGroup(idpDirectory)}),
	jiraEventOf("permissions", "Global permission removed", jiraItem{Name: "Global Permissions", TypeName: "PERMISSIONS"}, jiraChanges{{"Permission", "Share dashboards and filters", ""}, {"Group", "team-{serial}", ""}}, jiraItems{jiraGroup(idpDirectory)}),
	jiraEventOf("user management", "User created", jiraCustomer(), jiraChanges{{"Active / Inactive", nil, "Active"}}, jiraItems{jiraCustomer()}),
	jiraEventOf("group management", "User added to group", jiraGroup(idpDirectory), nil, jiraItems{jiraMember(idpDirectory)}),
	jiraEventOf("group management", "User removed from group", jiraGroup(idpDirectory), nil, jiraItems{jiraMember(idpDirectory)}),
	jiraEventOf("auditing", "Plan created", jiraItem{ID: "3", Name: "Plan {serial}", TypeName: "PLAN"}, nil, nil),
}
