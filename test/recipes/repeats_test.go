package recipes

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// When all records are delivered twice to PostgreSQL behind rsyslog, as after the loss of the state
// file, one row is left of each: the event id is the primary key.
func TestRepeatsAreHarmless(t *testing.T) {
	t.Parallel()
	r := newRecipe(t, "syslog", "fluent-bit.yaml", "cloud")
	query, socket := postgres(t)
	query("create table audit (event_id text primary key, record jsonb not null)")
	// The message begins with the byte order mark of UTF-8, as RFC 5424 requires.
	env, dir := rsyslog(t, func(dir string) string {
		return fmt.Sprintf(`
module(load="ompgsql")
template(name="row" type="string" option.stdsql="on" string="insert into audit values ('%%msgid%%', trim(E' \\uFEFF' from '%%msg%%')::jsonb) on conflict do nothing")
template(name="line" type="string" string="%%msgid%%\n")
action(type="ompgsql" server=%q db="postgres" user="postgres" template="row")
action(type="omfile" file=%q template="line")`, socket, filepath.Join(dir, "seen"))
	})
	want := r.originals()
	for deliveries := 1; deliveries <= 2; deliveries++ {
		f := r.start(env)
		await(t, fmt.Sprintf("delivery %d", deliveries), func() bool {
			// rsyslog writes this line after the row.
			seen, _ := os.ReadFile(filepath.Join(dir, "seen"))
			return bytes.Count(seen, []byte("\n")) >= deliveries*len(want)
		})
		r.stop(f)
		if err := os.RemoveAll(r.env["CONFLUENCE_DATA"]); err != nil {
			t.Fatal(err)
		}
		got := make(map[string]any)
		for line := range strings.Lines(query("select event_id, record from audit")) {
			id, text, _ := strings.Cut(strings.TrimSpace(line), "|")
			got[id] = decode(t, []byte(text))
		}
		rows := make(map[string]any)
		for id, text := range want {
			rows[id] = decode(t, []byte(text.(string)))
		}
		compare(t, rows, got)
		if n := strings.TrimSpace(query("select count(*) from audit")); n != strconv.Itoa(len(want)) {
			t.Errorf("%s rows after delivery %d, want %d", n, deliveries, len(want))
		}
	}
}

// postgres starts a PostgreSQL for the test. It returns a function that runs psql, and the folder
// of the server's socket.
func postgres(t *testing.T) (query func(string) string, socket string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		t.Skip("SKIPPED: there is no PostgreSQL; apt-get install postgresql rsyslog-pgsql")
	}
	if drivers, _ := filepath.Glob("/usr/lib/*/rsyslog/ompgsql.so"); len(drivers) == 0 {
		t.Skip("SKIPPED: there is no rsyslog for PostgreSQL; apt-get install rsyslog-pgsql")
	}
	bin := filepath.Dir(found[len(found)-1])
	// Not in the test's folder, whose name would be too long for a socket.
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir
		return cmd
	}
	// PostgreSQL does not run as root.
	as := func(cmd *exec.Cmd) *exec.Cmd { return cmd }
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			t.Skip("SKIPPED: there is no user postgres")
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
		as = func(cmd *exec.Cmd) *exec.Cmd {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
			return cmd
		}
	}
	data := filepath.Join(dir, "data")
	if out, err := as(command("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")).CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	daemon(t, as(command("postgres", "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")))
	psql := func(statement string) ([]byte, error) {
		return command("psql", "-h", dir, "-U", "postgres", "-At", "-c", statement).CombinedOutput()
	}
	await(t, "PostgreSQL", func() bool { _, err := psql("select 1"); return err == nil })
	return func(statement string) string {
		t.Helper()
		out, err := psql(statement)
		if err != nil {
			t.Fatalf("%s: %v\n%s", statement, err, out)
		}
		return string(out)
	}, dir
}
