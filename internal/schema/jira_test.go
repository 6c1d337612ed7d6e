package schema

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
)

// TestProduct: the site decides how a record is read, not the record.
func TestProduct(t *testing.T) {
	t.Parallel()
	raw := []byte(ofJiraCloud("User added to group", "group management", byLea, `{"name":"ops","typeName":"GROUP"}`, benJC))
	for product, want := range map[string]string{
		"":           "event.module atlassian_confluence|service.type confluence|observer.product Confluence|confluence.audit.atlassian.product confluence|user <nil>|group <nil>|jira <nil>",
		"confluence": "event.module atlassian_confluence|user <nil>",
		"jira":       "event.module atlassian_jira|event.dataset atlassian_jira.audit|service.type jira|observer.product Jira|jira.audit.atlassian.product jira|group.name ops|confluence <nil>",
	} {
		of := event.Site{Product: product, URL: site.URL, Deployment: "cloud"}
		requireValues(t, product, lineOf(t, of, "ecs", false, own, raw), want)
	}
	requireValues(t, "ocsf", line(t, "ocsf", false, own, raw), "metadata.product.name Jira|metadata.log_provider Atlassian Jira")
	requireValues(t, "asim", line(t, "asim", false, own, raw), "EventProduct Jira|TargetAppName Jira")
	requireValues(t, "cim", line(t, "cim", false, own, raw), "vendor_product Atlassian Jira|jira.data_model Change")
	requireValues(t, "cim", line(t, "cim", false, own, []byte(ofJiraDataCenter(adaJD, "user.logged.in", "usermanagement", adaObjectJD))), "app jira|src_user <nil>")
}

// requireValues checks values of an event: paths and values, with bars between.
func requireValues(t *testing.T, what string, event object, want string) {
	t.Helper()
	for w := range strings.SplitSeq(want, "|") {
		path, value, _ := strings.Cut(w, " ")
		if got := fmt.Sprint(lookup(event, strings.Split(path, ".")...)); got != value {
			t.Errorf("%s: %s is %s, want %s", what, path, got, value)
		}
	}
}

// TestTwoProductsTwoIDs: the same content at the same address is two events in two products.
func TestTwoProductsTwoIDs(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"author":{"displayName":"System"},"creationDate":1764150001001,"summary":"Collector started"}`)
	one, other := lineOf(t, site, "raw", false, own, raw), lineOf(t, jiraSite, "raw", false, own, raw)
	if a, b := lookup(one, "atlassian", "event_id"), lookup(other, "atlassian", "event_id"); a == b || a == nil {
		t.Errorf("both have the id %v", a)
	}
}

// TestJiraRecordID: the id that Jira Cloud gave the record is where each schema has a place for it.
func TestJiraRecordID(t *testing.T) {
	t.Parallel()
	raw := []byte(ofJiraCloud("Project created", "projects", byLea, projectJC, ""))
	for schema, want := range map[string]string{
		"ecs":        "event.sequence 11896|jira.audit.other <nil>",
		"ocsf":       "metadata.original_event_uid 11896|unmapped.id <nil>|metadata.original_time 2025-11-26T09:40:01.982+0000",
		"ocsf 1.4.0": "metadata.original_event_uid <nil>|unmapped.id 11896",
		"asim":       "AdditionalFields.id 11896|AdditionalFields.created <nil>",
		"cim":        "jira.id 11896|jira.created <nil>",
		"raw":        "id 11896|created 2025-11-26T09:40:01.982+0000",
	} {
		requireValues(t, schema, line(t, schema, false, timeOf(raw), raw), want)
	}
}

// TestKeysAreNoNames: the key of a user of Jira Cloud is an id, and neither a name nor an e-mail
// address, even if it looks like one.
func TestKeysAreNoNames(t *testing.T) {
	t.Parallel()
	for _, key := range []string{benKey, customer, "ben@example.com"} {
		raw := []byte(ofJiraCloud("User updated", "user management", `"authorKey":"`+key+`"`, `{"id":"`+key+`","name":"`+key+`","typeName":"USER"}`, ""))
		for schema, want := range map[string]string{
			"ecs":  "user.id KEY|user.name <nil>|user.full_name <nil>|user.email <nil>|user.target.id KEY|user.target.name <nil>|user.target.full_name <nil>|user.target.email <nil>",
			"ocsf": "actor.user.uid KEY|actor.user.name <nil>|actor.user.email_addr <nil>|user.uid KEY|user.name <nil>|user.full_name <nil>|user.email_addr <nil>",
			"asim": "ActorUserId KEY|ActorUsername <nil>|AdditionalFields.TargetUserId KEY|AdditionalFields.TargetUsername <nil>",
			"cim":  "user_id KEY|user_name <nil>|src_user_id KEY|src_user_name <nil>",
		} {
			requireValues(t, schema, line(t, schema, false, own, raw), strings.ReplaceAll(want, "KEY", key))
		}
		// An event that is not about the user, but on one.
		raw = []byte(ofJiraCloud("Key rotated", "keys", "", `{"id":"`+key+`","name":"`+key+`","typeName":"USER"}`, ""))
		requireValues(t, "ocsf", line(t, "ocsf", false, own, raw), "entity.uid "+key+"|entity.name <nil>|entity.type User")
	}
}

// TestHealthOfJira: the health records of an input for Jira are what they are for Confluence.
func TestHealthOfJira(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"author":{"type":"user","displayName":"System"},"remoteAddress":"","creationDate":1764150001001,"summary":"Collector access lost","description":"no permission","category":"Collector",` +
		`"sysAdmin":false,"superAdmin":false,"affectedObject":{"name":"https://acme.atlassian.net","objectType":"Collector"},"changedValues":[],"associatedObjects":[],"collector":{"version":"1","failures":2}}`)
	for schema, want := range map[string]string{
		"ecs":  "event.code collector.access.lost|event.severity 4|user.full_name System|event.reason no permission",
		"ocsf": "metadata.labels [collector.access.lost]|severity High|entity.name https://acme.atlassian.net",
		"asim": "AdditionalFields.Action collector.access.lost|ActorUserType System",
		"cim":  "jira.action collector.access.lost|status success",
	} {
		event := lineOf(t, jiraSite, schema, false, timeOf(raw), raw)
		requireValues(t, schema, event, want)
		if lost := lost(event, raw); lost != "" {
			t.Errorf("%s lost %q", schema, lost)
		}
	}
}

