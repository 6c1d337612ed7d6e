package host

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The test configuration has nothing of the running Fluent Bit: not its inputs, its buffer, its
// state, its port or its log.
func TestCopyWithInputs(t *testing.T) {
	t.Parallel()
	for file, tt := range map[string]struct{ text, want string }{
		"fluent-bit.conf": {`@SET x=y
[SERVICE]
    flush 5
    parsers_file p.conf
    storage.path /buffer
    http_port 2020
[INPUT]
    name confluence
    db /state.db
[FILTER]
    name lua
    match *
[INPUT]
    name cpu
[OUTPUT]
    name stdout
`, `[SERVICE]
    flush 1
    grace 1
    log_level info
    http_server on
    http_listen 127.0.0.1
    http_port 1234
    parsers_file p.conf
@SET x=y
[FILTER]
    name lua
    match *
[OUTPUT]
    name stdout

[INPUT]
    name dummy
    tag t
    samples 1
    dummy {"a":1}
`},
		"fluent-bit.yaml": {`service:
  flush: 5
  parsers_file: p.conf
  storage.path: /buffer
pipeline:
  inputs:
    - name: confluence
      db: /state.db
  outputs:
    - name: stdout
      match: '*'
`, `pipeline:
    inputs:
        - dummy: '{"a":1}'
          name: dummy
          samples: "1"
          tag: t
    outputs:
        - match: '*'
          name: stdout
service:
    flush: "1"
    grace: "1"
    http_listen: 127.0.0.1
    http_port: "1234"
    http_server: "on"
    log_level: info
    parsers_file: p.conf
`},
	} {
		path := filepath.Join(t.TempDir(), file)
		if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		copied, err := withInputs(path, []TestInput{{"t", `{"a":1}`}}, "1234")
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(copied.path)
		if err != nil || filepath.Dir(copied.path) != filepath.Dir(path) {
			t.Errorf("%s: copied as %s, %v", file, copied.path, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		copied.Remove()
		if _, err := os.Stat(copied.path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left: %v", copied.path, err)
		}
	}
}
