package schema

import (
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning/action"
)

// TestEveryAction: the event for every row of the tables is valid in every schema, with few and
// with many values.
func TestEveryAction(t *testing.T) {
	t.Parallel()
	for a := range action.Confluence.All() {
		if len(a.Texts()) == 0 {
			everyFormat(t, site, grantOf(a.Name), a.Name)
			continue
		}
		for _, rest := range []string{
			``,
			`,"author":{"accountId":"a","displayName":"A"},"remoteAddress":"192.0.2.1"`,
			`,"author":{"accountId":"a"},"affectedObject":{"name":"u","objectType":"User"}`,
			`,"author":{"displayName":"System"},"associatedObjects":[{"name":"g:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"}]`,
			`,"affectedObject":{"name":"x","objectType":"Page"},"changedValues":[{"name":"Type","newValue":"VIEW"}]`,
		} {
			everyFormat(t, site, []byte(`{"summary":"`+a.Texts()[0]+`"`+rest+`}`), "")
		}
	}
	for a := range action.Jira.All() {
		if len(a.Texts()) == 0 {
			everyFormat(t, jiraSite, jiraGrantOf(a.Name), a.Name)
			continue
		}
		for _, rest := range []string{
			``,
			`,"authorKey":"ug:a","authorAccountId":"a","remoteAddress":"192.0.2.1"`,
			`,"authorAccountId":"a","objectItem":{"id":"ug:u","name":"ug:u","typeName":"USER"}`,
			`,"objectItem":{"name":"g","typeName":"GROUP"},"associatedItems":[{"id":"ug:u","name":"ug:u","typeName":"USER"}]`,
			`,"authorKey":"ug:a","objectItem":{"id":"1","name":"x","typeName":"PROJECT"},"changedValues":[{"fieldName":"Permission","changedTo":"Browse Projects"}]`,
		} {
			everyFormat(t, jiraSite, []byte(`{"id":1,"summary":"`+a.Texts()[0]+`"`+rest+`}`), "")
		}
	}
}

// TestEveryActionOfAnOrganization is the same for its table, by ids of actions.
func TestEveryActionOfAnOrganization(t *testing.T) {
	t.Parallel()
	keys := []string{"data_security_policy_update", "marketplace_app_install_requested", "nobody_knows", "nobody_knows_deleted"}
	for a := range action.Organization.All() {
		keys = append(keys, action.Organization.KeysOf(a)...)
	}
	for _, key := range keys {
		for _, rest := range []string{
			``,
			`,"actor":{"id":"5e0000000000000000000001"},"location":{"ip":"192.0.2.1","city":"C"}`,
			`,"actor":{"id":"confluence","name":"Confluence","email":"Atlassian app"},"context":[{"id":"u","type":"users","attributes":{"name":"U"}}]`,
			`,"context":[{"type":"users","attributes":{"email":"u@example.com"}},{"id":"g","type":"groups","attributes":{"name":"admins"}}],"container":[{"id":"c","type":"sites"}]`,
			`,"actor":{"name":"N","app":{"id":"a"}},"context":[{"id":"1","type":"pages","attributes":{"title":"x"},"links":{"alt":"https://x"}}]`,
		} {
			everyFormat(t, organizationSite, []byte(`{"id":"a","attributes":{"action":"`+key+`"`+rest+`}}`), "")
		}
	}
}

// everyFormat renders a record in every format, and checks its action if it is to have one.
func everyFormat(t *testing.T, site event.Site, raw []byte, action string) {
	t.Helper()
	for _, schema := range formats() {
		event := lineOf(t, site, schema, false, own, raw)
		if got := lookup(event, "event", "code"); schema == "ecs" && action != "" && got != action {
			t.Errorf("%s is %v, want %s", raw, got, action)
		}
	}
}

// jiraGrantOf returns a record of Jira Cloud with the given action of a permission, a group or a
// role.
func jiraGrantOf(name string) []byte {
	verb := name[strings.LastIndexByte(name, '.')+1:]
	group, permission, direction := "staff", "Browse Projects", "changedTo"
	if strings.Contains(name, ".authenticated.") {
		group = "jira-software-users"
	}
	if strings.Contains(name, ".anonymous.") {
		group = "Anyone"
	}
	if strings.Contains(name, ".administer.") {
		permission = "Administer Projects"
	}
	if verb == "removed" {
		direction = "changedFrom"
	}
	summary := map[string]string{"permission.global": "Global permission " + verb, "permission.scheme": "Permission scheme updated", "project.role": "Project roles changed",
		"group.member": "User " + verb + " to group", "group.subgroup": "Group " + verb + " to group"}[strings.Join(strings.Split(name, ".")[:2], ".")]
	return fmt.Appendf(nil, `{"id":1,"summary":"%s","authorAccountId":"a","objectItem":{"name":"administrators","typeName":"%s"},"changedValues":[{"fieldName":"Permission","%[3]s":"%s"},{"fieldName":"Group","%[3]s":"%[5]s"}]}`,
		strings.ReplaceAll(summary, "removed to", "removed from"), map[bool]string{true: "GROUP", false: "X"}[strings.HasPrefix(name, "group.")], direction, permission, group)
}

// grantOf returns a Cloud record with the given action of a permission.
func grantOf(name string) []byte {
	summary, group, permission := "Space permission ", "staff", "VIEWSPACE"
	if strings.HasPrefix(name, "permission.global.") {
		summary = "Global permission "
	}
	if strings.HasPrefix(name, "group.member.") {
		summary, group = "Group membership ", "admins"
	}
	if strings.Contains(name, ".authenticated.") {
		group = "confluence-users"
	}
	if strings.Contains(name, ".export.") {
		permission = "EXPORTSPACE"
	}
	if strings.Contains(name, ".administer.") {
		permission = "SETSPACEPERMISSIONS"
	}
	verb := name[strings.LastIndexByte(name, '.')+1:]
	return fmt.Appendf(nil, `{"author":{"accountId":"a","displayName":"A"},"summary":"%s","affectedObject":{"name":"%s:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"},`+
		`"associatedObjects":[{"name":"ENG","objectType":"Space"}],"changedValues":[{"name":"Type","newValue":"%s"}]}`, summary+verb, group, permission)
}