// TestJiraFingerprintCounts changes, removes and adds one member after the other, everywhere in
// records of Jira. On Data Center only what is computed when a record is read makes no difference;
// on Cloud only the id and the time make one.
func TestJiraFingerprintCounts(t *testing.T) {
	t.Parallel()
	ofType := []string{".type.action", ".type.category", ".system", ".author.uri", ".author.avatarUri", ".author.name", ".author.new"}
	for name, c := range map[string]struct {
		raw     string
		passing []string
	}{
		"search": {ofJiraDataCenter(adaJD, "issuenav.jqlsearch.performed", "search", ""), append(ofType, ".extraAttributes[0].name")},
		"user": {ofJiraDataCenter(adaJD, "user.updated", "usermanagement", bobJD, [3]string{"common.words.email", "a@example.com", "b@example.com"}),
			append(ofType, ".extraAttributes[0].name", ".affectedObjects[0].uri", ".changedValues[0].key")},
		"anonymous": {ofJiraDataCenter(nobodyJD, "user.added.to.group", "groupmanagement", `{"name":"ops","type":"GROUP","id":null}`),
			[]string{".type.action", ".type.category", ".system", ".author.name", ".author.new", ".extraAttributes[0].name"}},
		"board": {ofJiraDataCenter(adaJD, "Board created", "boards", `{"name":"EX board","type":"BOARD","id":"1"}`), append(ofType, ".extraAttributes[0].name")},
	} {
		record, err := decodeJSON([]byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for _, path := range c.passing {
			want[path] = true
		}
		before := hasherOf(jiraDataCenterSite).Fingerprint(parsed(c.raw))
		variants(record, "", func(path, how string, variant any) {
			if same := hasherOf(jiraDataCenterSite).Fingerprint(parsed(spell(nil, variant))) == before; same != want[path] {
				t.Errorf("%s: %s %s: same fingerprint is %v", name, path, how, same)
			}
		})
	}
	raw := ofJiraCloud("User added to group", "group management", byLea, `{"name":"ops","typeName":"GROUP"}`, benJC, [3]string{"a", "b", "c"})
	record, _ := decodeJSON([]byte(raw))
	before := hasherOf(jiraSite).Fingerprint(parsed(raw))
	variants(record, "", func(path, how string, variant any) {
		same := hasherOf(jiraSite).Fingerprint(parsed(spell(nil, variant))) == before
		if decides := path == ".id" || path == ".created"; same == decides {
			t.Errorf("cloud: %s %s: same fingerprint is %v", path, how, same)
		}
	})
}

// TestOthersDoNotAllocate: a record of Jira or of an organization costs no memory, as one of
// Confluence.
func TestOthersDoNotAllocate(t *testing.T) {
	for _, schema := range append(formats(), "raw") {
		for _, raw := range append(jiraSamples(t), organizationSamples(t)...) {
			// An issue that a site shows keeps the members of the site under other names, and an
			// IPv6 address is read by way of a string.
			if bytes.Contains(raw, []byte("issueKeyOrId")) || bytes.Contains(raw, []byte("2001:db8")) {
				continue
			}
			doc := parsed(raw)
			h, e := hasherOf(siteOf(raw)), encoderOf(t, schema, false, siteOf(raw))
			dst := make([]byte, 0, 8192)
			var fp document.Fingerprint
			if n := testing.AllocsPerRun(3, func() { fp = h.Fingerprint(doc); e.Append(dst, own, doc, event.Meta{Fingerprint: fp, Read: read}) }); n != 0 {
				t.Fatalf("%s allocates %v times for %s", schema, n, raw)
			}
		}
	}
}
