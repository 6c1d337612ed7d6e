package action

import (
	"strings"
	"testing"
)

// TestTable: every row can be found by each of its names, and by them alone.
func TestTable(t *testing.T) {
	t.Parallel()
	names, words := map[string]bool{}, map[string]string{}
	for a := range All() {
		if names[a.Name] || a.Name == NotInTable.Name {
			t.Errorf("%s stands there twice", a.Name)
		}
		names[a.Name] = true
		if len(a.Texts()) == 0 || a.Severity < Informational || a.Severity > High {
			t.Errorf("%s has no text or no severity", a.Name)
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
		{"audit.logging.summary.space.removed", "Space created", "space.deleted"}, // the key is stable, the text is not
		{"audit.logging.summary.of.a.later.version", "Space created", "space.created"},
		{"group.membership.added", "", "other"}, // only whole keys count
		{"", "", "other"},
		{"", "スペースを作成しました", "other"},
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
