package meaning

import (
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/document"

	"github.com/google/go-cmp/cmp"
)

// readingOf returns the reading of a record of Confluence.
func readingOf(t *testing.T, raw string) *Reading {
	t.Helper()
	return readingAs(t, Confluence, raw)
}

func readingAs(t *testing.T, product *Profile, raw string) *Reading {
	t.Helper()
	var doc document.Document
	doc.Parse([]byte(raw))
	if !doc.IsObject() {
		t.Fatal("not an object")
	}
	var r Reading
	r.Read(product, &doc)
	return &r
}

func TestActor(t *testing.T) {
	t.Parallel()
	const id = "557058:0f3a0c5e-8d6b-4c5d-9a57-6d1c1d1f0a11"
	for _, c := range []struct{ name, author, want string }{
		{"cloud", `{"type":"user","displayName":"Zoë","username":"` + id + `","accountId":"` + id + `"}`, "user id=" + id + " name=Zoë"},
		{"guest", `{"displayName":"G","accountId":"x","isGuest":true}`, "guest id=x name=G"},
		{"external", `{"displayName":"G","accountId":"x","isGuest":false,"externalCollaborator":true}`, "guest id=x name=G"},
		{"app", `{"displayName":"Robot","accountId":"x","accountType":"app"}`, "service id=x name=Robot"},
		{"e-mail for a name", `{"displayName":"jane@example.com","accountId":"x"}`, "user id=x name=jane@example.com mail=jane@example.com"},
		{"an e-mail of its own", `{"displayName":"Jane","email":"jane@example.com","accountId":"x"}`, "user id=x name=Jane mail=jane@example.com"},
		{"no e-mail", `{"displayName":"Jane","email":"jane@example","accountId":"x"}`, "user id=x name=Jane"},
		{"system", `{"displayName":"System","publicName":"Unknown user"}`, "system name=System"},
		{"somebody who calls himself System", `{"displayName":"System","accountId":"x"}`, "user id=x name=System"},
		{"data center", `{"name":"Zoë","id":"2c96","uri":"https://wiki/viewuser.action?x=1&username=zoe%2Bb%40example.com#top"}`, "user id=2c96 name=Zoë user=zoe+b@example.com mail=zoe+b@example.com"},
		{"data center, name like the user name", `{"name":"zoe","id":"2c96","uri":"?username=zoe"}`, "user id=2c96 user=zoe"},
		{"data center system", `{"name":"Système","id":"-1"}`, "system id=-1 name=Système"},
		{"data center anonymous", `{"name":"Anonymous","type":"user","uri":""}`, "anonymous name=Anonymous"},
		{"data center anonymous by id", `{"name":"Anonym","id":"-2"}`, "anonymous id=-2 name=Anonym"},
		{"old server", `{"displayName":"Jane","username":"jane","userKey":"ff80"}`, "user name=Jane user=jane"},
		{"broken link", `{"id":"2c96","uri":"?username=%zz"}`, "user id=2c96"},
		{"link to no UTF-8", `{"id":"2c96","uri":"?username=%ff"}`, "user id=2c96"},
		{"nobody", `{}`, "unknown "},
		{"not an object", `"Jane"`, "unknown "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := readingOf(t, `{"author":`+c.author+`}`)
			if got := r.Actor.Kind.String() + " " + r.Actor.String(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestTargets: the user and the group of a record are found.
func TestTargets(t *testing.T) {
	t.Parallel()
	const uuid = "7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99"
	for _, c := range []struct{ name, record, user, group, object, privilege string }{
		{"user to group", `"summary":"User added to group","affectedObject":{"name":"admins:` + uuid + `","objectType":"Group"},"associatedObjects":[{"name":"Jane","objectType":"User"}]`,
			"name=Jane", "id=" + uuid + " name=admins", "admins", ""},
		{"colons in the name of a group", `"summary":"Group created","affectedObject":{"name":"a:b:` + uuid + `","objectType":"Group"}`, "", "id=" + uuid + " name=a:b", "a:b", ""},
		{"a colon and no UUID", `"summary":"Group created","affectedObject":{"name":"team:blue","objectType":"Group"}`, "", "name=team:blue", "team:blue", ""},
		{"nothing but a UUID", `"summary":"Group created","affectedObject":{"name":":` + uuid + `","objectType":"Group"}`, "", "name=:" + uuid, ":" + uuid, ""},
		{"permission of a group, from the changes", `"summary":"Space permission added","affectedObject":{"name":"ENG","objectType":"Space"},"changedValues":[{"name":"Type","oldValue":"","newValue":"VIEWSPACE"},{"name":"Group","newValue":"staff"}]`,
			"", "name=staff", "ENG", "VIEWSPACE"},
		{"permission taken from a user", `"summary":"Space permission removed","affectedObject":{"name":"ENG","objectType":"Space"},"changedValues":[{"name":"Type","oldValue":"EDITSPACE","newValue":""},{"name":"User","oldValue":"712020:` + uuid + `"}]`,
			"id=712020:" + uuid, "", "ENG", "EDITSPACE"},
		{"permission for anybody", `"summary":"Anonymous space permission added"`, "name=Anonymous", "", "", ""},
		{"keys in a system that is not English", `"type":{"action":"Espaces","actionI18nKey":"audit.logging.summary.space.permission.added"},"affectedObjects":[{"name":"Moteur","type":"Space"}],"changedValues":[{"key":"Genre","i18nKey":"audit.logging.changed.value.type","to":"VIEWSPACE"},{"key":"Groupe","i18nKey":"Group","to":"tous"}]`,
			"", "name=tous", "Moteur", "VIEWSPACE"},
		{"data center user", `"type":{"actionI18nKey":"audit.logging.summary.user.updated"},"affectedObjects":[{"name":"Jane Doe","type":"User","id":"2c96","uri":"/viewuser.action?username=jane"}],"changedValues":[{"key":"Email","i18nKey":"Email","to":"jane@example.com"}]`,
			"id=2c96 name=Jane Doe user=jane mail=jane@example.com", "", "Jane Doe", ""},
		{"membership, user first", `"type":{"actionI18nKey":"audit.logging.summary.group.membership.removed"},"affectedObjects":[{"name":"jane","type":"User"},{"name":"staff","type":"Group"}]`, "name=jane", "name=staff", "staff", ""},
		{"the creator of a space is no target", `"summary":"Space created","affectedObject":{"name":"ENG","objectType":"Space"},"associatedObjects":[{"name":"Jane","objectType":"User"}]`, "", "", "ENG", ""},
		{"an unknown action of the category", `"summary":"Gruppe geheiratet","category":"Users and groups","affectedObject":{"name":"Jane","objectType":"User"}`, "name=Jane", "", "Jane", ""},
		{"an affected object before one that is mentioned", `"summary":"Group created","affectedObject":{"name":"staff","objectType":"Group"},"associatedObjects":[{"name":"other","objectType":"Group"}]`, "", "name=staff", "staff", ""},
		{"not who got a permission but what it is for", `"summary":"Space permission added","affectedObject":{"name":"staff","objectType":"Group"},"associatedObjects":[{"name":"ENG","objectType":"Space"}]`, "", "name=staff", "ENG", ""},
		{"an affected object without a name", `"summary":"User reactivated","affectedObject":{"name":"","objectType":""},"associatedObjects":[{"name":"Jane","objectType":"User"}]`, "name=Jane", "", "Jane", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := readingOf(t, `{"author":{"displayName":"Root","accountId":"1"},`+c.record+`}`)
			name := ""
			if o := r.Object(); o != nil {
				name = string(o.Label().Text)
			}
			privilege := ""
			if c := r.privilegeChange(); c != nil {
				privilege = string(c.Latest().Text)
			}
			got := []string{r.User.String(), r.Group.String(), name, privilege}
			if diff := cmp.Diff([]string{c.user, c.group, c.object, c.privilege}, got); diff != "" {
				t.Errorf("user, group, object, privilege (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"":                                 "[]",
		"192.0.2.17":                       "[192.0.2.17]",
		"192.0.2.17, 10.0.0.4,2001:DB8::1": "[192.0.2.17 10.0.0.4 2001:db8::1]",
		"2001:db8:85a3::8a2e:370:7334":     "[2001:db8:85a3::8a2e:370:7334]",
		"[2001:db8::1]:443; 192.0.2.1:80":  "[2001:db8::1 192.0.2.1]",
		"[2001:db8::1]":                    "[2001:db8::1]",
		"::ffff:192.0.2.1":                 "[192.0.2.1]",
		"fe80::1%eth0":                     "[]",
		"proxy.example.com, 192.0.2.1":     "[192.0.2.1]",
		"192.0.2.256":                      "[]",
		"unknown":                          "[]",
		", ,":                              "[]",
	} {
		if got := fmt.Sprint(readingOf(t, `{"remoteAddress":"`+source+`"}`).Addresses); got != want {
			t.Errorf("%q: got %s, want %s", source, got, want)
		}
	}
}

// TestRelease: the memory of an unusually large record is freed.
func TestRelease(t *testing.T) {
	t.Parallel()
	r := readingOf(t, `{"affectedObjects":[{"name":"x"}`+strings.Repeat(`,{"name":"x"}`, 2*keepObjects)+`]}`)
	if len(r.Objects) != 2*keepObjects+1 {
		t.Fatalf("%d objects", len(r.Objects))
	}
	r.Release()
	if n := cap(r.Objects); n > keepObjects {
		t.Errorf("memory for %d objects is kept", n)
	}
}

// TestUsernameOfJira: the link of Jira has the user name in another parameter, and a name is a user
// name there.
func TestUsernameOfJira(t *testing.T) {
	t.Parallel()
	const dc = `{"type":{"action":"x"},"author":`
	for _, c := range []struct{ record, want string }{
		{dc + `{"type":"ApplicationUser","id":"10001","name":"ada","uri":"https://jira/secure/ViewProfile.jspa?username=eve&name=ada%40b"}}`, "user id=10001 name=ada user=ada@b"},
		{dc + `{"type":"ApplicationUser","id":"10001","name":"ada"}}`, "user id=10001 user=ada"},
		{dc + `{"type":"user","id":"-2","name":"Anonymous"}}`, "anonymous id=-2 user=Anonymous"},
		{dc + `{"type":"system","id":"-1","name":"System"}}`, "system id=-1 user=System"},
		{`{"authorKey":"ug:a","authorAccountId":"b"}`, "user id=b"},
		{`{"authorKey":"ug:a"}`, "user id=ug:a"},
		{`{"authorKey":"b","authorAccountId":"b"}`, "user id=b"},
		{`{"authorKey":""}`, "unknown "},
		{`{"author":{"displayName":"System"},"summary":"Collector started"}`, "system name=System"},
	} {
		r := readingAs(t, Jira, c.record)
		if got := r.Actor.Kind.String() + " " + r.Actor.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.record, got, c.want)
		}
	}
	if r := readingAs(t, Jira, `{"authorKey":"ug:a","authorAccountId":"b"}`); string(r.Actor.UserKey.Text) != "ug:a" {
		t.Errorf("the user key is %q", r.Actor.UserKey.Text)
	}
}

// TestSame: two ids of one person of Jira are no two persons, and those of Confluence are.
func TestSame(t *testing.T) {
	t.Parallel()
	field := func(text string) Field { return Field{Text: []byte(text)} }
	person := func(id, username string) *Party { return &Party{ID: field(id), Username: field(username)} }
	for _, c := range []struct {
		p, q             *Party
		jira, confluence bool
	}{
		{person("10001", "ada"), person("JIRAUSER10001", "ada"), true, false},
		{person("10001", "ada"), person("10001", "eve"), false, true},
		{person("10001", ""), person("10001", "ada"), true, true},
		{person("", "ada"), person("10001", "ada"), true, true},
		{person("", ""), person("10001", "ada"), false, false},
	} {
		jira, confluence := (&Reading{profile: Jira}).Same(c.p, c.q), (&Reading{profile: Confluence}).Same(c.p, c.q)
		if jira != c.jira || confluence != c.confluence {
			t.Errorf("%s and %s: %v in Jira and %v in Confluence, want %v and %v", c.p, c.q, jira, confluence, c.jira, c.confluence)
		}
	}
}
