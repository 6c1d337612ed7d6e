package schema

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/meaning"

	"github.com/google/go-cmp/cmp"
)

// shape is a record of Confluence or Jira in one of the forms that real ones have, and what it
// means.
type shape struct {
	name   string // why it is here
	record string

	// What a person would say about it: the action, its severity, who did it, who was given or lost
	// something or was changed, and what it is about.
	action, severity, actor, user, group, object string
}

const (
	aminaURI   = "https://wiki.example.com/confluence/admin/users/viewuser.action?username=aokafor"
	aminaDC    = `{"name":"Amina Okafor","type":"User","uri":"` + aminaURI + `","id":"2c9680837d4a3682017d4a375a280000"}`
	rootDC     = `{"name":"Root","type":"user","id":"8a7f","uri":"https://wiki.example.com/confluence/admin/users/viewuser.action?username=root","avatarUri":""}`
	strangerDC = `{"name":"Anonymous","type":"user","id":"-2","avatarUri":""}`
	spaceDC    = `{"name":"Engineering","type":"Space","uri":"https://wiki.example.com/confluence/display/ENG","id":"98307"}`
	pageDC     = `{"name":"Plans","type":"Page","uri":"https://wiki.example.com/confluence/pages/viewpage.action?pageId=65581","id":"65581"}`
	staffCloud = `{"name":"staff:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"}`
	aminaCloud = `{"name":"Amina Okafor","objectType":"User"}`
	spaceCloud = `{"name":"Engineering","objectType":"Space"}`
	pageCloud  = `{"name":"Plans","objectType":"Page"}`
	nothing    = `{"name":"","objectType":""}`

	root       = "id=8a7f name=Root user=root"
	amina      = "id=2c9680837d4a3682017d4a375a280000 name=Amina Okafor user=aokafor"
	mia        = "id=557058:0f name=Mia Krystof"
	staffGroup = "id=7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99 name=staff"
)

// ofDataCenter is a record of Data Center with these objects and changes (label, before, after).
func ofDataCenter(author, key, category, objects string, changes ...[3]string) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf(`{"key":%q,"i18nKey":%q,"from":%q,"to":%q}`, c[0], c[0], c[1], c[2]))
	}
	if !strings.HasPrefix(key, "personal.") {
		key = "audit.logging.summary." + key
	}
	return `{"timestamp":"2025-11-26T09:40:00.000Z","author":` + author + `,"type":{"categoryI18nKey":"audit.logging.category.` + category + `","category":"Kategorie","actionI18nKey":"` + key +
		`","action":"etwas ist geschehen"},"affectedObjects":[` + objects + `],"changedValues":[` + strings.Join(list, ",") + `],"source":"192.0.2.17, 10.0.0.4","system":"https://wiki.example.com/confluence","node":"node-1","method":"Browser","extraAttributes":[]}`
}

// ofCloud is the same of Cloud.
func ofCloud(summary, category, affected, associated string, changes ...[3]string) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf(`{"name":%q,"oldValue":%q,"newValue":%q,"hiddenOldValue":"","hiddenNewValue":""}`, c[0], c[1], c[2]))
	}
	return `{"author":{"type":"user","displayName":"Mia Krystof","operations":null,"username":"557058:0f","accountId":"557058:0f","accountType":"","externalCollaborator":false,"isExternalCollaborator":false,"publicName":"Unknown user"},` +
		`"remoteAddress":"192.0.2.17","creationDate":1764150001001,"summary":"` + summary + `","description":"","category":"` + category + `","sysAdmin":false,"superAdmin":false,"affectedObject":` + affected +
		`,"changedValues":[` + strings.Join(list, ",") + `],"associatedObjects":[` + associated + `]}`
}

func typeIs(permission string) [3]string { return [3]string{"Type", "", permission} }
func typeWas(permission string) [3]string {
	return [3]string{"Type", permission, ""}
}

