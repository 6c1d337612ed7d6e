package fleet

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// as returns the address of the database for another user.
func (b base) as(user string) string {
	return strings.Replace(b.url(), "user=postgres", "user="+user, 1)
}

// user makes a user who may do nothing.
func (b base) user(t *testing.T) string {
	t.Helper()
	name := "user_" + b.name
	b.query(t, "create user "+name)
	return name
}

// Many processes start at once on an empty database.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	b := empty(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			m, err := Join(t.Context(), Options{URL: b.url(), Name: fmt.Sprint(i), Log: quiet()})
			if err != nil {
				t.Error(err)
				return
			}
			if err := m.Leave(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if got := b.query(t, "select count(*) from confluence_audit.fleet"); got != "1\n" {
		t.Errorf("%s rows", got)
	}
}

// An administrator makes the tables, and the members need no more than the grants of the text.
func TestLeastPrivileges(t *testing.T) {
	t.Parallel()
	b := empty(t)
	user := b.user(t)
	_, err := Join(t.Context(), Options{URL: b.as(user), Log: quiet()})
	if err == nil || !strings.Contains(Remedy(err), "`confluence-audit db schema`") {
		t.Fatalf("a user who may make no tables: %v", err)
	}
	b.query(t, SchemaSQL())
	_, err = Join(t.Context(), Options{URL: b.as(user), Log: quiet()})
	if err == nil || !strings.Contains(Remedy(err), "GRANT lines") {
		t.Fatalf("a user without grants: %v", err)
	}
	if _, err := View(t.Context(), Options{URL: b.as(user)}); err == nil || !strings.Contains(Remedy(err), "GRANT lines") {
		t.Errorf("View: %v", err)
	}
	b.query(t, SchemaSQL()) // again
	for line := range strings.Lines(SchemaSQL()) {
		if grant, ok := strings.CutPrefix(line, "-- GRANT"); ok {
			b.query(t, "GRANT"+strings.ReplaceAll(grant, "fluentbit", user))
		}
	}
	exercise(t, b.as(user))
}

// The encoding of the database does not matter.
func TestEncodings(t *testing.T) {
	t.Parallel()
	b := empty(t)
	for _, encoding := range []string{"SQL_ASCII", "LATIN1"} {
		other := base{b.server, b.name + "_" + encoding}
		b.query(t, fmt.Sprintf(`create database "%s" encoding '%s' locale 'C' template template0`, other.name, encoding))
		exercise(t, other.url())
	}
}

// exercise does everything that a member does.
func exercise(t *testing.T, url string) {
	t.Helper()
	m, err := Join(t.Context(), Options{URL: url, LeaseTime: quick, Log: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	lease := hold(t, m.NewCandidate(acme))
	for _, c := range everyKind() {
		if err := replace(lease, c); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.stores.overview(t.Context(), storeLimit); err != nil {
		t.Error(err)
	}
	if err := lease.Close(); err != nil {
		t.Error(err)
	}
	if err := m.Leave(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestNewerTables(t *testing.T) {
	t.Parallel()
	b := empty(t)
	b.query(t, SchemaSQL()+"update confluence_audit.fleet set version = 7")
	for name, err := range map[string]error{
		"Join": func() error { _, err := Join(t.Context(), Options{URL: b.url(), Log: quiet()}); return err }(),
		"View": func() error { _, err := View(t.Context(), Options{URL: b.url()}); return err }(),
	} {
		if err == nil || !strings.Contains(err.Error(), "have version 7, this program knows up to 1: run the newer program again") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Tables of an older version are brought forward, once, and as a whole or not at all. Members of
// the older program give their logs away.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	b := empty(t)
	old := joined(t, Options{URL: b.url(), Name: "old", LeaseTime: quick})
	lease := hold(t, old.NewCandidate(acme))
	if err := replace(lease, everyKind()[0]); err != nil {
		t.Fatal(err)
	}
	good := step("ALTER TABLE confluence_audit.log ADD COLUMN note text NOT NULL DEFAULT ''")
	bad := step("ALTER TABLE confluence_audit.nothing ADD COLUMN note text")
	if _, err := join(t.Context(), Options{URL: b.url(), Log: quiet()}, []step{good, bad}); err == nil || !strings.Contains(err.Error(), "from version 1 to 3") {
		t.Errorf("with a step that fails: %v", err)
	}
	if _, err := join(t.Context(), Options{URL: b.url(), Guest: true, Log: quiet()}, []step{good}); err == nil || !strings.Contains(err.Error(), "upgrade the processes first") {
		t.Errorf("a guest: %v", err)
	}
	if got := b.query(t, "select version from confluence_audit.fleet"); got != "1\n" {
		t.Fatalf("version %s after a step that failed, and a guest", got)
	}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			m, err := join(t.Context(), Options{URL: b.url(), Name: fmt.Sprint("new", i), LeaseTime: quick, Log: quiet()}, []step{good})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = m.Leave(context.Background()) })
			candidate := m.NewCandidate(acme)
			go func() { _, _ = candidate.Acquire(t.Context()) }()
		})
	}
	all.Wait()
	<-lease.Moving()
	if err := lease.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "a newer member to hold the log", func() bool {
		return strings.HasPrefix(b.query(t, "select holder from confluence_audit.log where token <> ''"), "new")
	})
	if got := b.query(t, "select version, note = '', checkpoint <> '' from confluence_audit.fleet, confluence_audit.log"); got != "2|t|t\n" {
		t.Errorf("after the upgrade: %s", got)
	}
}
