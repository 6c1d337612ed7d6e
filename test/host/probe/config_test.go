package probe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// once runs one input for one callback, without a script.
func once(t *testing.T, args ...string) *command {
	t.Helper()
	return newCommand(t, "", append(args, "--tick", "10", "--callbacks", "1")...)
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		properties []string
	}{
		{"any case", "shown=x host=", []string{"sHoWn=x"}},
		{"first hit wins", "shown=first host=", []string{"shown=first", "SHOWN=second"}},
		{"first hit wins even when empty", "shown= host=", []string{"shown=", "shown=second"}},
		{"reserved keys are hidden", "shown= host=", []string{"host=h", "port=1", "rate_gate.max_bytes=1", "tls.verify_hostname=off", "storage.type=memory"}},
		{"value with an equals sign", "shown=a=b host=", []string{"shown=a=b"}},
		{"variable", "shown=<value> host=", []string{"shown=<${HOST_TEST_SET}>"}},
		{"variables", "shown=value.value host=", []string{"shown=${HOST_TEST_SET}.${HOST_TEST_SET}"}},
		{"unset variable", "shown=<> host=", []string{"shown=<${HOST_TEST_UNSET}>"}},
		{"default", "shown=d host=", []string{"shown=${HOST_TEST_UNSET:-d}"}},
		{"default of an empty variable", "shown=d host=", []string{"shown=${HOST_TEST_EMPTY:-d}"}},
		{"default not needed", "shown=value host=", []string{"shown=${HOST_TEST_SET:-d}"}},
		{"no variable", "shown=${x host=", []string{"shown=${x"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := []string{"-i", "probe"}
			for _, property := range test.properties {
				args = append(args, "-p", property)
			}
			c := once(t, args...)
			c.Env = append(os.Environ(), "HOST_TEST_SET=value", "HOST_TEST_EMPTY=")
			c.run(t, 0).wantStderr(t, "[probe] property 0 "+test.want+"\n")
		})
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fluent-bit.conf")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigFile(t *testing.T) {
	t.Parallel()
	path := write(t, `# a comment
@SET GREETING = hello

[SERVICE]
    Flush      1
    Log_Level  error

[INPUT]
    # the name may stand anywhere
    Shown      ${GREETING}, two  words
    Records    1
    Emit       event
    Name       Probe
    Tag        a "tag"
[input]
    name probe
    log_level debug

[OUTPUT]
    name  stdout
    match *
`)
	c := once(t, "-c", path).run(t, 0)
	c.wantStderr(t, "[probe] property 0 shown=hello, two  words host=\n")
	c.wantStderr(t, "[probe] Level 0 flb-in-probe.0- debug=0\n")
	c.wantStderr(t, "[probe] Level 1 flb-in-probe.1- debug=1\n")
	if first := lines(c.stdout.String())[0]; !strings.HasPrefix(first, `{"tag":"a \"tag\"","time":`) {
		t.Errorf("tag: %s", first)
	}
	if strings.Contains(c.stderr.String(), "[engine]") {
		t.Errorf("log_level error does not hold for the host:\n%s", &c.stderr)
	}
}

func TestLogLevel(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]string{"": "debug=0", "-v": "debug=1", "-vv": "debug=1", "-q": "debug=0", "--log-level=trace": "debug=1"} {
		args := []string{"-i", "probe"}
		if flag != "" {
			args = append(args, flag)
		}
		once(t, args...).run(t, 0).wantStderr(t, want)
	}
}

