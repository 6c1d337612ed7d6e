package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/event"
	"fluent-bit-confluence/internal/event/ocsf"
	"fluent-bit-confluence/internal/meaning"
	"fluent-bit-confluence/internal/simulate"
)

var update = flag.Bool("update", false, "rewrite the files that the tests compare with")

// valid are the validations of the schemas: the error tells what an event has that its schema
// forbids.
var valid = map[string]func(object) error{
	"raw": func(object) error { return nil }, "ecs": validECS, "ocsf": validOCSF, "asim": validASIM, "cim": validCIM,
}

var (
	dataCenterSite     = event.Site{URL: "https://wiki.example.com/confluence", Deployment: "datacenter"}
	jiraSite           = event.Site{Product: "jira", URL: site.URL, Deployment: "cloud", CloudID: site.CloudID}
	organizationSite   = event.Site{Product: "organization", URL: "https://api.atlassian.com/admin/v1/orgs/22222222-3333-4444-8555-666666666666", Deployment: "cloud", OrgID: "22222222-3333-4444-8555-666666666666"}
	jiraDataCenterSite = event.Site{Product: "jira", URL: "https://jira.example.com/jira", Deployment: "datacenter"}
)

// formats returns all schemas but raw, with each version of OCSF.
func formats() []string {
	all := Names()[1:]
	for _, version := range ocsf.Versions()[1:] {
		all = append(all, "ocsf "+version)
	}
	return all
}

// encoderOf returns the encoder of a schema, or of one of the formats.
func encoderOf(t testing.TB, schema string, includeRaw bool, site event.Site) *event.Encoder {
	t.Helper()
	schema, version, _ := strings.Cut(schema, " ")
	e, err := Encoder(Format{Schema: schema, OCSFVersion: version, IncludeRaw: includeRaw}, site)
	if err != nil {
		t.Fatal(err)
	}
	e.Call(actionNames)
	return e
}

// actionNames are what Atlassian calls some actions of an organization: one that the table knows,
// and some that it does not know.
var actionNames = event.Names{
	"user_login":                   {Name: []byte("User logged in"), Group: []byte("Atlassian accounts")},
	"bitbucket_repository_deleted": {Name: []byte("Deleted Bitbucket repository"), Group: []byte("Bitbucket repositories")},
	"analytics_share_link_opened":  {Name: []byte("Opened share link"), Group: []byte("Analytics actions")},
	"something_nobody_knows":       {Name: []byte("Did something \"that\" nobody knows")},
}

// actionSamples returns the records of testdata/actions.ndjson: at least one of each common action
// of Confluence on Cloud and on Data Center, written like captured records.
func actionSamples(t testing.TB) [][]byte { return samplesIn(t, "actions.ndjson") }

// jiraSamples is the same for Jira.
func jiraSamples(t testing.TB) [][]byte { return samplesIn(t, "jira.ndjson") }

// organizationSamples is the same for an organization.
func organizationSamples(t testing.TB) [][]byte { return samplesIn(t, "organization.ndjson") }

func samplesIn(t testing.TB, file string) [][]byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(b), []byte("\n"))
}

// timeOf reads the time as the client of the API does.
func timeOf(raw []byte) time.Time {
	var r struct {
		CreationDate int64
		Created      string
		Timestamp    json.RawMessage
		Attributes   struct{ Time json.RawMessage }
	}
	_ = json.Unmarshal(raw, &r)
	if r.CreationDate != 0 {
		return time.UnixMilli(r.CreationDate).UTC()
	}
	if t, err := time.Parse("2006-01-02T15:04:05.000-0700", r.Created); err == nil {
		return t.UTC()
	}
	var t time.Time
	if json.Unmarshal(r.Attributes.Time, &t) == nil {
		return t
	}
	_ = json.Unmarshal(r.Timestamp, &t)
	var file struct{ EpochSecond, Nano int64 } // of Data Center's files
	if json.Unmarshal(r.Timestamp, &file) == nil && file.EpochSecond != 0 {
		return time.Unix(file.EpochSecond, file.Nano).UTC()
	}
	return t
}

// siteOf returns the site of a record of the tests. The product cannot be told from the record, so
// those of Jira's Data Center name their system first.
func siteOf(raw []byte) event.Site {
	switch {
	case bytes.HasPrefix(raw, []byte(`{"type":"events"`)):
		return organizationSite
	case bytes.HasPrefix(raw, []byte(`{"id":`)):
		return jiraSite
	case bytes.HasPrefix(raw, []byte(`{"system":"https://jira`)):
		return jiraDataCenterSite
	case bytes.HasPrefix(raw, []byte(`{"timestamp"`)):
		return dataCenterSite
	}
	return site
}

