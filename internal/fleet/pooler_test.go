package fleet

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A pooler in the mode of transactions may stand between members and database.
func TestPooler(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Skip("SKIPPED: there is no pgbouncer; apt-get install pgbouncer")
		}
	}
	b := empty(t)
	// Not in the test's folder, whose name would be too long for a socket.
	dir, err := os.MkdirTemp("", "pb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	users := write("users", `"postgres" ""`)
	config := write("ini", fmt.Sprintf(`
[databases]
* = host=%s
[pgbouncer]
listen_addr =
unix_socket_dir = %s
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 3
server_reset_query_always = 1
`, b.server.Dir, dir, users))
	args := []string{config}
	if os.Getuid() == 0 {
		args = []string{"-u", "postgres", config}
	}
	cmd := exec.Command(program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	await(t, "pgbouncer", func() bool {
		c, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.6432"))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	exercise(t, fmt.Sprintf("postgres:///%s?user=postgres&host=%s&port=6432", b.name, dir))
}
