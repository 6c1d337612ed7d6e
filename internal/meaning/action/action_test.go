package action

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var tables = map[string]*Table{"Confluence": Confluence, "Jira": Jira, "an organization": Organization}

// TestTable: every row is found by each of its texts and keys, and by no other.
func TestTable(t *testing.T) {
	t.Parallel()
	for product, table := range tables {
		names, words := map[string]bool{}, map[string]string{}
		reached := map[*Action]bool{table.Granted: true, table.Revoked: true} // from a text or a key and who was given what
		for _, a := range table.ofFamilies {
			reached[a] = true
		}
		for _, rows := range grants {
			for _, row := range rows {
				for _, a := range row {
					reached[a] = true
				}
			}
		}
		for a := range table.All() {
			if names[a.Name] || a.Name == NotInTable.Name {
				t.Errorf("%s: %s stands there twice", product, a.Name)
			}
			names[a.Name] = true
			if a.Severity < Informational || a.Severity > High || a.Why == "" {
				t.Errorf("%s: %s has no severity or no reason for it", product, a.Name)
			}
			if len(a.Texts())+len(a.keys) == 0 && !reached[a] {
				t.Errorf("%s: %s has neither text nor key, and no record becomes it", product, a.Name)
			}
			for _, text := range a.Texts() {
				if got := table.Lookup(nil, []byte(strings.ToUpper(text))); got != a {
					t.Errorf("%s: text %q finds %s, want %s", product, text, got.Name, a.Name)
				}
				if len(text) != len(strings.ToLower(text)) || len(text) > 128 {
					t.Errorf("%s: text %q is not ASCII or too long", product, text)
				}
			}
			for _, key := range table.KeysOf(a) {
				if other := words[key]; other != "" {
					t.Errorf("%s: key %s means %s and %s", product, key, other, a.Name)
				}
				words[key] = a.Name
				if got := table.Lookup([]byte(key), []byte("ein anderer Text")); got != a {
					t.Errorf("%s: key %s finds %s, want %s", product, key, got.Name, a.Name)
				}
			}
		}
	}
}

// TestSameNames: a name means the same in all tables, so that one rule fits all.
func TestSameNames(t *testing.T) {
	t.Parallel()
	shared := map[string]int{}
	for product, table := range tables {
		for a := range table.All() {
			b := Confluence.named(a.Name)
			if b == nil {
				b = Jira.named(a.Name)
			}
			if b == nil || b == a {
				continue
			}
			shared[product]++
			if a.Verb != b.Verb || a.Object != b.Object || a.Reason != b.Reason {
				t.Errorf("%s is %s %s %v in the table of %s, elsewhere %s %s %v", a.Name, a.Verb, a.Object, a.Reason, product, b.Verb, b.Object, b.Reason)
			}
		}
	}
	if shared["Jira"] < 50 || shared["an organization"] < 25 {
		t.Errorf("shared names: %v", shared)
	}
}

// TestOrganization: ids of actions that were seen, and families of ids of which not all are known.
func TestOrganization(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"jira_issue_viewed": "issue.viewed", "user_login": "session.started", "user_logged_in_as_user": "user.impersonated", "twosv_disabled_for_user": "user.two_step.disabled",
		"added_org_admin": "permission.organization.administer.added", "confluence_audit_record_removed_content_restriction": "restriction.removed",
		"external_user_policy_update": "policy.updated", "marketplace_app_installation_requested": "app.installed", "api_token_revoked_in_bulk": "token.deleted",
		"bitbucket_repository_deleted": "other", "_policy_updates": "other", "": "other",
	} {
		if got := Organization.Lookup([]byte(id), nil); got.Name != want {
			t.Errorf("%q is %s, want %s", id, got.Name, want)
		}
	}
	if verb := Organization.Lookup([]byte("bitbucket_repository_deleted"), nil).Verb; verb != Delete {
		t.Errorf("the verb of an unknown action is %s", verb)
	}
}