// hasherOf returns the hasher for the records of a site.
func hasherOf(site event.Site) *document.Hasher {
	return &document.Hasher{ByID: site.Product != "" && site.Product != "confluence" && site.Deployment == "cloud"}
}

// line renders one record, and checks that its schema allows the event, and that it is the same in
// both formats.
func line(t testing.TB, schema string, includeRaw bool, own time.Time, raw []byte) object {
	t.Helper()
	return lineOf(t, siteOf(raw), schema, includeRaw, own, raw)
}

// lineOf is line for a record of the site.
func lineOf(t testing.TB, site event.Site, schema string, includeRaw bool, own time.Time, raw []byte) object {
	t.Helper()
	e := encoderOf(t, schema, includeRaw, site)
	doc := parsed(raw)
	meta := event.Meta{Fingerprint: hasherOf(site).Fingerprint(doc), Read: own.Add(30 * time.Second)}
	text := e.AppendJSON(nil, own, doc, meta)
	v, err := decodeJSON(text)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	event := v.(object)
	name, _, _ := strings.Cut(schema, " ")
	if err := valid[name](event); err != nil {
		t.Errorf("not valid %s: %v\n%s", schema, err, text)
	}
	_, fromMsgpack := decodeEvent(t, e.Append(nil, own, doc, meta))
	if err := agree(event, fromMsgpack, 1); err != nil {
		t.Errorf("msgpack differs from JSON: %v", err)
	}
	return event
}

// TestSimulated: the events of a simulated site are valid in every schema.
func TestSimulated(t *testing.T) {
	t.Parallel()
	records := 300
	if testing.Short() {
		records = 60
	}
	for _, deployment := range []string{simulate.Cloud, simulate.DataCenter} {
		for _, r := range simulated(t, deployment, records) {
			for _, schema := range formats() {
				line(t, schema, false, r.Time, r.JSON)
			}
		}
	}
}

