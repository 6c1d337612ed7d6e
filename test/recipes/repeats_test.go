package recipes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fluent-bit-confluence/test/postgres"
	"fluent-bit-confluence/test/rig/rigtest"
)

// When all records are delivered twice to PostgreSQL behind rsyslog, as after the loss of the state
// file, one row is left of each: the event id is the primary key.
func TestRepeatsAreHarmless(t *testing.T) {
	t.Parallel()
	r := newRecipe(t, "syslog", "fluent-bit.yaml", "cloud")
	query, socket := database(t)
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
		rigtest.Await(t, fmt.Sprintf("delivery %d", deliveries), func() bool {
			// rsyslog writes this line after the row.
			seen, _ := os.ReadFile(filepath.Join(dir, "seen"))
			return bytes.Count(seen, []byte("\n")) >= deliveries*len(want)
		})
		f.Stop()
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

// database starts a PostgreSQL for the test. It returns a function that runs psql, and the folder of
// the server's socket.
func database(t *testing.T) (query func(string) string, socket string) {
	t.Helper()
	if drivers, _ := filepath.Glob("/usr/lib/*/rsyslog/ompgsql.so"); len(drivers) == 0 {
		t.Skip("SKIPPED: there is no rsyslog for PostgreSQL; apt-get install rsyslog-pgsql")
	}
	server := postgres.Start(t)
	return func(statement string) string {
		t.Helper()
		out, err := server.Query("postgres", statement)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}, server.Dir
}
