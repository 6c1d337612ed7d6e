package schema

import (
	"encoding/json"
	"fmt"
	"strings"
)

const (
	leaKey     = "ug:00000000-0000-4000-8000-000000000001"
	benKey     = "ug:00000000-0000-4000-8000-000000000002"
	customer   = "qm:00000000-0000-4000-8000-0000000000a1:00000000-0000-4000-8000-0000000000a2"
	lea        = "id=5e0000000000000000000001"
	byLea      = `"remoteAddress":"192.0.2.10","authorKey":"` + leaKey + `","authorAccountId":"5e0000000000000000000001"`
	projectJC  = `{"id":"10022","name":"Example","typeName":"PROJECT"}`
	globalJC   = `{"name":"Global Permissions","typeName":"PERMISSIONS"}`
	schemeJC   = `{"id":"0","name":"Default Permission Scheme","typeName":"SCHEME"}`
	benJC      = `{"id":"` + benKey + `","name":"` + benKey + `","typeName":"USER","parentId":"10000","parentName":"IDP Directory"}`
	customerJC = `{"id":"` + customer + `","name":"` + customer + `","typeName":"USER","parentId":"10000","parentName":"IDP Directory"}`

	jiraProfile = "https://jira.example.com/jira/secure/ViewProfile.jspa?name="
	adaJD       = `{"name":"ada","type":"ApplicationUser","id":"10001","uri":"` + jiraProfile + `ada","avatarUri":""}`
	nobodyJD    = `{"id":"-2","name":"Anonymous","type":"user"}`
	adaObjectJD = `{"name":"ada","type":"USER","uri":"` + jiraProfile + `ada","id":"JIRAUSER10001"}`
	bobJD       = `{"name":"bob","type":"USER","uri":"` + jiraProfile + `bob","id":"JIRAUSER10002"}`
	globalJD    = `{"name":"Globale Berechtigungen","type":"PERMISSIONS"}`
	schemeJD    = `{"id":"0","name":"Default Permission Scheme","type":"SCHEME"}`
	projectJD   = `{"id":"10000","name":"Example","type":"PROJECT"}`
	ada         = "id=10001 user=ada"
	bob         = "id=JIRAUSER10002 user=bob"
)

// ofJiraCloud is a record of Jira Cloud with these changes (name, before, after). A part that is
// empty is absent.
func ofJiraCloud(summary, category, by, object, associated string, changes ...[3]string) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf(`{"fieldName":%q,"changedFrom":%q,"changedTo":%q}`, c[0], c[1], c[2]))
	}
	record := `{"id":11896,"summary":` + quoted(summary) + `,"created":"2025-11-26T09:40:01.982+0000","category":"` + category + `","eventSource":""`
	if by != "" {
		record += "," + by
	}
	if object != "" {
		record += `,"objectItem":` + object
	}
	if len(list) > 0 {
		record += `,"changedValues":[` + strings.Join(list, ",") + `]`
	}
	if associated != "" {
		record += `,"associatedItems":[` + associated + `]`
	}
	return record + `}`
}

// ofJiraDataCenter is a record of Jira Data Center with these changes (i18n key, before, after), in
// a system that is not English.
func ofJiraDataCenter(author, key, category, objects string, changes ...[3]string) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf(`{"key":"Etwas","i18nKey":%q,"from":%q,"to":%q}`, c[0], c[1], c[2]))
	}
	if !strings.Contains(key, ".audit.") && !strings.Contains(key, " ") && !strings.HasPrefix(key, "issuenav.") {
		key = "jira.auditing." + key
	}
	return `{"system":"https://jira.example.com/jira","timestamp":"2025-11-26T09:40:00.000Z","author":` + author + `,"type":{"categoryI18nKey":"jira.auditing.category.` + category +
		`","category":"Kategorie","actionI18nKey":"` + key + `","action":"etwas ist geschehen"},"affectedObjects":[` + objects + `],"changedValues":[` + strings.Join(list, ",") +
		`],"source":"192.0.2.17,10.0.0.4","node":"node-1","method":"Browser","extraAttributes":[{"name":"Proxy","nameI18nKey":"atlassian.audit.event.attribute.forwarder","value":"192.0.2.20"}]}`
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// grantTo and grantFrom are the changes of a permission scheme, on Cloud and on Data Center.
func grantTo(prefix, permission, kind, value string) [][3]string {
	return [][3]string{{prefix + "permission", "", permission}, {prefix + "type", "", kind}, {prefix + "value", "", value}}
}

