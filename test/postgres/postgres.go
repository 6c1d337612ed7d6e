// Package postgres starts real PostgreSQL servers for tests.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A Server is a PostgreSQL of its own, which listens on a Unix socket only, see Encrypt. It keeps nothing that it
// has confirmed from a crash of the machine, but all of it from its own.
type Server struct {
	// Dir is the folder of the socket.
	Dir string

	bin        string
	credential *syscall.Credential // PostgreSQL does not run as root
	running    *exec.Cmd
	log        *os.File
	host       string // see Host
	listen     string // host, if it is encrypted
}

// Start makes and starts a server that ends with the test, or skips the test if PostgreSQL is not
// installed.
func Start(t testing.TB) *Server {
	t.Helper()
	s, missing, err := New()
	switch {
	case missing != "":
		t.Skip("SKIPPED: " + missing)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("log of PostgreSQL:\n%s", s.Log())
		}
		s.Close()
	})
	return s
}

// New makes and starts a server. It says what is missing if PostgreSQL cannot run here.
func New() (_ *Server, missing string, err error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		return nil, "there is no PostgreSQL; apt-get install postgresql", nil
	}
	s := &Server{bin: filepath.Dir(found[len(found)-1])}
	if os.Getuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			return nil, "there is no user postgres", nil
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		s.credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	// Not in a test's folder, whose name would be too long for a socket.
	if s.Dir, err = os.MkdirTemp("", "pg"); err != nil {
		return nil, "", err
	}
	if s.credential != nil {
		err = os.Chown(s.Dir, int(s.credential.Uid), int(s.credential.Gid))
	}
	if err == nil {
		err = s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	}
	if err == nil {
		s.log, err = os.Create(filepath.Join(s.Dir, "log"))
	}
	if err == nil {
		err = s.Begin()
	}
	if err != nil {
		s.Close()
		return nil, "", err
	}
	return s, "", nil
}

func (s *Server) data() string { return filepath.Join(s.Dir, "data") }

// Socket returns the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.Dir, ".s.PGSQL.5432") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.Dir
	if s.credential != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.credential}
	}
	return cmd
}

func (s *Server) run(name string, args ...string) error {
	if out, err := s.command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// Begin starts the server after End or Kill, and waits until it answers.
func (s *Server) Begin() error {
	cmd := s.command("postgres", "-D", s.data(), "-k", s.Dir, "-c", "listen_addresses="+s.listen, "-c", fmt.Sprint("ssl=", s.listen != ""), "-c", "fsync=off", "-c", "max_connections=200")
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		return err
	}
	s.running = cmd
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		_, err := s.Query("postgres", "select 1")
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errors.Join(err, fmt.Errorf("PostgreSQL did not start:\n%s", s.Log()))
		}
	}
}

// End stops the server as an operator does who does not wait for its clients.
func (s *Server) End() { s.signal(syscall.SIGINT) }

// Kill stops the server without a chance to write anything.
func (s *Server) Kill() { s.signal(syscall.SIGQUIT) }

func (s *Server) signal(signal syscall.Signal) {
	if s.running != nil {
		_ = s.running.Process.Signal(signal)
		_ = s.running.Wait()
		s.running = nil
	}
}

// Save keeps a copy of the data of a running server, as a standby has it that is behind. It has
// what was committed before.
func (s *Server) Save(to string) error {
	if _, err := s.Query("postgres", "checkpoint"); err != nil {
		return err
	}
	return s.run("pg_basebackup", "-h", s.Dir, "-U", "postgres", "-D", filepath.Join(s.Dir, to), "-c", "fast", "-X", "fetch", "--no-sync")
}

// Restore replaces the data of a stopped server by a copy, as when a standby takes its place.
func (s *Server) Restore(from string) error {
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	return os.Rename(filepath.Join(s.Dir, from), s.data())
}

// Query runs statements with psql, as the owner of everything.
func (s *Server) Query(database, statements string) (string, error) {
	out, err := s.command("psql", "-h", s.Dir, "-U", "postgres", "-d", database, "-At", "-v", "ON_ERROR_STOP=1", "-c", statements).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", statements, err, out)
	}
	return string(out), nil
}

// Log returns the end of the server's log.
func (s *Server) Log() string {
	const enough = 4000
	text, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
	return string(text[max(0, len(text)-enough):])
}

// Close stops the server and removes all that it has.
func (s *Server) Close() {
	s.Kill()
	if s.log != nil {
		_ = s.log.Close()
	}
	_ = os.RemoveAll(s.Dir)
}