// crashed is the exit code of a process that was ended by a signal.
const crashed = -1

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args []string
		env  string
		code int
		want string
	}{
		{"no input", nil, "", 1, "give -i NAME, -c FILE or --script FILE"},
		{"unknown flag", []string{"--nope"}, "", 1, "usage: testhost"},
		{"property before input", []string{"-p", "a=b"}, "", 1, "give -i first"},
		{"property without value", []string{"-i", "probe", "-p", "a"}, "", 1, "want key=value"},
		{"net. key", []string{"-i", "probe", "-p", "net.keepalive=on"}, "", 1, "crashes"},
		{"oauth2 key", []string{"-i", "probe", "-p", "oauth2_id=x"}, "", 1, "keeps keys"},
		{"tls", []string{"-i", "probe", "-p", "tls=on"}, "", 1, "does not support TLS"},
		{"another plugin", []string{"-i", "dummy"}, "", 1, "tried to instance a plugin name that doesn't exist: 'dummy'"},
		{"unknown version", []string{"-i", "probe", "--abi", "1.9"}, "", 1, "one of 5.1, 4.2, 4.1"},
		{"bad number", []string{"-i", "probe", "--tick", "0"}, "", 1, "--tick: '0' is not a whole number of at least 1"},
		{"pause of nothing", []string{"-i", "probe", "--pause-at", "1:5"}, "", 1, "there is no input 1"},
		{"no file", []string{"-c", "/nonexistent"}, "", 1, "open /nonexistent: No such file"},
		{"no shared object", []string{"-i", "probe", "-e", "nothing.so"}, "", 2, "error opening plugin nothing.so"},
		{"register refuses", []string{"-i", "probe"}, "PROBE_REFUSE=1", 2, "FLBPluginRegister refused"},
		{"init refuses", []string{"-i", "probe", "-p", "fail=1"}, "", 3, "plugin 'probe.0' failed to initialize"},
		{"write behind 32 bytes", []string{"-i", "probe", "--abi", "4.1"}, "PROBE_OVERFLOW=1", crashed, "the plugin crashed"},
		{"no write behind 40 bytes", []string{"-i", "probe", "--abi", "4.2"}, "PROBE_OVERFLOW=1", 0, "[engine] service has stopped"},
		{"size without data", []string{"-i", "probe", "-p", "emit=size-without-data"}, "", 5, "size 1 without data"},
		{"data without size", []string{"-i", "probe", "-p", "emit=data-without-size"}, "", 5, "data with size 0"},
		{"minus one", []string{"-i", "probe", "-p", "records=1", "-p", "emit=minus-one"}, "", 5, "returned -1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := once(t, test.args...)
			c.Env = append(os.Environ(), test.env)
			c.run(t, test.code).wantStderr(t, test.want)
		})
	}
}

func TestConfigFileMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"key value\n":                           ":1: 'key' is in no section",
		"[INPUT\n":                              ":1: want [SECTION]",
		"[INPUT]\n  tag x\n":                    ":2: section [INPUT] has no name",
		"@INCLUDE other.conf\n":                 ":1: of the @ commands only @SET",
		"[SERVICE]\n log_level loud\n":          ":2: no log level 'loud'",
		"[INPUT]\n name probe\n oauth2.x y\n\n": "property 'oauth2.x'",
		"[OUTPUT]\n name stdout\n":              "no input",
	} {
		once(t, "-c", write(t, text)).run(t, 1).wantStderr(t, want)
	}
}

func TestScriptMistakes(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]struct {
		code    int
		message string
	}{
		"# nothing\n\njump 0\n":                  {1, "line 3: no step 'jump'"},
		"callback 0\n":                           {1, "line 1: there is no input 0"},
		"init\nexit 0\ncallback 0\n":             {1, "line 3: there is no input 0"},
		"init\ncallback 0 2\n":                   {1, "line 2: want callback A xN"},
		"init\npause 0 1\n":                      {1, "line 2: '1' is too much"},
		"init\nsleep long\n":                     {1, "line 2: want a number, have 'long'"},
		"init a\n":                               {1, "line 1: want key=value, have 'a'"},
		"init fail=1\n":                          {3, "failed to initialize"},
		"init\ncallback 0\nexpect 0 1\nexpect 0": {6, "line 3: input 0 delivered 0 records, want 1"},
	} {
		newCommand(t, script).run(t, want.code).wantStderr(t, want.message)
	}
}