func grantFrom(prefix, permission, kind, value string) [][3]string {
	return [][3]string{{prefix + "permission", permission, ""}, {prefix + "type", kind, ""}, {prefix + "value", value, ""}}
}

const words = "admin.common.words."

// jiraShapes are the forms that records of Jira have.
var jiraShapes = []shape{
	// Cloud: who did it is an account id and a key; users are keys, which are no names.
	{"jira-cloud-a-created-customer-is-associated-again", ofJiraCloud("User created", "user management", byLea, customerJC, customerJC, [3]string{"Active / Inactive", "", "Active"}),
		"user.created", "Low", lea, "id=" + customer, "", customer},
	{"jira-cloud-the-system-has-no-author-and-a-group-no-id", ofJiraCloud("User added to group", "group management", "", `{"name":"example-users","typeName":"GROUP","parentId":"10000","parentName":"IDP Directory"}`, benJC),
		"group.member.added", "Low", "", "id=" + benKey, "name=example-users", "example-users"},
	{"jira-cloud-a-customer-changed-a-password-and-is-no-author", ofJiraCloud("User's password changed", "user management", `"remoteAddress":"198.51.100.23"`, customerJC, ""),
		"user.password.changed", "Low", "", "id=" + customer, "", customer},
	{"jira-cloud-a-key-alone-is-the-author", ofJiraCloud("Custom field created", "fields", `"authorKey":"`+leaKey+`"`, `{"id":"customfield_10100","name":"Team","typeName":"CUSTOM_FIELD"}`, ""),
		"field.created", "Low", "id=" + leaKey, "", "", "Team"},
	{"jira-cloud-a-key-that-looks-like-an-address-is-neither-name-nor-address", ofJiraCloud("User updated", "user management", byLea, `{"id":"ben@example.com","name":"ben@example.com","typeName":"USER"}`, ""),
		"user.updated", "Informational", lea, "id=ben@example.com", "", "ben@example.com"},
	{"jira-cloud-a-lead-is-a-key-and-null-a-text", ofJiraCloud("Project created", "projects", byLea, projectJC, benJC, [3]string{"Project Lead", "", benKey}, [3]string{"URL", "", "null"}),
		"project.created", "Informational", lea, "", "", "Example"},
	{"jira-cloud-with-a-description", ofJiraCloud("Customer permissions changed", "projects", byLea+`,"description":"Update who can access the portal"`, projectJC, "", [3]string{"Customer access", "Customers my team adds", "Anyone with an account"}),
		"customer.permission.updated", "Medium", lea, "", "", "Example"},
	{"jira-cloud-administrators-by-the-name-of-the-group", ofJiraCloud("User added to group", "group management", byLea, `{"name":"jira-administrators","typeName":"GROUP"}`, benJC),
		"group.member.administer.added", "Medium", lea, "id=" + benKey, "name=jira-administrators", "jira-administrators"},
	{"jira-cloud-an-update-that-is-a-deactivation", ofJiraCloud("User updated", "user management", byLea, benJC, "", [3]string{"Active / Inactive", "Active", "Inactive"}),
		"user.deactivated", "Low", lea, "id=" + benKey, "", benKey},
	{"jira-cloud-a-group-may-administer-jira", ofJiraCloud("Global permission added", "permissions", byLea, globalJC, "", [3]string{"Permission", "", "Administer Jira"}, [3]string{"Group", "", "ops"}),
		"permission.global.administer.added", "High", lea, "", "name=ops", "Global Permissions"},
	{"jira-cloud-everybody-on-the-whole-site", ofJiraCloud("Global permission added", "permissions", byLea, globalJC, "", [3]string{"Permission", "", "Browse users and groups"}, [3]string{"Group", "", "Anyone"}),
		"permission.global.anonymous.added", "High", lea, "name=Anonymous", "", "Global Permissions"},
	{"jira-cloud-a-scheme-opened-to-everybody", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", grantTo("", "Browse Projects", "Group", "Anyone on the web")...),
		"permission.scheme.anonymous.added", "High", lea, "name=Anonymous", "", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-opened-to-the-public", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", grantTo("", "Browse Projects", "Public", "")...),
		"permission.scheme.anonymous.added", "High", lea, "name=Anonymous", "", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-for-all-who-log-in", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", grantTo("", "Administer Projects", "Group", "jira-software-users-acme")...),
		"permission.scheme.authenticated.administer.added", "High", lea, "", "name=jira-software-users-acme", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-for-one-user", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", grantTo("", "Edit Issues", "Single User", benKey)...),
		"permission.scheme.added", "Low", lea, "id=" + benKey, "", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-closed-again", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", grantFrom("", "Browse Projects", "Group", "Anyone on the web")...),
		"permission.scheme.anonymous.removed", "Low", lea, "name=Anonymous", "", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-renamed", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", [3]string{"Name", "Old", "Default Permission Scheme"}),
		"permission.scheme.updated", "Medium", lea, "", "", "Default Permission Scheme"},
	{"jira-cloud-a-scheme-in-which-one-permission-takes-the-place-of-another", ofJiraCloud("Permission scheme updated", "permissions", byLea, schemeJC, "", [3]string{"Permission", "Edit Issues", "Administer Projects"}, [3]string{"Group", "", "ops"}),
		"permission.scheme.updated", "Medium", lea, "", "name=ops", "Default Permission Scheme"},
	{"jira-cloud-an-unknown-act-on-a-user", ofJiraCloud("Avatar rotated", "user management", byLea, benJC, ""),
		"other", "Informational", lea, "id=" + benKey, "", benKey},
	{"jira-cloud-an-unknown-act-on-what-is-no-user", ofJiraCloud("Avatar rotated", "projects", byLea, benJC, ""),
		"other", "Informational", lea, "", "", benKey},
	{"jira-cloud-a-scheme-for-a-project", ofJiraCloud("Permission scheme added to project", "permissions", byLea, projectJC, schemeJC),
		"permission.scheme.project.added", "Low", lea, "", "", "Example"},
	{"jira-cloud-a-role-for-administrators", ofJiraCloud("Project roles changed", "projects", byLea, `{"id":"10002","name":"Administrators","typeName":"PROJECT_ROLE"}`, projectJC, [3]string{"Users", "", benKey}),
		"project.role.administer.updated", "Medium", lea, "", "", "Administrators"},
	{"jira-cloud-auditing-turned-off", ofJiraCloud("Auditing turned off", "auditing", byLea, "", ""),
		"audit.disabled", "High", lea, "", "", ""},
	{"jira-cloud-an-app-with-an-action-of-its-own", ofJiraCloud("Approval deleted", "approvals", byLea, `{"name":"Release","typeName":"APPROVAL"}`, ""),
		"other", "Informational", lea, "", "", "Release"},

	// Data Center: names are user names, and a person has two ids.
	{"jira-datacenter-a-search-has-the-query", ofJiraDataCenter(adaJD, "issuenav.jqlsearch.performed", "search", ""),
		"issue.searched", "Informational", ada, "", "", ""},
	{"jira-datacenter-a-login-names-one-person-by-two-ids", ofJiraDataCenter(adaJD, "user.logged.in", "usermanagement", adaObjectJD),
		"session.started", "Informational", ada, "id=JIRAUSER10001 user=ada", "", "ada"},
	{"jira-datacenter-a-failed-login-is-not-of-anonymous", ofJiraDataCenter(nobodyJD, "user.login.failed", "usermanagement", bobJD),
		"session.refused", "Low", bob, bob, "", "bob"},
	{"jira-datacenter-a-failed-login-of-nobody", ofJiraDataCenter(nobodyJD, "user.login.failed", "usermanagement", `{"name":"root","type":"USER"}`),
		"session.refused", "Low", "user=root", "user=root", "", "root"},
	{"jira-datacenter-websudo-names-the-author-only", ofJiraDataCenter(adaJD, "websudo.session.started", "system", ""),
		"session.elevated", "Low", ada, "", "", ""},
	{"jira-datacenter-a-token-of-somebody", ofJiraDataCenter(adaJD, "personal.access.tokens.audit.log.summary.token.created", "security", `{"name":"bob","type":"User","uri":"`+jiraProfile+`bob","id":"JIRAUSER10002"}`),
		"token.created", "Low", ada, bob, "", "bob"},
	{"jira-datacenter-anonymous-sets-jira-up", ofJiraDataCenter(nobodyJD, "user.added.to.group", "groupmanagement", `{"name":"jira-administrators","type":"GROUP"},`+bobJD),
		"group.member.administer.added", "Medium", "id=-2 user=Anonymous", bob, "name=jira-administrators", "jira-administrators"},
	{"jira-datacenter-a-group-in-the-group-of-administrators", ofJiraDataCenter(adaJD, "group.added.to.group", "groupmanagement", `{"name":"jira-administrators","type":"GROUP"},{"name":"ops","type":"GROUP"}`),
		"group.subgroup.administer.added", "Medium", ada, "", "name=jira-administrators", "jira-administrators"},
	{"jira-datacenter-an-unknown-act-on-a-group", ofJiraDataCenter(adaJD, "group.married", "groupmanagement", `{"name":"ops","type":"GROUP"}`),
		"other", "Informational", ada, "", "name=ops", "ops"},
	{"jira-datacenter-the-key-of-a-board-is-english-text", ofJiraDataCenter(adaJD, "Board created", "boards", `{"name":"EX board","type":"BOARD","id":"1"}`),
		"board.created", "Informational", ada, "", "", "EX board"},
	{"jira-datacenter-a-deactivation-in-another-language", ofJiraDataCenter(adaJD, "user.updated", "usermanagement", bobJD, [3]string{"admin.common.phrases.active.inactive", "Aktiv", "Inaktiv"}),
		"user.deactivated", "Low", ada, bob, "", "bob"},
	{"jira-datacenter-a-rename-from-what-it-was", ofJiraDataCenter(adaJD, "user.renamed", "usermanagement", `{"name":"bob2","type":"USER","id":"JIRAUSER10002"}`, [3]string{"common.words.username", "bob", "bob2"}),
		"user.renamed", "Informational", ada, "id=JIRAUSER10002 user=bob2", "", "bob2"},
	{"jira-datacenter-an-old-user-has-a-name-for-a-key", ofJiraDataCenter(adaJD, "user.password.changed", "usermanagement", `{"name":"carol","type":"USER","id":"carol"}`),
		"user.password.changed", "Low", ada, "id=carol user=carol", "", "carol"},
	{"jira-datacenter-a-user-with-nothing-but-a-key", ofJiraDataCenter(adaJD, "user.deleted", "usermanagement", `{"name":"JIRAUSER10009","type":"USER","id":"JIRAUSER10009"}`),
		"user.deleted", "Medium", ada, "id=JIRAUSER10009", "", "JIRAUSER10009"},
	{"jira-datacenter-everybody-on-the-whole-site", ofJiraDataCenter(adaJD, "global.permission.added", "permissions", globalJD, [3]string{words + "permission", "", "Browse Users"}, [3]string{words + "group", "", "Anyone on the web"}),
		"permission.global.anonymous.added", "High", ada, "name=Anonymous", "", "Globale Berechtigungen"},
	{"jira-datacenter-a-group-no-longer-administers", ofJiraDataCenter(adaJD, "global.permission.deleted", "permissions", globalJD, [3]string{words + "permission", "Jira System Administrators", ""}, [3]string{words + "group", "ops", ""}),
		"permission.global.administer.removed", "Medium", ada, "", "name=ops", "Globale Berechtigungen"},
	{"jira-datacenter-a-scheme-for-a-role", ofJiraDataCenter(adaJD, "permission.scheme.updated", "permissions", schemeJD, grantTo(words, "Manage Sprints", "Project Role", "Administrators")...),
		"permission.scheme.added", "Low", ada, "", "", "Default Permission Scheme"},
	{"jira-datacenter-a-scheme-opened-to-everybody", ofJiraDataCenter(adaJD, "permission.scheme.updated", "permissions", schemeJD, grantTo(words, "Browse Projects", "Group", "Anyone")...),
		"permission.scheme.anonymous.added", "High", ada, "name=Anonymous", "", "Default Permission Scheme"},
	{"jira-datacenter-a-scheme-taken-from-a-project", ofJiraDataCenter(adaJD, "permission.scheme.removed.from.project", "permissions", projectJD+","+schemeJD),
		"permission.scheme.project.removed", "Low", ada, "", "", "Example"},
	{"jira-datacenter-the-log-is-kept-for-less-time", ofJiraDataCenter(adaJD, "atlassian.audit.event.action.audit.config.updated", "audit", "", [3]string{"retention", "3 years", "1 month"}),
		"audit.updated", "High", ada, "", "", ""},
	{"jira-datacenter-the-form-of-the-files", `{"system":"https://jira.example.com","affectedObjects":[{"name":"jira-administrators","type":"GROUP"},{"id":"JIRAUSER10002","name":"bob","type":"USER"}],` +
		`"auditType":{"action":"User added to group","actionI18nKey":"jira.auditing.user.added.to.group","area":"USER_MANAGEMENT","category":"group management",` +
		`"categoryI18nKey":"jira.auditing.category.groupmanagement","level":"BASE"},"author":` + nobodyJD + `,"changedValues":[],"extraAttributes":[],"method":"Browser","source":"192.0.2.10",` +
		`"timestamp":{"epochSecond":1637539609,"nano":34000000},"version":"1.0"}`,
		"group.member.administer.added", "Medium", "id=-2 user=Anonymous", bob, "name=jira-administrators", "jira-administrators"},
}
