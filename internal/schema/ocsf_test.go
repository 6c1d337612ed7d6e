package schema

import (
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/event"
)

// TestOCSFVersions: events of two releases differ only in the expected values.
func TestOCSFVersions(t *testing.T) {
	t.Parallel()
	const app = `"author":{"accountId":"a","displayName":"App","accountType":"app"}`
	for _, c := range []struct{ raw, path, newest, older string }{
		{`{"summary":"Space created",` + app + `}`, "metadata.version", "1.8.0", "1.4.0"},
		{`{"summary":"Space created",` + app + `}`, "actor.user.type_id", "4", "99"},
		{`{"summary":"Space created",` + app + `}`, "actor.user.type", "Service", "Service"},
		{`{"summary":"Space permission added","affectedObjects":[{"name":"U","type":"User"},{"name":"S","type":"Space"}]}`,
			"resources", "[[{name S} {type Space}]]", "<nil>"},
		{`{"summary":"Space permission added","affectedObjects":[{"name":"U","type":"User"},{"name":"S","type":"Space"}]}`,
			"resource", "<nil>", "[{name S} {type Space}]"},
		{`{"summary":"Space permission added","affectedObjects":[{"name":"G","type":"Group"},{"name":"S","type":"Space"}]}`,
			"resource.name", "S", "S"},
	} {
		for schema, want := range map[string]string{"ocsf": c.newest, "ocsf 1.4.0": c.older} {
			event := line(t, schema, false, own, []byte(c.raw))
			if got := fmt.Sprint(lookup(event, strings.Split(c.path, ".")...)); got != want {
				t.Errorf("%s of %s: %s is %s, want %s", schema, c.raw, c.path, got, want)
			}
		}
	}
}

// TestOCSFObservables: all users of an event are observables, except the system, and unknown and
// anonymous users.
func TestOCSFObservables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, want string }{
		"actor, target and group": {
			`{"summary":"User added to group","remoteAddress":"192.0.2.1","author":{"accountId":"a","displayName":"Ada"},
			  "affectedObject":{"name":"staff:7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99","objectType":"Group"},"associatedObjects":[{"name":"bob@example.com","objectType":"User"}]}`,
			"src_endpoint.ip=192.0.2.1 actor.user.uid=a user.name=bob@example.com user.email_addr=bob@example.com group.name=staff group.uid=7c1d9a30-2f44-4c5b-8a5e-0d6b3c2f1e99",
		},
		"a target with an id": {
			`{"author":{"id":"k1","uri":"?username=ada"},"type":{"actionI18nKey":"audit.logging.summary.user.deactivated"},
			  "affectedObjects":[{"name":"Bob","type":"User","id":"k2","uri":"?username=bob"}]}`,
			"actor.user.name=ada actor.user.uid=k1 user.name=bob user.uid=k2",
		},
		"the system": {`{"summary":"Space created","author":{"displayName":"System"}}`, ""},
		"a target not in the class": {
			`{"summary":"Content restriction added","author":{"accountId":"a"},"affectedObject":{"name":"Bob","objectType":"User"}}`, "actor.user.uid=a",
		},
		"a refused login": {
			`{"author":{"id":"-2","name":"Anonymous"},"type":{"actionI18nKey":"audit.logging.summary.login.failed"},"affectedObjects":[{"name":"bob","type":"User"}]}`,
			"actor.user.name=bob user.name=bob",
		},
		"a refused login of nobody": {`{"author":{"id":"-2","name":"Anonymous"},"type":{"actionI18nKey":"audit.logging.summary.login.failed"}}`, ""},
	} {
		for _, schema := range []string{"ocsf", "ocsf 1.4.0"} {
			event := line(t, schema, false, own, []byte(c.raw))
			list, _ := event.get("observables").([]any)
			var got []string
			for _, o := range list {
				got = append(got, fmt.Sprintf("%v=%v", o.(object).get("name"), o.(object).get("value")))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s, %s: %s, want %s", schema, name, strings.Join(got, " "), c.want)
			}
		}
	}
}

// TestValidOCSF: the validation finds errors in an event.
func TestValidOCSF(t *testing.T) {
	t.Parallel()
	raw := []byte(`{"summary":"Space permission added","remoteAddress":"192.0.2.1","author":{"accountId":"a","displayName":"Ada","email":"ada@example.com"},
		"affectedObjects":[{"name":"Bob","type":"User"},{"name":"S","type":"Space"}]}`)
	web := []byte(`{"summary":"Space created","author":{"accountId":"a"},"affectedObject":{"name":"S","objectType":"Space"}}`)
	for _, c := range []struct {
		raw            []byte
		from, to, want string
	}{
		{raw, `"time":`, `"when":`, "no time"},
		{raw, `"message":`, `"massage":`, "massage is no attribute"},
		{raw, `"message":"`, `"time":"`, "time"},
		{raw, `"severity_id":2`, `"severity_id":17`, `severity_id is 17 with the text "Low", want ""`},
		{raw, `"severity":"Low"`, `"severity":"Medium"`, `severity_id is 2 with the text "Medium", want "Low"`},
		{raw, `"type_uid":300501`, `"type_uid":300502`, "type 300502 of class 3005, activity 1"},
		{raw, `"class_uid":3005`, `"class_uid":3006`, "type 300501 of class 3006, activity 1"},
		{raw, `"category_uid":3`, `"category_uid":6`, `category_uid is 6 with the text "Identity & Access Management", want ""`},
		{raw, `"resources":[{"name":"S","type":"Space"}]`, `"resource":{"name":"S"}`, "resource is deprecated since 1.5.0"},
		{raw, `"version":"1.8.0"`, `"version":"1.4.0"`, "resources is no attribute"},
		{raw, `"version":"1.8.0"`, `"version":"1.5.0"`, "read version \"1.5.0\" of OCSF"},
		{raw, `"user":{"name":"Bob","full_name"`, `"user":{"full_name"`, "user. has none of [account name uid]"},
		{raw, `"src_endpoint":{"ip":"192.0.2.1"}`, `"src_endpoint":{"ip":"192.0.2.x"}`, "src_endpoint.ip is 192.0.2.x, want ip_t"},
		{raw, `"email_addr":"ada@example.com"`, `"email_addr":"ada"`, "actor.user.email_addr is ada, want email_t"},
		{raw, `"privileges":["Space permission added"]`, `"privileges":[]`, "privileges is [], want a list"},
		{raw, `"name":"user.name"`, `"name":"user.uid"`, "observable user.uid is Bob, the attribute <nil>"},
		{raw, `"type":"User Name"`, `"type":"Name"`, `observables.type_id is 4 with the text "Name", want "User Name"`},
		{raw, `"name":"user.name","type_id":4,"type":"User Name"`, `"name":"user.name","type_id":21,"type":"User"`, "observable user.name is of type 21, want 4"},
		{web, `"profiles":["host"]`, `"log_level":"x"`, "actor wants the profile host"},
	} {
		text := encoderOf(t, "ocsf", false, site).AppendJSON(nil, own, parsed(c.raw), event.Meta{Read: read})
		broken := strings.Replace(string(text), c.from, c.to, 1)
		v, err := decodeJSON([]byte(broken))
		if err != nil || broken == string(text) {
			t.Fatalf("%s is not in %s", c.from, text)
		}
		if err := validOCSF(v.(object)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s -> %s: %v, want %s", c.from, c.to, err, c.want)
		}
	}
}
