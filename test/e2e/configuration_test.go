package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

const secret = "tops3cret-value"

// With a wrong configuration Fluent Bit does not start, and its log has one line for each mistake.
func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	f := newInstance(t, rig.Config{
		Inputs: []rig.Keys{{
			"name": "confluence", "api_url": "https://acme.atlassian.net", "user_identifier": "jane@example.com", "api_token": secret,
			"personal_access_token": secret, "poll_interval": "5x", "page_size": "none", "tls_verify": "maybe",
		}},
		Outputs: []rig.Keys{{"name": "null", "match": "*"}},
	})
	f.start()
	if code := f.AwaitEnd(); code == 0 {
		t.Error("exit code 0")
	}
	log := f.Log()
	for _, want := range []string{"personal_access_token is for Data Center", `poll_interval "5x": want`, `page_size "none": want`, `tls_verify "maybe": want`} {
		if n := strings.Count(log, "[error] [input:confluence:confluence.0] "+want); n != 1 {
			t.Errorf("%d lines begin with %q", n, want)
		}
	}
	wantNoSecret(t, log)
}

// After a token was refused, all records are delivered once its file is corrected, without a
// restart.
func TestTokenMended(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, simulate.Options{Seed: 30, Records: 50})
	receiver := newReceiver(t)
	token := file(t, "token", secret+"\n")
	f := newInstance(t, rig.Config{
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"api_token": "", "api_token_file": token, "start_from": "48h", "db": filepath.Join(dir, "state.db")})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	f.AwaitLog("refused the e-mail and API token: check the credential for typing errors", 1)
	f.AwaitLog("the checkpoint is kept, next try in", 1)
	if n := receiver.Count(); n > 0 {
		t.Errorf("%d events with a wrong token", n)
	}
	if err := os.WriteFile(token, []byte("unscoped-token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantOnce(t, awaitAll(t, receiver, s))
	f.AwaitLog("the audit log can be read again", 1)
	f.stop()
	wantNoSecret(t, f.Log())
}

// Daemon mode forks after the plugin was loaded, which Go does not support. It must be refused and
// not hang.
func TestDaemonModeRefused(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "fluent-bit.log")
	f := newInstance(t, rig.Config{
		Service: rig.Service().With(rig.Keys{"daemon": "on", "log_file": log}),
		Inputs:  []rig.Keys{{"name": "confluence", "api_url": "https://acme.atlassian.net", "user_identifier": "jane@example.com", "api_token": secret}},
		Outputs: []rig.Keys{{"name": "null", "match": "*"}},
	})
	f.start()
	f.AwaitEnd() // of the parent
	t.Cleanup(func() {
		if p := daemon(f.config); p != nil {
			_ = p.Kill()
		}
	})
	read := func() string {
		text, _ := os.ReadFile(log)
		return string(text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := rig.Await(ctx, func() bool { return strings.Contains(read(), "daemon mode is not possible") }); err != nil {
		t.Errorf("no word of daemon mode:\n%s", read())
	}
	if err := rig.Await(ctx, func() bool { return daemon(f.config) == nil }); err != nil {
		t.Errorf("the daemon hangs:\n%s", read())
	}
}

// daemon returns the process that was started with a configuration, nil when there is none.
func daemon(config string) *os.Process {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range files {
		if line, _ := os.ReadFile(path); strings.Contains(string(line), config) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			p, _ := os.FindProcess(pid)
			return p
		}
	}
	return nil
}

// The plugin's log lines go to Fluent Bit's log, and log_level applies to them.
func TestLog(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ level, has, lacks string }{
		{"debug", "first run: begins with records of", secret},
		{"info", "first run: begins with records of", "[debug] [input:confluence"},
		{"error", "", "[ warn] [input:confluence:confluence.0]"},
	} {
		t.Run(test.level, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			log := filepath.Join(dir, "fluent-bit.log")
			s := newSite(t, simulate.Options{Seed: 31, Records: 20})
			receiver := newReceiver(t)
			f := newInstance(t, rig.Config{
				Service: rig.Service().With(rig.Keys{"log_file": log}),
				Inputs: []rig.Keys{s.input().With(rig.Keys{
					"start_from": "48h", "log_level": test.level, "db": filepath.Join(dir, "state.db"), "token_expires": "2020-01-01",
				})},
				Outputs: []rig.Keys{receiver.Output()},
			})
			f.start()
			awaitAll(t, receiver, s)
			f.stop()
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text); !strings.Contains(got, test.has) || strings.Contains(got, test.lacks) || !strings.Contains(got, "the token expired on 2020-01-01") {
				t.Errorf("at level %s the log wants %q, and not %q:\n%s", test.level, test.has, test.lacks, got)
			}
			if strings.Contains(f.Log(), "confluence:") {
				t.Errorf("lines of the plugin are not in log_file but here:\n%s", f.Log())
			}
		})
	}
}

func wantNoSecret(t *testing.T, log string) {
	t.Helper()
	if strings.Contains(log, secret) {
		t.Errorf("the log holds the secret:\n%s", log)
	}
}
