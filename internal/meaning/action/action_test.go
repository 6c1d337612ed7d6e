package action

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTable: every row is found by each of its texts and keys, and by no other.
func TestTable(t *testing.T) {
	t.Parallel()
	names, words := map[string]bool{}, map[string]string{}
	reached := map[*Action]bool{} // from a text or a key and who was given what
	for _, rows := range grants {
		for _, row := range rows {
			for _, a := range row {
				reached[a] = true
			}
		}
	}
	for a := range All() {
		if names[a.Name] || a.Name == NotInTable.Name {
			t.Errorf("%s stands there twice", a.Name)
		}
		names[a.Name] = true
		if a.Severity < Informational || a.Severity > High || a.Why == "" {
			t.Errorf("%s has no severity or no reason for it", a.Name)
		}
		if len(a.Texts()) == 0 && !reached[a] {
			t.Errorf("%s has no text, and no record becomes it", a.Name)
		}
		for _, text := range a.Texts() {
			if got := Lookup(nil, []byte(strings.ToUpper(text))); got != a {
				t.Errorf("text %q finds %s, want %s", text, got.Name, a.Name)
			}
			if len(text) != len(strings.ToLower(text)) || len(text) > 128 {
				t.Errorf("text %q is not ASCII or too long", text)
			}
		}
		for _, key := range a.Keys() {
			if other := words[key]; other != "" {
				t.Errorf("key %s means %s and %s", key, other, a.Name)
			}
			words[key] = a.Name
			if got := Lookup([]byte(key), []byte("ein anderer Text")); got != a {
				t.Errorf("key %s finds %s, want %s", key, got.Name, a.Name)
			}
		}
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
		got := Lookup([]byte(c.key), []byte(c.text))
		if got.Name != c.want || got.Known() == (c.want == "other") {
			t.Errorf("%.60q %.60q: got %s, want %s", c.key, c.text, got.Name, c.want)
		}
	}
	key := []byte("audit.logging.summary.space.created")
	if n := testing.AllocsPerRun(100, func() { Lookup(key, nil) }); n > 0 {
		t.Errorf("a look-up allocates %v times", n)
	}
}

// TestKeys: the known keys of Data Center are in the table, so records are recognised in every
// language.
func TestKeys(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for key := range strings.FieldsSeq(line) {
			if a := Lookup([]byte(fullKey(key)), []byte("etwas ist geschehen")); !a.Known() {
				t.Errorf("%s is not in the table", key)
			}
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
		a := Lookup([]byte(c.key), []byte(c.text))
		if a.Verb != c.want || a.Known() || a.Name != "other" || a.Object != Unknown {
			t.Errorf("%.40s %s: got %s %s, want an unknown one with %s", c.key, c.text, a.Name, a.Verb, c.want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { Lookup([]byte("com.example.a.b"), []byte("nothing to read here")) }); n > 0 {
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
		a := Lookup(nil, []byte(c.text)).For(c.who, PowerOf([]byte(c.permission)))
		if got := fmt.Sprint(a.Name, " ", a.Severity); got != c.want {
			t.Errorf("%s %d %s: got %s, want %s", c.text, c.who, c.permission, got, c.want)
		}
	}
	for group, want := range map[string]bool{"confluence-users": true, "authenticated-users": true, "confluence-users-acme": true, "confluence-administrators": false, "": false} {
		if IsAuthenticated([]byte(group)) != want {
			t.Errorf("%q holds all who have logged in: want %v", group, want)
		}
	}
}