var shapes = []shape{
	// Permissions on Data Center: the grantee, then the space; both affected.
	{"datacenter-everybody-is-a-user-without-id-and-link", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"Anonymous","type":"User"},`+spaceDC, typeIs("VIEWSPACE"), [3]string{"Space", "", "ENG"}),
		"permission.space.anonymous.added", "High", root, "name=Anonymous", "", "Engineering"},
	{"datacenter-everybody-has-a-name-in-the-language-of-the-system", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"匿名","type":"User"},`+spaceDC, typeIs("VIEWSPACE")),
		"permission.space.anonymous.added", "High", root, "name=匿名", "", "Engineering"},
	{"datacenter-everybody-where-the-changes-are-named-in-the-language-too", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"Anonym","type":"User"},{"name":"Technik","type":"Space","uri":"https://wiki.example.com/confluence/display/ENG","id":"98307"}`, [3]string{"Art", "", "VIEWSPACE"}),
		"permission.space.anonymous.added", "High", root, "name=Anonym", "", "Technik"},
	{"datacenter-somebody-called-anonymous-has-an-id", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"Anonymous","type":"User","id":"2c97"},`+spaceDC, typeIs("VIEWSPACE")),
		"permission.space.added", "Low", root, "id=2c97 name=Anonymous", "", "Engineering"},
	{"datacenter-everybody-on-the-whole-site", ofDataCenter(rootDC, "global.permission.added", "permissions", `{"name":"Anonymous","type":"User"}`, typeIs("USECONFLUENCE")),
		"permission.global.anonymous.added", "High", root, "name=Anonymous", "", "Confluence"},
	{"datacenter-everybody-no-longer", ofDataCenter(rootDC, "space.permission.removed", "permissions", `{"name":"Anonymous","type":"User"},`+spaceDC, typeWas("VIEWSPACE")),
		"permission.space.anonymous.removed", "Low", root, "name=Anonymous", "", "Engineering"},
	{"datacenter-all-who-log-in-are-the-default-group", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"confluence-users","type":"Group","id":"confluence-users"},`+spaceDC, [3]string{"Group", "", "confluence-users"}, typeIs("VIEWSPACE"), [3]string{"Space", "", "ENG"}),
		"permission.space.authenticated.added", "Medium", root, "", "id=confluence-users name=confluence-users", "Engineering"},
	{"datacenter-all-who-log-in-are-a-pseudo-group", ofDataCenter(rootDC, "global.permission.added", "permissions", `{"name":"authenticated-users","type":"Group"}`, typeIs("ADMINISTRATECONFLUENCE")),
		"permission.global.authenticated.administer.added", "High", root, "", "name=authenticated-users", "Confluence"},
	{"datacenter-a-group-may-administer-a-space", ofDataCenter(rootDC, "space.permission.added", "permissions", `{"name":"team","type":"Group","id":"team"},{"name":"Technik","type":"Space","id":"98307"}`, [3]string{"Typ", "", "SETSPACEPERMISSIONS"}),
		"permission.space.administer.added", "Medium", root, "", "id=team name=team", "Technik"},
	{"datacenter-several-permissions-weigh-by-the-strongest", ofDataCenter(rootDC, "space.permission.added", "permissions", aminaDC+`,{"name":"Anonymous","type":"User"},`+spaceDC, typeIs("VIEWSPACE"), typeIs("SETSPACEPERMISSIONS")),
		"permission.space.anonymous.added", "High", root, amina, "", "Engineering"},
	{"datacenter-a-group-may-administer-the-system", ofDataCenter(rootDC, "global.permission.added", "permissions", `{"name":"team","type":"Group","id":"team"}`, [3]string{"Group", "", "team"}, typeIs("SYSTEMADMINISTRATOR")),
		"permission.global.administer.added", "High", root, "", "id=team name=team", "Confluence"},
	{"datacenter-a-person-may-export-a-space", ofDataCenter(rootDC, "space.permission.added", "permissions", aminaDC+","+spaceDC, [3]string{"User", "", "aokafor"}, typeIs("EXPORTSPACE")),
		"permission.space.export.added", "Medium", root, amina, "", "Engineering"},
	{"datacenter-a-group-may-have-a-personal-space", ofDataCenter(rootDC, "global.permission.added", "permissions", `{"name":"team","type":"Group","id":"team"}`, typeIs("PERSONALSPACE")),
		"permission.global.added", "Medium", root, "", "id=team name=team", "Confluence"},
	{"datacenter-restriction-names-who-may-see", ofDataCenter(rootDC, "page.view.permission.added", "permissions", aminaDC+","+pageDC+","+spaceDC),
		"restriction.view.added", "Informational", root, amina, "", "Plans"},
	{"datacenter-restricted-page-refused", ofDataCenter(rootDC, "security.restricted.page.not.permitted", "security", pageDC),
		"page.viewed.refused", "Low", root, "", "", "Plans"},

	// Sessions: whose it is is the affected object, and the author, unless the login failed.
	{"datacenter-login-names-author-and-object", ofDataCenter(`{"name":"Amina Okafor","type":"user","uri":"`+aminaURI+`","id":"2c9680837d4a3682017d4a375a280000"}`, "login.success", "auth", aminaDC),
		"session.started", "Informational", amina, amina, "", "Amina Okafor"},
	{"datacenter-failed-login-of-somebody-is-not-of-anonymous", ofDataCenter(strangerDC, "login.failed", "auth", aminaDC),
		"session.refused", "Low", amina, amina, "", "Amina Okafor"},
	{"datacenter-failed-login-of-a-name-that-does-not-exist", ofDataCenter(strangerDC, "login.failed", "auth", `{"name":"admin","type":"User"}`),
		"session.refused", "Low", "user=admin", "user=admin", "", "admin"},
	{"datacenter-failed-login-that-names-nobody", ofDataCenter(strangerDC, "login.failed", "auth", ``),
		"session.refused", "Low", "name=Unknown", "", "", ""},
	{"datacenter-logout-is-no-login", ofDataCenter(rootDC, "user.logout", "auth", `{"name":"Root","type":"User","uri":"?username=root","id":"8a7f"}`),
		"session.ended", "Informational", root, root, "", "Root"},
	{"datacenter-sudo-names-the-author-only", ofDataCenter(rootDC, "sudo.auth.successful", "auth", ``),
		"session.elevated", "Low", root, "", "", ""},
	{"datacenter-sudo-refused", ofDataCenter(rootDC, "sudo.auth.failed", "auth", ``),
		"session.elevation.refused", "Medium", root, "", "", ""},
	{"datacenter-sudo-ended", ofDataCenter(rootDC, "sudo.logout", "auth", ``),
		"session.elevation.ended", "Informational", root, "", "", ""},
	{"datacenter-password-forgotten", ofDataCenter(strangerDC, "forgot.password", "user.management", aminaDC),
		"user.password.forgotten", "Low", "id=-2 name=Anonymous", amina, "", "Amina Okafor"},
	{"datacenter-password-forgotten-of-a-name-that-does-not-exist", ofDataCenter(strangerDC, "forgot.password.unknown", "user.management", `{"name":"admin","type":"User"}`),
		"user.password.forgotten.refused", "Low", "id=-2 name=Anonymous", "name=admin", "", "admin"},

	// People and groups.
	{"datacenter-user-created-with-what-was-entered", ofDataCenter(rootDC, "user.created", "user.management", `{"name":"test.user","type":"User","id":"2c95"}`, [3]string{"Display name", "", "Test User"}, [3]string{"Email", "", "test@example.com"}, [3]string{"Username", "", "test.user"}, [3]string{"Active", "", "Yes"}),
		"user.created", "Low", root, "id=2c95 name=test.user mail=test@example.com", "", "test.user"},
	{"datacenter-user-renamed-from-what-it-was", ofDataCenter(rootDC, "user.renamed", "user.management", aminaDC, [3]string{"Username", "amina", "aokafor"}),
		"user.renamed", "Informational", root, amina, "", "Amina Okafor"},
	{"datacenter-an-update-that-is-a-deactivation", ofDataCenter(rootDC, "user.updated", "user.management", aminaDC, [3]string{"Active", "Yes", "No"}),
		"user.deactivated", "Low", root, amina, "", "Amina Okafor"},
	{"datacenter-an-update-that-is-a-reactivation", ofDataCenter(rootDC, "user.updated", "user.management", aminaDC, [3]string{"Active", "No", "Yes"}, [3]string{"Email", "a@example.com", "amina@example.com"}),
		"user.reactivated", "Low", root, amina + " mail=amina@example.com", "", "Amina Okafor"},
	{"datacenter-a-deactivation-in-another-language", ofDataCenter(rootDC, "user.updated", "user.management", aminaDC, [3]string{"有効", "はい", "いいえ"}),
		"user.deactivated", "Low", root, amina, "", "Amina Okafor"},
	{"datacenter-an-update-that-is-none", ofDataCenter(rootDC, "user.updated", "user.management", aminaDC, [3]string{"Active", "Yes", "Yes"}, [3]string{"Vollständiger Name", "Ja", "Ja Nein"}),
		"user.updated", "Informational", root, amina, "", "Amina Okafor"},
	{"datacenter-membership-without-links", ofDataCenter(rootDC, "group.membership.added", "user.management", `{"id":"team","name":"team","type":"Group"},{"id":"2c95","name":"test.user","type":"User"}`),
		"group.member.added", "Low", root, "id=2c95 name=test.user", "id=team name=team", "team"},
	{"datacenter-membership-of-administrators", ofDataCenter(rootDC, "group.membership.added", "user.management", `{"id":"confluence-administrators","name":"confluence-administrators","type":"Group"},`+aminaDC),
		"group.member.administer.added", "Medium", root, amina, "id=confluence-administrators name=confluence-administrators", "confluence-administrators"},
	{"datacenter-token-has-a-key-of-its-own-plugin", ofDataCenter(rootDC, "personal.access.tokens.audit.log.summary.token.created", "security", `{"name":"ci","type":"Personal access token"}`),
		"token.created", "Low", root, "", "", "ci"},
	{"datacenter-page-shared-with-an-address", ofDataCenter(rootDC, "page.shared", "page", pageDC, [3]string{"Shared with", "", "partner@example.com"}),
		"page.shared", "Informational", root, "", "", "Plans"},
	{"datacenter-key-of-a-later-version-has-a-verb", ofDataCenter(rootDC, "whiteboard.template.deleted", "page", `{"name":"Board","type":"Whiteboard","id":"7"}`),
		"other", "Informational", root, "", "", "Board"},

	// Cloud: the grantee is the affected object, the associated ones are what for.
	{"cloud-permission-of-a-group-is-for-the-space", ofCloud("Space permission added", "Permissions", staffCloud, spaceCloud, typeIs("SETSPACEPERMISSIONS"), [3]string{"Space", "", "ENG"}, [3]string{"Group", "", "staff:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99"}),
		"permission.space.administer.added", "Medium", mia, "", staffGroup, "Engineering"},
	{"cloud-permission-of-a-user-is-for-the-space-in-the-changes", ofCloud("Space permission removed", "Permissions", aminaCloud, "", typeWas("VIEWSPACE"), [3]string{"Space", "ENG", ""}),
		"permission.space.removed", "Low", mia, "name=Amina Okafor", "", "ENG"},
	{"cloud-everybody-is-called-anonymous", ofCloud("Space permission added", "Permissions", `{"name":"Anonymous","objectType":"User"}`, spaceCloud, typeIs("VIEWSPACE")),
		"permission.space.anonymous.added", "High", mia, "name=Anonymous", "", "Engineering"},
	{"cloud-everybody-has-no-name", ofCloud("Space permission added", "Permissions", `{"name":"","objectType":"User"}`, spaceCloud, typeIs("VIEWSPACE")),
		"permission.space.anonymous.added", "High", mia, "name=Anonymous", "", "Engineering"},
	{"cloud-everybody-on-the-whole-site", ofCloud("Global permission added", "Permissions", `{"name":"Anonymous","objectType":"User"}`, "", typeIs("USECONFLUENCE")),
		"permission.global.anonymous.added", "High", mia, "name=Anonymous", "", "Confluence"},
	{"cloud-a-grant-that-names-nobody-is-not-to-everybody", ofCloud("Space permission added", "Permissions", nothing, spaceCloud, typeIs("VIEWSPACE")),
		"permission.space.added", "Low", mia, "", "", "Engineering"},
	{"cloud-all-who-log-in-are-a-group-named-after-the-site", ofCloud("Space permission added", "Permissions", `{"name":"confluence-users-acme:4375f4c3-bfdf-4f36-a62e-141ccf1588a3","objectType":"Group"}`, spaceCloud, typeIs("VIEWSPACE")),
		"permission.space.authenticated.added", "Medium", mia, "", "id=4375f4c3-bfdf-4f36-a62e-141ccf1588a3 name=confluence-users-acme", "Engineering"},
	{"cloud-several-permissions-weigh-by-the-strongest", ofCloud("Space permission added", "Permissions", aminaCloud, spaceCloud, typeIs("VIEWSPACE"), typeIs("SETSPACEPERMISSIONS")),
		"permission.space.administer.added", "Medium", mia, "name=Amina Okafor", "", "Engineering"},
	{"cloud-administrator-of-the-site", ofCloud("Global permission added", "Permissions", aminaCloud, "", typeIs("ADMINISTRATECONFLUENCE")),
		"permission.global.administer.added", "High", mia, "name=Amina Okafor", "", "Confluence"},
	{"cloud-restriction-is-for-the-page-not-its-space", ofCloud("Content restriction added", "Permissions", aminaCloud, spaceCloud+","+pageCloud, typeIs("View")),
		"restriction.added", "Informational", mia, "name=Amina Okafor", "", "Plans"},
	{"cloud-restriction-of-a-group-removed", ofCloud("Content restriction removed", "Permissions", staffCloud, pageCloud+","+spaceCloud, typeWas("Edit")),
		"restriction.removed", "Low", mia, "", staffGroup, "Plans"},
	{"cloud-membership-has-the-user-associated", ofCloud("User added to group", "Users and groups", staffCloud, aminaCloud),
		"group.member.added", "Low", mia, "name=Amina Okafor", staffGroup, "staff"},
	{"cloud-membership-of-administrators-ends", ofCloud("User removed from group", "Users and groups", `{"name":"Site-Admins:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"}`, aminaCloud),
		"group.member.administer.removed", "Low", mia, "name=Amina Okafor", "id=7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99 name=Site-Admins", "Site-Admins"},
	{"cloud-deactivation-that-names-nobody", ofCloud("User deactivated", "Users and groups", nothing, ""),
		"user.deactivated", "Low", mia, "", "", ""},
	{"cloud-deactivation-as-an-update", ofCloud("User details updated", "Users and groups", `{"name":"Amina Okafor (Deactivated)","objectType":"User"}`, "", [3]string{"Active", "Yes", "No"}),
		"user.deactivated", "Low", mia, "name=Amina Okafor (Deactivated)", "", "Amina Okafor (Deactivated)"},
	{"cloud-update-from-what-it-was", ofCloud("User details updated", "Users and groups", aminaCloud, "", [3]string{"Display name", "Amina O.", "Amina Okafor"}, [3]string{"Email", "a@example.com", "amina@example.com"}),
		"user.updated", "Informational", mia, "name=Amina Okafor mail=amina@example.com", "", "Amina Okafor"},
	{"cloud-page-archived-names-the-page-twice", ofCloud("Page archived", "Page", pageCloud, pageCloud+","+spaceCloud, [3]string{"Content status", "current", "archived"}),
		"page.archived", "Informational", mia, "", "", "Plans"},
	{"cloud-page-moved-from-space-to-space", ofCloud("Page moved", "Page", pageCloud, spaceCloud, [3]string{"Old Space", "OLD", ""}, [3]string{"New Space", "", "ENG"}),
		"page.moved", "Informational", mia, "", "", "Plans"},
	{"cloud-app-with-an-action-of-its-own", ofCloud("Workflow approval added", "Document control", pageCloud, spaceCloud, [3]string{"Approver", "", "Amina Okafor"}),
		"other", "Informational", mia, "", "", "Plans"},
	{"cloud-text-without-a-verb", ofCloud("Freigabe erteilt", "Document control", pageCloud, ""),
		"other", "Informational", mia, "", "", "Plans"},
}

func allShapes() []shape { return slices.Concat(shapes, jiraShapes) }

// TestShapes: what each form of a record means, and that it is so in every schema. The events of
// each are in testdata/shapes, behind the record.
func TestShapes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "shapes", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name, _ := strings.CutSuffix(filepath.Base(file), ".ndjson")
		if !slices.ContainsFunc(allShapes(), func(s shape) bool { return s.name == name }) {
			t.Errorf("%s belongs to no record", file)
		}
	}
	for _, s := range allShapes() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			var r meaning.Reading
			profile := meaning.Confluence
			if siteOf([]byte(s.record)).Product == "jira" {
				profile = meaning.Jira
			}
			r.Read(profile, parsed(s.record))
			object := ""
			if o := r.Object(); o != nil {
				object = string(o.Label().Text)
			}
			got := []string{r.Action.Name, r.Action.Severity.String(), r.Actor.String(), r.User.String(), r.Group.String(), object}
			if diff := cmp.Diff([]string{s.action, s.severity, s.actor, s.user, s.group, s.object}, got); diff != "" {
				t.Errorf("action, severity, actor, user, group, object (-want +got):\n%s", diff)
			}
			raw := []byte(s.record)
			events := append(slices.Clone(raw), '\n')
			for _, schema := range formats() {
				got := line(t, schema, false, timeOf(raw), raw)
				if lost := lost(got, raw); lost != "" {
					t.Errorf("%s lost %q", schema, lost)
				}
				if !slices.Contains(Names(), schema) {
					continue // an older release of OCSF, of which golden has enough
				}
				meta := event.Meta{Fingerprint: hasherOf(siteOf(raw)).Fingerprint(parsed(string(raw))), Read: timeOf(raw).Add(30 * time.Second)}
				events = append(encoderOf(t, schema, false, siteOf(raw)).AppendJSON(events, timeOf(raw), parsed(string(raw)), meta), '\n')
			}
			file := filepath.Join("testdata", "shapes", s.name+".ndjson")
			if *update {
				if err := os.WriteFile(file, events, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, events) {
				t.Errorf("%s is not up to date, look at the difference and run go test ./internal/schema -update (-want +got):\n%s", file,
					cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(events), "\n")))
			}
		})
	}
}

// TestNobodyTried: no event of a failed login has Anonymous for a user, whatever the schema.
func TestNobodyTried(t *testing.T) {
	t.Parallel()
	who := map[string][]string{
		"ecs":  {"user.name aokafor", "user.id 2c9680837d4a3682017d4a375a280000", "user.target <nil>", "event.outcome failure", "event.type [info]"},
		"ocsf": {"user.name aokafor", "actor.user.name aokafor", "status Failure"},
		"asim": {"EventSchema Authentication", "TargetUsername aokafor", "TargetUserId 2c9680837d4a3682017d4a375a280000", "TargetUserType Regular", "ActorUsername <nil>", "EventResult Failure"},
		"cim":  {"user aokafor", "src_user <nil>", "action failure"},
	}
	for schema, want := range who {
		event := line(t, schema, false, own, []byte(ofDataCenter(strangerDC, "login.failed", "auth", aminaDC)))
		for _, w := range want {
			path, value, _ := strings.Cut(w, " ")
			if got := fmt.Sprint(lookup(event, strings.Split(path, ".")...)); got != value {
				t.Errorf("%s: %s is %s, want %s", schema, path, got, value)
			}
		}
	}
	event := line(t, "ecs", false, own, []byte(ofDataCenter(strangerDC, "login.failed", "auth", `{"name":"admin","type":"User"}`)))
	if got := lookup(event, "user", "name"); got != "admin" {
		t.Errorf("user.name of somebody who does not exist is %v", got)
	}
}

// TestEveryKeyInAnotherLanguage: a record of each key that Data Center is known to use is known,
// with every word of the system in another language.
func TestEveryKeyInAnotherLanguage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		site     event.Site
		prefix   string
		category string
		keys     int
	}{"keys.txt": {dataCenterSite, "audit.logging.summary.", "audit.logging.category.x", 120}, "jira_keys.txt": {jiraDataCenterSite, "jira.auditing.", "jira.auditing.category.x", 70}} {
		file, err := os.ReadFile(filepath.Join("..", "meaning", "action", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		e := encoderOf(t, "ecs", false, c.site)
		n := 0
		for text := range strings.Lines(string(file)) {
			if strings.HasPrefix(text, "#") {
				continue
			}
			for key := range strings.FieldsSeq(text) {
				key = strings.ReplaceAll(key, "_", " ")
				if !strings.HasPrefix(key, "personal.") && !strings.HasPrefix(key, "atlassian.") && !strings.HasPrefix(key, "issuenav.") && !strings.HasPrefix(key, "stp.") && !strings.Contains(key, " ") {
					key = c.prefix + key
				}
				raw := `{"timestamp":"2025-11-26T09:40:00.000Z","author":` + rootDC + `,"type":{"categoryI18nKey":"` + c.category + `","category":"管理","actionI18nKey":"` + key +
					`","action":"何かを実行しました"},"affectedObjects":[{"name":"何か","type":"もの","id":"7"}],"changedValues":[{"key":"種類","i18nKey":"種類","from":"前","to":"後"}]}`
				e.AppendJSON(nil, own, parsed(raw), event.Meta{Read: read})
				if n++; e.Unknown() > 0 {
					t.Fatalf("%s: %s is not known", name, key)
				}
			}
		}
		if n < c.keys {
			t.Errorf("%s: %d keys, want all", name, n)
		}
	}
}