// TestOddRecords: the event of any record is valid, has its id, and has all of its values.
func TestOddRecords(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", meaning.MaxText)
	for name, raw := range map[string]string{
		"nothing":              ``,
		"not JSON":             "<html>\xff</html>",
		"long and not JSON":    long + long + long,
		"an array":             `[1,"x"]`,
		"an empty object":      `{}`,
		"all null":             `{"author":null,"summary":null,"affectedObject":null,"changedValues":null,"associatedObjects":null,"category":null,"creationDate":null}`,
		"all of a wrong type":  `{"author":"Jane","summary":17,"affectedObject":"Page","changedValues":{"name":"x"},"associatedObjects":[null,1,["y"],{}],"category":[],"sysAdmin":"yes","type":"z","source":9,"creationDate":"soon"}`,
		"unknown everywhere":   `{"new":1,"author":{"new":2,"accountId":"a"},"affectedObject":{"name":"n","new":{"deep":[3]}},"changedValues":[{"name":"c","new":4,"from":"f","oldValue":"o"}],"type":{"new":5}}`,
		"names twice":          `{"summary":"Space created","summary":"Space deleted","author":{"displayName":"A","displayName":"B"},"author":{"displayName":"C"}}`,
		"names of the schemas": `{"atlassian":{"event_id":"forged"},"raw_data":"x","other":"y","Action":"z","data_model":"v","severity":"w","unmapped":{}}`,
		"long texts":           `{"summary":"` + long + `","author":{"accountId":"` + long + `x"},"affectedObject":{"name":"` + long + `","objectType":"Page"}}`,
		"both deployments":     `{"creationDate":1764150000000,"timestamp":"2025-11-26T09:40:00.000Z","summary":"Space created","type":{"action":"Space deleted"},"category":"a","remoteAddress":"192.0.2.1","source":"192.0.2.2","affectedObject":{"name":"a"},"affectedObjects":[{"name":"b"}]}`,
		"quotes and controls":  `{"summary":"Space\u0000 \"created\"\n","affectedObjects":[{"name":"\"","id":"\"","uri":"\""}],"changedValues":[{"name":"\"","newValue":"\""}]}`,
		"no name to a group":   `{"summary":"Group created","affectedObject":{"name":":","objectType":"Group"},"associatedObjects":[{"name":"","objectType":"User"}]}`,
		"a permission of none": `{"type":{"actionI18nKey":"audit.logging.summary.space.permission.added"}}`,
		"a login of nobody":    `{"summary":"User login failed"}`,
		"a token of nobody":    `{"summary":"Personal access token created"}`,
		"jira, all null":       `{"id":null,"summary":null,"created":null,"objectItem":null,"changedValues":null,"associatedItems":null,"authorKey":null,"eventSource":null}`,
		"jira, wrong types":    `{"id":"x","summary":17,"created":18,"objectItem":["x"],"changedValues":{"fieldName":"x"},"associatedItems":[null,1,["y"],{}],"authorKey":{},"authorAccountId":7,"auditType":"z"}`,
		"jira, both shapes":    `{"id":7,"created":"2025-11-26T09:40:00.000Z","timestamp":"2025-11-26T09:40:00.001Z","author":{"id":"1","name":"a"},"authorKey":"b","authorAccountId":"c","type":{"action":"x"},"auditType":{"action":"y","area":"z"}}`,
		"jira, a large id":     `{"id":123456789012345678901234567890,"summary":"Project created","created":"2025-11-26T09:40:00.000+0130","eventSource":"x"}`,
		"event, all null":      `{"id":null,"type":null,"attributes":null,"links":null,"message":null}`,
		"event, null inside":   `{"id":"","attributes":{"time":null,"processedAt":null,"action":null,"actor":null,"context":null,"container":null,"location":null},"message":{"content":null}}`,
		"event, wrong types":   `{"id":7,"type":{"x":1},"attributes":{"time":7,"action":{},"actor":["x"],"context":{"id":"c","type":"users"},"container":[null,1,["y"],{}],"location":"here"},"message":"text"}`,
		"event, twice":         `{"id":"a","id":"b","attributes":{"action":"user_login","actor":{"id":"1","id":"2"},"actor":{"id":"3","auth":{"authType":"x","authType":"y"},"auth":{"authType":"z"}}},"attributes":{"action":"user_logout","location":{"ip":"192.0.2.1"}}}`,
		"event, odd objects":   `{"attributes":{"action":"group_member_added","context":[{"type":"users","attributes":{"email":"no address"}},{"type":"groups"},{"attributes":null,"links":{"alt":7}},{"type":"users","attributes":{"email":"a@example.com","name":""}}],"container":[{"id":"x","type":"sites","attributes":{"issueKeyOrId":"EX-1","siteName":"s"}}]}}`,
		"deep":                 `{"a":` + strings.Repeat(`{"a":`, 40) + `"bottom"` + strings.Repeat(`}`, 41),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, schema := range formats() {
				for _, includeRaw := range []bool{false, true} {
					for _, own := range []time.Time{{}, own, time.UnixMilli(1764150000000)} {
						for _, site := range []event.Site{site, jiraSite, organizationSite} {
							got := lineOf(t, site, schema, includeRaw, own, []byte(raw))
							if lost := lost(got, []byte(raw)); lost != "" {
								t.Errorf("%s of %q lost %.100q", schema, site.Product, lost)
							}
							id := string(event.AppendEventID(nil, &site, hasherOf(site).Fingerprint(parsed(raw)), 0))
							name, _, _ := strings.Cut(schema, " ")
							if found := lookup(got, idPath[name]...); found != id {
								t.Errorf("%s of %q has event id %v, want %s", schema, site.Product, found, id)
							}
						}
					}
				}
			}
		})
	}
}

// idPath is the path of the event id in each schema.
var idPath = map[string][]string{"raw": {"atlassian", "event_id"}, "ecs": {"event", "id"}, "ocsf": {"metadata", "uid"}, "asim": {"EventOriginalUid"}, "cim": {"event_id"}}

