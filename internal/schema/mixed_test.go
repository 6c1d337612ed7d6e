package schema

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/meaning/action"
)

// TestMixedRecords: whatever happened, whoever did it to whatever, the event is valid in every
// schema and has all of the record. Each record takes its parts from the lists below.
func TestMixedRecords(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	some := func(from []string) string {
		var parts []string
		for range rng.IntN(4) {
			parts = append(parts, pick(from))
		}
		return strings.Join(parts, ",")
	}
	var happened []string
	for _, table := range []*action.Table{action.Confluence, action.Jira} {
		for a := range table.All() {
			for _, key := range table.KeysOf(a) {
				happened = append(happened, fmt.Sprintf(`"type":{"actionI18nKey":%q,"action":"Etwas"}`, key))
			}
			for _, text := range a.Texts() {
				happened = append(happened, fmt.Sprintf(`"summary":%q`, text))
			}
		}
	}
	happened = append(happened, `"summary":"Sunny spells"`, `"summary":"Rule deleted"`, `"type":{"actionI18nKey":"x.shared"}`, `"category":"x"`)
	names := []string{``, `Ada`, `ada@example.com`, `\"Shiv\" O'Brien`, `Anonymous`, `System`, `-1`, `-2`, `:`, `staff:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99`,
		`5b10a2844c20165700ede21d`, `712020:3d1c7a52-8f0b-4c7e-a3c5-0be0f2a9d402`, `ü\u0000`, `a@b`, `confluence-users`, `a@-.-`, `ug:00000000-0000-4000-8000-000000000001`, `JIRAUSER10000`, `Anyone`, `jira-administrators`, `null`}
	author := func() string {
		return fmt.Sprintf(`{%q:%q,%q:"%s",%q:"%s","accountType":%q,"isGuest":%t,"uri":"?username=%s"}`, pick([]string{"accountId", "id", "x"}), pick([]string{"", "a", "-1", "-2"}),
			pick([]string{"displayName", "name", "username"}), pick(names), pick([]string{"email", "userKey", "publicName"}), pick(names),
			pick([]string{"", "app", "service", "atlassian"}), rng.IntN(4) == 0, pick([]string{"", "ada", "%22", "%ff"}))
	}
	turns := 1000
	if testing.Short() {
		turns = 200
	}
	for turn := range turns {
		var objects, changes, items, values []string
		for range 8 {
			objects = append(objects, fmt.Sprintf(`{"name":"%s",%q:%q,"id":"%s","uri":%q}`, pick(names), pick([]string{"objectType", "type"}),
				pick([]string{"User", "Group", "Space", "Page", "Benutzer", ""}), pick(names), pick([]string{"", "?username=bob", "https://wiki.example.com/x"})))
			changes = append(changes, fmt.Sprintf(`{"name":%q,"oldValue":"%s","to":"%s"}`, pick([]string{"Type", "User", "Group", "Email", "Active", "Space", `"`, ""}),
				pick(append(names, "VIEWSPACE", "Yes")), pick(append(names, "SYSTEMADMINISTRATOR", "No"))))
		}
		for range 8 {
			items = append(items, fmt.Sprintf(`{"name":"%s","typeName":%q,%q:"%s","parentId":"10000","parentName":"IDP Directory"}`, pick(names),
				pick([]string{"USER", "GROUP", "PROJECT", "SCHEME", "PROJECT_ROLE", ""}), pick([]string{"id", "x"}), pick(names)))
			values = append(values, fmt.Sprintf(`{"fieldName":%q,"changedFrom":"%s","changedTo":"%s"}`, pick([]string{"Permission", "Type", "Value", "Group", "Active / Inactive", ""}),
				pick(append(names, "Administer Jira", "Group", "Active")), pick(append(names, "Browse Projects", "Single User", "Inactive"))))
		}
		raw := fmt.Sprintf(`{"author":%s,%s,"affectedObjects":[%s],"associatedObjects":[%s],"changedValues":[%s],"source":%q,"sysAdmin":%t,"description":"%s"}`,
			author(), pick(happened), some(objects), some(objects), some(changes), pick([]string{"", "192.0.2.1", "::1, 10.0.0.1", "here"}), rng.IntN(3) == 0, pick(names))
		at := pick([]string{"cloud", "datacenter"})
		if at == "datacenter" {
			raw = `{"timestamp":"2025-11-26T09:40:00.000Z",` + raw[1:]
		}
		site := siteOf([]byte(raw))
		if turn%2 == 1 {
			site = jiraSite
			if rng.IntN(2) == 0 {
				raw = fmt.Sprintf(`{"id":%d,"created":"2025-11-26T09:40:00.000+0000",%s,%q:"%s",%q:"%s","objectItem":%s,"associatedItems":[%s],"changedValues":[%s],"remoteAddress":%q,"description":"%s"}`,
					rng.IntN(9), pick(happened), pick([]string{"authorKey", "x"}), pick(names), pick([]string{"authorAccountId", "y"}), pick(names), pick(items), some(items), some(values),
					pick([]string{"", "192.0.2.1", "here"}), pick(names))
			}
		}
		if !json.Valid([]byte(raw)) {
			t.Fatalf("not JSON: %s", raw)
		}
		for _, schema := range formats() {
			if lost := lost(lineOf(t, site, schema, rng.IntN(2) == 0, own, []byte(raw)), []byte(raw)); lost != "" {
				t.Fatalf("%s of %q lost %q of %s", schema, site.Product, lost, raw)
			}
		}
	}
}
