package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/test/postgres"
)

// The server that the tests share. Each has a database of its own in it.
var (
	common    *postgres.Server
	start     sync.Once
	missing   string
	errStart  error
	databases atomic.Int64
)

func TestMain(m *testing.M) {
	code := m.Run()
	if common != nil {
		common.Close()
	}
	os.Exit(code)
}

// base is an empty database on a server.
type base struct {
	server *postgres.Server
	name   string
}

// empty returns an empty database.
func empty(t testing.TB) base {
	t.Helper()
	start.Do(func() { common, missing, errStart = postgres.New() })
	switch {
	case missing != "":
		t.Skip("SKIPPED: " + missing)
	case errStart != nil:
		t.Fatal(errStart)
	}
	b := base{common, fmt.Sprintf("test%d", databases.Add(1))}
	if _, err := common.Query("postgres", "create database "+b.name); err != nil {
		t.Fatal(err)
	}
	return b
}

// url returns the address of the database through the server's socket.
func (b base) url() string {
	return "postgres:///" + b.name + "?user=postgres&host=" + url.QueryEscape(b.server.Dir)
}

func (b base) query(t testing.TB, statements string) string {
	t.Helper()
	out, err := b.server.Query(b.name, statements)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// quick is a lease for tests that wait until one runs out.
const quick = 3 * time.Second

func quiet() logrus.FieldLogger {
	log := logrus.New()
	if os.Getenv("FLEET_TEST_LOG") != "" {
		return log
	}
	log.SetOutput(io.Discard)
	return log
}

// joined returns a member that leaves when the test ends.
func joined(t testing.TB, o Options) *Member {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet()
	}
	m, err := Join(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Leave(context.Background()) })
	return m
}

// patience is how long a test waits for what must happen.
const patience = time.Minute

func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("patience is over"))
	t.Cleanup(cancel)
	return ctx
}

func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ctx := patient(t)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("await %s: %v", what, context.Cause(ctx))
		}
	}
}

func hold(t testing.TB, s *Candidate) *Lease {
	t.Helper()
	lease, err := s.Acquire(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