// TestOriginal: the record as it was sent is in the event if that is configured, or if it cannot be
// read.
func TestOriginal(t *testing.T) {
	t.Parallel()
	path := map[string][]string{"ecs": {"event", "original"}, "ocsf": {"raw_data"}, "asim": {"AdditionalFields", "Original"}, "cim": {"confluence", "original"}}
	problem := map[string][]string{"ecs": {"error", "message"}, "ocsf": {"unmapped", "atlassian", "error"}, "asim": {"AdditionalFields", "atlassian", "error"}, "cim": {"confluence", "atlassian", "error"}}
	for schema, path := range path {
		for _, c := range []struct {
			raw      string
			include  bool
			original any
		}{
			{`{ "summary" : "Space created" }`, false, nil},
			{`{ "summary" : "Space created" }`, true, `{ "summary" : "Space created" }`},
			{`[ 1 ]`, false, `[ 1 ]`},
			{"gone\xff", true, "gone\uFFFD"},
		} {
			event := line(t, schema, c.include, own, []byte(c.raw))
			if got := lookup(event, path...); got != c.original {
				t.Errorf("%s: original of %s is %v, want %v", schema, c.raw, got, c.original)
			}
			if got, bad := lookup(event, problem[schema]...), c.raw[0] != '{'; (got != nil) != bad {
				t.Errorf("%s: %s is marked %v", schema, c.raw, got)
			}
		}
	}
}

// TestUnknownAction: a record of an unknown action is delivered, with a verb if one can be
// inferred, and counted.
func TestUnknownAction(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"summary":"Sunny spells","category":"Weather","affectedObject":{"name":"Sky","objectType":"Weather"}}`)
	readable := []byte(`{"summary":"Weather deleted","category":"Weather","affectedObject":{"name":"Sky","objectType":"Weather"}}`)
	for schema, want := range map[string][2][]string{
		"ecs": {
			{"event.code other", "event.type [info]", "event.category <nil>", "event.outcome unknown", "event.action Sunny spells"},
			{"event.code other", "event.type [deletion]", "event.category <nil>", "event.outcome unknown"},
		},
		"ocsf": {
			{"class_uid 3004", "activity_id 99", "activity_name Sunny spells", "status_id 0", "entity.name Sky", "metadata.labels [other]"},
			{"class_uid 3004", "activity_id 4", "metadata.labels [other]"},
		},
		"asim": {
			{"EventType Other", "EventResult NA", "Operation Sunny spells", "Object Sky", "AdditionalFields.Action other"},
			{"EventType Delete", "EventResult NA", "AdditionalFields.Action other"},
		},
		"cim": {
			{"action unknown", "change_type unknown", "object Sky", "signature Sunny spells", "confluence.action <nil>"},
			{"action deleted", "change_type unknown", "confluence.action <nil>"},
		},
	} {
		for i, raw := range [][]byte{raw, readable} {
			event := line(t, schema, false, own, raw)
			for _, w := range want[i] {
				name, value, _ := strings.Cut(w, " ")
				if got := fmt.Sprint(lookup(event, strings.Split(name, ".")...)); got != value {
					t.Errorf("%s: %s is %s, want %s", schema, name, got, value)
				}
			}
		}
		e := encoderOf(t, schema, false, site)
		for _, r := range []string{string(raw), string(readable), `{"summary":"Space created"}`, `{}`, `[]`, `{`} {
			e.Append(nil, own, parsed(r), event.Meta{})
		}
		if e.Unknown() != 3 {
			t.Errorf("%s counted %d unknown actions, want 3", schema, e.Unknown())
		}
	}
}

// millis is the layout of times: RFC 3339 in UTC, to the millisecond.
const millis = "2006-01-02T15:04:05.000Z"

// TestScratch: an event does not depend on the records before it, and the memory of large records
// is freed.
func TestScratch(t *testing.T) {
	t.Parallel()
	for _, schema := range formats() {
		testScratch(t, schema, site, actionSamples(t))
		testScratch(t, schema, jiraSite, jiraSamples(t))
	}
}

func testScratch(t *testing.T, schema string, site event.Site, samples [][]byte) {
	t.Helper()
	large := []byte(`{"affectedObjects":[{"name":"x"}` + strings.Repeat(`,{"name":"x"}`, 20000) + `]}`)
	var doc document.Document
	e := encoderOf(t, schema, false, site)
	for i, raw := range samples {
		if i%40 == 7 {
			doc.Parse(large)
			e.Append(nil, own, &doc, event.Meta{Read: read})
			doc.Parse([]byte(`{}`))
			e.Append(nil, own, &doc, event.Meta{Read: read})
		}
		fresh := encoderOf(t, schema, false, site).Append(nil, own, parsed(raw), event.Meta{Read: read})
		doc.Parse(raw)
		if !bytes.Equal(e.Append(nil, own, &doc, event.Meta{Read: read}), fresh) {
			t.Errorf("%s of record %d depends on what came before", schema, i)
		}
	}
}
