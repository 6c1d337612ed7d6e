package fleet

import (
	"errors"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

const renamed = "https://acme-group.atlassian.net"

// A log that has another name goes on where it was, with all that was delivered. Who holds it under
// its former name, or waits for it, keeps it.
func TestRename(t *testing.T) {
	t.Parallel()
	b := empty(t)
	m := joined(t, Options{URL: b.url(), Name: "m", LeaseTime: endless})
	state := func(log string, begun, others bool) {
		t.Helper()
		gotBegun, gotOthers, err := m.Begun(t.Context(), log)
		if err != nil || gotBegun != begun || gotOthers != others {
			t.Errorf("%s: begun %t, others %t, %v, want %t and %t", log, gotBegun, gotOthers, err, begun, others)
		}
	}
	waits := func(why string) {
		t.Helper()
		if err := m.Rename(t.Context(), acme, renamed); !errors.Is(err, ErrNamed) {
			t.Errorf("%s: %v", why, err)
		}
	}
	state(acme, false, false)
	if err := m.Rename(t.Context(), acme, renamed); err != nil {
		t.Errorf("a log that is not there: %v", err)
	}

	b.lastOf(t, acme, "m")
	candidate := m.NewCandidate(acme)
	lease := hold(t, candidate)
	state(renamed, false, false)
	commit := outbox.Commit{
		Seen:       []outbox.Seen{{Key: key(now, 1), Count: 3}},
		Checkpoint: outbox.Checkpoint{Head: now, CloudID: "c"}, Horizon: now, Now: now,
	}
	if err := replace(lease, commit); err != nil {
		t.Fatal(err)
	}
	state(acme, true, false)
	state(renamed, false, true)
	waits("a member holds it")
	if err := candidate.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "the row of the member to have no logs", func() bool { return b.query(t, "select logs from confluence_audit.member") == "{}\n" })
	b.query(t, fmt.Sprintf("insert into confluence_audit.member values ('x', 'x', 0, now(), now() + interval '1 hour', array[%d])", hash(acme)))
	waits("a member waits for it")
	b.query(t, "delete from confluence_audit.member where id = 'x'")
	b.query(t, "update confluence_audit.fleet set quiet = now() + interval '1 hour'")
	waits("the database may have lost who holds it")
	b.query(t, "update confluence_audit.fleet set quiet = now()")

	b.lastOf(t, renamed, "m") // the empty row that a member makes which waits
	if names, err := m.Of(t.Context(), "c"); err != nil || !gocmp.Equal(names, []string{acme}) {
		t.Errorf("of the site are %v, %v", names, err)
	}
	for range 2 { // the second member to do so
		if err := m.Rename(t.Context(), acme, renamed); err != nil {
			t.Fatal(err)
		}
	}
	state(renamed, true, false)
	if got := b.query(t, "update confluence_audit.log set holder = 'm'; select name from confluence_audit.log"); got != "UPDATE 1\n"+renamed+"\n" {
		t.Errorf("the logs are %s", got)
	}
	lease = hold(t, m.NewCandidate(renamed))
	if c, _, err := lease.Load(t.Context()); err != nil || !c.Head.Equal(now) || lease.Epoch() != 3 {
		t.Errorf("the checkpoint is %v, %v, in epoch %d", c, err, lease.Epoch())
	}
	if got := counts(t, lease, key(now, 1))[0]; got != 3 {
		t.Errorf("count %d, want 3", got)
	}
}
