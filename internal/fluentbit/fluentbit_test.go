package fluentbit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func getenv(name string) string {
	return map[string]string{"USER_MAIL": "jane@example.com", "EMPTY": ""}[name]
}

func TestInputs(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]Input{
		"testdata/fluent-bit.conf": {
			{Where: "testdata/fluent-bit.conf:6", Properties: []Property{
				{Key: "Name", Value: "confluence"},
				{Key: "Tag", Value: "audit"},
				{Key: "API_URL", Value: "https://acme.atlassian.net"},
				{Key: "user_identifier", Value: "jane@example.com"},
				{Key: "api_token_file", Value: "/run/secrets/token"},
				{Key: "poll_interval", Value: "5m"},
			}},
			{Where: "testdata/inputs/datacenter.conf:1", Properties: []Property{
				{Key: "name", Value: "confluence"},
				{Key: "api_url", Value: "https://wiki.example.com"},
				{Key: "api_url", Value: "https://second.example.com"},
				{Key: "personal_access_token", Unset: []string{"NOT_SET"}},
			}},
		},
		"testdata/fluent-bit.yaml": {
			{Where: "testdata/inputs/datacenter.yaml:6", Properties: []Property{
				{Key: "Name", Value: "Confluence"},
				{Key: "api_url", Value: "https://wiki.example.com"},
				{Key: "personal_access_token", Value: "secret-pat"},
			}},
			{Where: "testdata/fluent-bit.yaml:9", Properties: []Property{
				{Key: "name", Value: "confluence"},
				{Key: "tag", Value: "audit"},
				{Key: "API_URL", Value: "https://acme.atlassian.net"},
				{Key: "user_identifier", Value: "jane@example.com"},
				{Key: "api_token_file", Value: "/run/secrets/token"},
				{Key: "page_size", Value: "0500"},
				{Key: "tls_verify", Value: "on"},
				{Key: "schema", Value: "raw"},
				{Key: "schema", Value: "ecs"},
			}},
		},
	} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			got, err := Inputs(name, "confluence", getenv)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("inputs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInput(t *testing.T) {
	t.Parallel()
	in := Input{Properties: []Property{
		{Key: "Name", Value: "confluence"}, {Key: "Api_Url", Value: "first"}, {Key: "api_url", Value: "second"},
		{Key: "net.keepalive", Value: "on"}, {Key: "tls", Value: "on"}, {Key: "oauth2.enable", Value: "on"}, {Key: "tls_verify", Value: "on"},
	}}
	if got := in.Get("api_url"); got != "first" {
		t.Errorf("api_url is %q, the first wins", got)
	}
	if diff := cmp.Diff([]string{"Api_Url", "api_url", "tls_verify"}, in.Keys()); diff != "" {
		t.Errorf("keys for the plugin (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"net.keepalive: leave it out, net.* crashes Fluent Bit with this plugin; there are timeout and proxy",
		"tls: leave it out, Fluent Bit refuses it for this plugin; there are ca_file and tls_verify",
		"oauth2.enable: leave it out, Fluent Bit keeps oauth2* for itself; there are client_id, client_secret and token_url",
	}, in.Harmful()); diff != "" {
		t.Errorf("harmful keys (-want +got):\n%s", diff)
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"A": "1", "B": "${A}"}[name]
		return value, ok
	}
	for _, test := range []struct {
		value, want string
		unset       []string
	}{
		{"plain $A", "plain $A", nil},
		{"${A}", "1", nil},
		{"x${A}y${A}z", "x1y1z", nil},
		{"${B}", "${A}", nil}, // a value is not looked into again
		{"${C}", "", []string{"C"}},
		{"${C:-d}${D}", "d", []string{"D"}},
		{"${A:-d}", "1", nil},
		{"${C:-}", "", nil},
		{"${A", "${A", nil},
		{"}${A}", "}${A}", nil},
	} {
		got, unset := expand(test.value, lookup)
		if got != test.want || !cmp.Equal(unset, test.unset) {
			t.Errorf("expand(%q) = %q, %q; want %q, %q", test.value, got, unset, test.want, test.unset)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, want string }{
		"classic bracket": {"a.conf", "[INPUT\n", "a.conf:1: want [SECTION] with a closing bracket"},
		"classic value":   {"a.conf", "[INPUT]\n    api_token\n", `a.conf:2: want a key, a space and a value; Fluent Bit refuses "api_token"`},
		"classic set":     {"a.conf", "@SET A\n", "a.conf:1: want @SET name=value"},
		"classic include": {"a.conf", "@INCLUDE none.conf\n", "none.conf: no such file or directory"},
		"include itself":  {"a.conf", "@INCLUDE a.conf\n", "it is included twice"},
		"yaml syntax":     {"a.yaml", "pipeline: [\n", "a.yaml: yaml: line 1"},
		"yaml map":        {"a.yaml", "pipeline:\n  inputs:\n    - name: confluence\n      api_url: {a: b}\n", "a.yaml:4: api_url: want text, not a map: Fluent Bit refuses it"},
		"yaml include":    {"a.yaml", "includes: [a.yaml]\n", "it is included twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), test.file)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			inputs, err := Inputs(path, "confluence", getenv)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want an error with %q", inputs, err, test.want)
			}
		})
	}
}

func TestErrorsKeepSecrets(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3tPassw0rd"
	for name, text := range map[string]string{
		"a.conf": "[INPUT]\n    api_token=" + secret + "\n",
		"b.conf": "[INPUT]\n    " + secret + "\n",
		"c.conf": secret + " x\n",
		"d.conf": "[INPUT]\n    api_token\t" + secret + "\n",
		"a.yaml": "pipeline:\n  inputs:\n    - api_token: *" + secret + "\n",
		"b.yaml": "pipeline:\n  inputs:\n    - db: &" + secret + " x\n      api_token: *" + secret + "\n",
		"c.yaml": "pipeline:\n  inputs:\n    - api_token: {" + secret + ": x}\n",
		"d.yaml": "pipeline:\n  inputs:\n    - api_token: !" + secret + "! x\n",
		"e.yaml": "pipeline:\n  inputs:\n    - api_token: %" + secret + "\n",
		"f.yaml": "env: [A=" + secret + "]\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Inputs(path, "confluence", getenv); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: want an error without the secret, have %v", name, err)
		}
	}
}

// FuzzInputs wants no panic, no endless reading, and nothing that is not in the file.
func FuzzInputs(f *testing.F) {
	for _, file := range []string{"testdata/fluent-bit.conf", "testdata/fluent-bit.yaml"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, read := range []func(*reader) error{
			func(r *reader) error { return r.classic("x", data) },
			func(r *reader) error { return r.yaml("x", data) },
		} {
			r := &reader{root: "testdata", env: make(map[string]string), files: make([]string, maxFiles)}
			_ = read(r)
			_, _ = r.wanted(getenv, func(string, string) bool { return true })
		}
	})
}