func TestLookup(t *testing.T) {
	for _, c := range []struct{ key, text, want string }{
		{"", "User added to group", "group.member.added"},
		{"", "USER ADDED TO GROUP", "group.member.added"},
		{"audit.logging.summary.group.membership.added", "Benutzer zur Gruppe hinzugefügt", "group.member.added"},
		// the key is stable, the text is not
		{"audit.logging.summary.space.removed", "Space created", "space.deleted"},
		{"audit.logging.summary.of.a.later.version", "Space created", "space.created"},
		{"group.membership.added", "", "other"}, // only whole keys count
		{"", "", "other"},
		{"", "スペースを作成しました", "other"},
		// a part of a key does not count
		{"audit.logging.summary.space.created.by.magic", "", "other"},
		{strings.Repeat("x", 1000), strings.Repeat("y", 1000), "other"},
	} {
		got := Confluence.Lookup([]byte(c.key), []byte(c.text))
		if got.Name != c.want || got.Known() == (c.want == "other") {
			t.Errorf("%.60q %.60q: got %s, want %s", c.key, c.text, got.Name, c.want)
		}
	}
	key := []byte("audit.logging.summary.space.created")
	if n := testing.AllocsPerRun(100, func() { Confluence.Lookup(key, nil) }); n > 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

// TestKeys: the known keys of Data Center are in the table, so records are recognised in every
// language.
func TestKeys(t *testing.T) {
	t.Parallel()
	for name, table := range map[string]*Table{"keys.txt": Confluence, "jira_keys.txt": Jira} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(file)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			for key := range strings.FieldsSeq(line) {
				full := table.KeysOf(&Action{keys: []string{strings.ReplaceAll(key, "_", " ")}})[0]
				if a := table.Lookup([]byte(full), []byte("etwas ist geschehen")); !a.Known() {
					t.Errorf("%s: %s is not in the table", name, full)
				}
			}
		}
	}
}

// TestCloudTexts: the summaries that Jira Cloud is known to write are in the table.
func TestCloudTexts(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/jira_cloud.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(file)) {
		text := strings.TrimSpace(line)
		if !strings.HasPrefix(text, "#") && !Jira.Lookup(nil, []byte(text)).Known() {
			t.Errorf("%s is not in the table", text)
		}
	}
}

// TestVerbs: the verb of an action that is not in the table is inferred if possible.
func TestVerbs(t *testing.T) {
	for _, c := range []struct {
		key, text string
		want      Verb
	}{
		{"com.example.workflow.approval.created", "Freigabe angelegt", Create},
		{"com.example.workflow.approval.CREATED.again", "", Create},
		{"", "Scanning rule toggled", Update},
		{"", "Permission revoked", Revoke},
		{"", "User added to the blue team", Create},
		{"", "Rule added and then deleted", Delete}, // the last word that tells a verb
		{"com.example.x", "Rule deleted", Delete},
		{"", "Unaddedly", Other}, // words, not parts of them
		{"", "deleteté", Other},
		{"", "削除", Other},
		{"", "", Other},
		{strings.Repeat("x", 200) + ".created", "", Create},
	} {
		a := Confluence.Lookup([]byte(c.key), []byte(c.text))
		if a.Verb != c.want || a.Known() || a.Name != "other" || a.Object != Unknown {
			t.Errorf("%.40s %s: got %s %s, want an unknown one with %s", c.key, c.text, a.Name, a.Verb, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Confluence.Lookup([]byte("com.example.a.b"), []byte("nothing to read here")) }); n > 0 {
		t.Errorf("looking for a verb allocates %v times", n)
	}
}

// TestFor: the severity of a grant depends on who gets it and what it allows.
func TestFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text       string
		who        Grantee
		permission string
		want       string
	}{
		{"Space permission added", Somebody, "VIEWSPACE", "permission.space.added Low"},
		{"Space permission added", Somebody, "EXPORTSPACE", "permission.space.export.added Medium"},
		{"Space permission added", Somebody, "EXPORTPAGE", "permission.space.added Low"},
		{"Space permission added", Somebody, "SETSPACEPERMISSIONS", "permission.space.administer.added Medium"},
		{"Space permission added", Authenticated, "COMMENT", "permission.space.authenticated.added Medium"},
		{"Space permission added", Authenticated, "setspacepermissions", "permission.space.authenticated.administer.added High"},
		{"Space permission added", Anonymous, "VIEWSPACE", "permission.space.anonymous.added High"},
		{"Space permission added", Anonymous, "SETSPACEPERMISSIONS", "permission.space.anonymous.added High"},
		{"Space permission removed", Anonymous, "VIEWSPACE", "permission.space.anonymous.removed Low"},
		{"Space permission removed", Somebody, "SETSPACEPERMISSIONS", "permission.space.administer.removed Low"},
		{"Global permission added", Somebody, "USECONFLUENCE", "permission.global.added Medium"},
		{"Global permission added", Somebody, "SYSTEMADMINISTRATOR", "permission.global.administer.added High"},
		{"Global permission added", Somebody, "ADMINISTRATECONFLUENCE", "permission.global.administer.added High"},
		{"Global permission added", Authenticated, "USECONFLUENCE", "permission.global.authenticated.added Medium"},
		{"Global permission added", Anonymous, "USECONFLUENCE", "permission.global.anonymous.added High"},
		{"Global permission removed", Somebody, "SYSTEMADMINISTRATOR", "permission.global.administer.removed Medium"},
		{"Global permission removed", Anonymous, "USECONFLUENCE", "permission.global.anonymous.removed Low"},
		{"Anonymous access enabled", Somebody, "", "permission.global.anonymous.added High"},
		{"Space created", Anonymous, "ADMIN", "space.created Informational"},
	} {
		a := Confluence.Lookup(nil, []byte(c.text)).For(c.who, Confluence.PowerOf([]byte(c.permission)))
		if got := fmt.Sprint(a.Name, " ", a.Severity); got != c.want {
			t.Errorf("%s %d %s: got %s, want %s", c.text, c.who, c.permission, got, c.want)
		}
	}
	for group, want := range map[string]bool{"confluence-users": true, "authenticated-users": true, "confluence-users-acme": true, "confluence-administrators": false, "": false} {
		if (Confluence.GranteeOf([]byte(group)) == Authenticated) != want {
			t.Errorf("%q holds all who have logged in: want %v", group, want)
		}
	}
}

