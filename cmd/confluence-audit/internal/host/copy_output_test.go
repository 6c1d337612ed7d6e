package host

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Only one output is left, without the keys that could keep a chunk from it, and no input and no
// filter.
func TestCopyWithOutput(t *testing.T) {
	t.Parallel()
	for file, tt := range map[string]struct{ text, want string }{
		"fluent-bit.conf": {"@SET x=y\n[SERVICE]\n\tflush 5\n\tparsers_file p.conf\n\tstreams_file s.conf\n\tstorage.path /buffer\n[INPUT]\n\tname confluence\n[FILTER]\n\tname lua\n" +
			"[OUTPUT]\n\tname http\n\tmatch *\n[OUTPUT]\n\tName splunk\n\tMatch_Regex ^c\n\tsplunk_token ${TOKEN}\n\tstorage.total_limit_size 1M\n[FILTER]\n\tname grep\n",
			"[SERVICE]\n\tflush 1\n\tgrace 1\n\tlog_level info\n\thttp_server on\n\thttp_listen 127.0.0.1\n\thttp_port 1234\n\tstorage.path /made\n\tstorage.backlog.mem_limit 32M\n\tparsers_file p.conf\n" +
				"@SET x=y\n[OUTPUT]\n\tmatch *\n\tName splunk\n\tsplunk_token ${TOKEN}\n\n"},
		"fluent-bit.yaml": {`env:
  x: y
service:
  flush: 5
  parsers_file: p.conf
  streams_file: s.conf
  storage.path: /buffer
stream_processor:
  - {name: a, exec: b}
pipeline:
  inputs:
    - {name: confluence, routes: {logs: []}}
  filters:
    - {name: lua}
  outputs:
    - {name: http, match: '*'}
    - {name: splunk, Match_Regex: ^c, splunk_token: '${TOKEN}', storage.total_limit_size: 1M}
`, `env:
    x: "y"
pipeline:
    inputs: []
    outputs:
        - match: '*'
          name: splunk
          splunk_token: ${TOKEN}
service:
    flush: "1"
    grace: "1"
    http_listen: 127.0.0.1
    http_port: "1234"
    http_server: "on"
    log_level: info
    parsers_file: p.conf
    storage.backlog.mem_limit: 32M
    storage.path: /made
`},
	} {
		path := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		copied, err := withOutput(path, 1, 2, "/made", "1234")
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(copied.path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		copied.Remove()
		if _, err := withOutput(path, 1, 3, "/made", "1234"); !errors.Is(err, errNotFound) {
			t.Errorf("%s: an output that is somewhere else: %v", file, err)
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
			t.Errorf("%s: there are %v left", file, left)
		}
	}
}
