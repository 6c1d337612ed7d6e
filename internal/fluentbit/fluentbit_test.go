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

func TestRead(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]Section{
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
			configuration, err := Read(name, getenv)
			got := configuration.Inputs("confluence")
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
	in := Section{Properties: []Property{
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
	}, in.Mistakes()); diff != "" {
		t.Errorf("harmful keys (-want +got):\n%s", diff)
	}
}

// All service sections of all files together make one service, and of a repeated key the last one
// counts.
func TestService(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a.conf": "[SERVICE]\n    HTTP_Server Off\n    http_port 1\n    flush ${EMPTY}\n[INPUT]\n    name x\n    http_port 5\n[SERV]\n    http_server On\n    http_port ${PORT}\n",
		"a.yaml": "service:\n  http_server: off\n  httpServer: On\n  http_port: 1\n  HTTP_Port: ' ${PORT} '\n  flush: ${EMPTY}\npipeline:\n  inputs:\n    - name: x\n      http_port: 5\n",
		"b.yaml": "service:\n  http_port: 1\nserv:\n  http_server: on\n  http_port: ${PORT}\n  flush: ${EMPTY}\n",
		"b.conf": "@INCLUDE service.inc\n[INPUT]\n    name x\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "service.inc"), []byte("[SERVICE]\n    http_server yes\n    http_port ${PORT}\n    flush ${EMPTY}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Read(filepath.Join(dir, name), func(name string) string { return map[string]string{"PORT": "2021"}[name] })
		if err != nil {
			t.Fatal(err)
		}
		if port, on := c.Service.Get("http_port"), c.Service.On("http_server"); port != "2021" || !on || c.Service.Unset("http_port") != nil {
			t.Errorf("%s: http_port %q, http_server %v; want 2021, true", name, port, on)
		}
		if unset := c.Service.Unset("FLUSH"); !cmp.Equal(unset, []string{"EMPTY"}) {
			t.Errorf("%s: flush has the unset variables %q", name, unset)
		}
		if c.Service.On("flush") || c.Service.On("none") {
			t.Errorf("%s: what is no word for on is on", name)
		}
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
		{"${B}", "${A}", nil}, // a value is not expanded again
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
			configuration, err := Read(path, getenv)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want an error with %q", configuration, err, test.want)
			}
		})
	}
}

// Besides the inputs, the service, the shared objects, the secrets and the unset variables are
// read.
func TestAround(t *testing.T) {
	t.Parallel()
	want := Configuration{
		Service: []Property{{Key: "daemon", Value: "off"}, {Key: "plugins_file", Value: "jane@example.com.conf"}},
		Plugins: []string{"/a/jane@example.com.so", "jane@example.com.conf"},
		Secrets: []string{"pass", "word"},
		Unset:   []string{"NOT_SET"},
	}
	for name, text := range map[string]string{
		"a.conf": "[SERVICE]\n  daemon off\n  plugins_file ${USER_MAIL}.conf\n[PLUGINS]\n  /a/${USER_MAIL}.so x\n" +
			"[OUTPUT]\n  name http\n  http_Passwd pass\n  proxy http://bob:word@proxy\n  host ${NOT_SET}\n",
		"a.yaml": "service:\n  daemon: off\n  plugins_file: ${USER_MAIL}.conf\nplugins:\n  - /a/${USER_MAIL}.so\n" +
			"pipeline:\n  outputs:\n    - name: http\n      http_passwd: pass\n      proxy: http://bob:word@proxy\n      host: ${NOT_SET}\n",
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path, getenv)
		got.Files, got.Outputs, got.inputs = nil, nil, nil
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Configuration{})); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
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
		if _, err := Read(path, getenv); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: want an error without the secret, have %v", name, err)
		}
	}
}

// FuzzRead looks for panics, endless reads, and text that is not in the file.
func FuzzRead(f *testing.F) {
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
			_, _ = r.configuration(getenv)
		}
	})
}
