package recipes

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"fluent-bit-confluence/test/rig/rigtest"
)

// rsyslog starts a server with TLS that runs action for each message. dir is its folder.
func rsyslog(t *testing.T, action func(dir string) string) (env map[string]string, dir string) {
	t.Helper()
	program := tool(t, "rsyslogd")
	dir = t.TempDir()
	ca, cert, key := authorityOf().files(t)
	address := freeAddress(t)
	host, port, _ := net.SplitHostPort(address)
	config := filepath.Join(dir, "rsyslog.conf")
	text := fmt.Sprintf(`
global(workDirectory=%[1]q maxMessageSize="64k" defaultNetstreamDriverCAFile=%[2]q defaultNetstreamDriverCertFile=%[3]q defaultNetstreamDriverKeyFile=%[4]q)
module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")
input(type="imtcp" address="%[5]s" port="%[6]s")
%[7]s
`, dir, ca, cert, key, host, port, action(dir))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon(t, exec.Command(program, "-n", "-f", config, "-i", filepath.Join(dir, "pid")))
	awaitListener(t, address)
	return map[string]string{"SYSLOG_HOST": host, "SYSLOG_PORT": port, "CA_FILE": ca}, dir
}

// Debian's rsyslog writes the records to a file, each without a change.
func TestRsyslog(t *testing.T) {
	eachForm(t, "syslog", func(r *recipe) {
		env, dir := rsyslog(r.T, func(dir string) string {
			return fmt.Sprintf(`
template(name="line" type="string" string="%%msgid%% %%msg%%\n")
global(parser.escapeControlCharactersOnReceive="off" parser.escape8BitCharactersOnReceive="off")
action(type="omfile" file=%q template="line")`, filepath.Join(dir, "audit.log"))
		})
		r.start(env)
		want := r.originals()
		var text []byte
		rigtest.Await(r.T, "all lines", func() bool {
			text, _ = os.ReadFile(filepath.Join(dir, "audit.log"))
			return bytes.Count(text, []byte("\n")) >= len(want)
		})
		got := make(map[string]any)
		for line := range bytes.Lines(text) {
			id, message, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
			got[string(id)] = string(bytes.TrimPrefix(bytes.TrimPrefix(message, []byte(" ")), []byte("\ufeff")))
		}
		compare(r.T, want, got)
	})
}
