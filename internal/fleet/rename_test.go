package fleet

import (
	"fmt"
	"strings"
	"testing"

	"fluent-bit-confluence/internal/outbox"
)

const moved = "https://acme-group.atlassian.net"

// A log that has another name goes on where it was, with all that was delivered.
func TestRename(t *testing.T) {
	t.Parallel()
	b := empty(t)
	old, other := joined(t, Options{URL: b.url(), Name: "old", Lease: endless}), joined(t, Options{URL: b.url(), Name: "other", Lease: short})
	refused := func(from, to, why string) {
		t.Helper()
		if err := other.Rename(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("rename %s to %s: %v, want %q", from, to, err, why)
		}
	}
	refused(acme, moved, "never read")

	b.lastOf(t, acme, "old")
	seat := old.Take(acme)
	tenure := hold(t, seat)
	commit := outbox.Commit{
		Seen:       []outbox.Seen{{Key: key(now, 1), Count: 3}},
		Checkpoint: outbox.Checkpoint{Head: now, CloudID: "c"}, Horizon: now, Now: now,
	}
	if err := replace(tenure, commit); err != nil {
		t.Fatal(err)
	}
	refused(acme, moved, "old reads it under its former name")

	if err := seat.Drop(); err != nil {
		t.Fatal(err)
	}
	if err := old.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.query(t, fmt.Sprintf("insert into confluence_audit.member values ('x', 'x', 0, now(), now() + interval '1 hour', array[%d])", hash(acme)))
	refused(acme, moved, "a member waits")
	b.query(t, "delete from confluence_audit.member where id = 'x'")

	b.query(t, "update confluence_audit.fleet set server = 'another start'")
	refused(acme, moved, "the database has just started")
	await(t, "the other member to notice", func() bool {
		return b.query(t, "select server <> 'another start' from confluence_audit.fleet") == "t\n"
	})
	refused(acme, moved, "the database has just started")
	b.query(t, "update confluence_audit.fleet set quiet = now()")

	b.lastOf(t, moved, "other") // the empty row that a member makes which waits
	if err := other.Rename(t.Context(), acme, moved); err != nil {
		t.Fatal(err)
	}
	tenure = hold(t, other.Take(moved))
	if c, _, err := tenure.Load(t.Context()); err != nil || !c.Head.Equal(now) || c.CloudID != "c" {
		t.Errorf("the checkpoint is %v, %v", c, err)
	}
	if got := counts(t, tenure, key(now, 1))[0]; got != 3 {
		t.Errorf("count %d, want 3", got)
	}
	if got := b.query(t, "select name from confluence_audit.log"); got != moved+"\n" {
		t.Errorf("the logs are %s", got)
	}

	b.query(t, fmt.Sprintf("insert into confluence_audit.log select '%s', 1, '', '', '', 0, 0, '' from confluence_audit.fleet", acme))
	refused(acme, moved, "other reads it under its new name")
	if err := tenure.Close(); err != nil {
		t.Fatal(err)
	}
	refused(acme, moved, "was read under its new name too")
}