// TestForJira is the same for Jira.
func TestForJira(t *testing.T) {
	t.Parallel()
	updated := Jira.first("permission.scheme.updated")
	for _, c := range []struct {
		base       *Action
		who        string
		permission string
		want       string
	}{
		{Jira.Granted, "jira-developers", "Browse Projects", "permission.scheme.added Low"},
		{Jira.Granted, "jira-developers", "Administer Projects", "permission.scheme.administer.added Medium"},
		{Jira.Granted, "jira-software-users", "Browse Projects", "permission.scheme.authenticated.added Medium"},
		{Jira.Granted, "jira-software-users-acme", "BROWSE_PROJECTS", "permission.scheme.authenticated.added Medium"},
		{Jira.Granted, "jira-software-usersX", "Browse Projects", "permission.scheme.added Low"},
		{Jira.Granted, "Any logged in user", "ADMINISTER_PROJECTS", "permission.scheme.authenticated.administer.added High"},
		{Jira.Granted, "Anyone on the web", "Browse Projects", "permission.scheme.anonymous.added High"},
		{Jira.Granted, "ANYONE", "Administer Projects", "permission.scheme.anonymous.added High"},
		{Jira.Revoked, "Public", "Browse Projects", "permission.scheme.anonymous.removed Low"},
		{updated, "Anyone", "Browse Projects", "permission.scheme.updated Medium"},
		{Jira.first("permission.global.added"), "team", "Jira System Administrators", "permission.global.administer.added High"},
		{Jira.first("permission.global.added"), "Anyone", "Browse Users", "permission.global.anonymous.added High"},
		{Jira.first("permission.global.removed"), "team", "Administer Jira", "permission.global.administer.removed Medium"},
		{Jira.first("project.created"), "Anyone", "Administer Jira", "project.created Informational"},
	} {
		a := c.base.For(Jira.GranteeOf([]byte(c.who)), Jira.PowerOf([]byte(c.permission)))
		if got := fmt.Sprint(a.Name, " ", a.Severity); got != c.want {
			t.Errorf("%s %s %s: got %s, want %s", c.base.Name, c.who, c.permission, got, c.want)
		}
	}
	for text, want := range map[string]bool{"Administer Projects": true, "ADMINISTER_PROJECTS": true, "browse users": true, "Browse": false, "": false, strings.Repeat("x", 100): false} {
		if Jira.IsPermission([]byte(text)) != want {
			t.Errorf("%q is a permission: want %v", text, want)
		}
	}
}
