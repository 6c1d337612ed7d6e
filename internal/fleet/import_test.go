package fleet

import (
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
)

// A state from elsewhere is taken along as a whole: once, and not over another one unless that is
// asked for. Then what was delivered from either does not come again.
func TestImport(t *testing.T) {
	t.Parallel()
	b := empty(t)
	c := outbox.Checkpoint{Origin: now.Add(-9 * time.Hour), Head: now, Polled: now, CloudID: "c"}
	const n = 2*importAtOnce + 7
	each := func(do func(outbox.Seen, time.Time) error) error {
		for i := range n {
			s := outbox.Seen{Key: key(now.Add(-time.Duration(n-i)*time.Millisecond), 1), Count: uint32(i%300 + 1)}
			if err := do(s, time.Time{}); err != nil {
				return err
			}
		}
		return do(outbox.Seen{Key: key(time.Time{}, 2), Count: 5}, now.Add(time.Hour))
	}
	first, last, untimed := key(now.Add(-n*time.Millisecond), 1), key(now.Add(-time.Millisecond), 1), key(time.Time{}, 2)
	own := key(now.Add(-100*time.Hour), 9)
	err := b.visit(t, acme, func(lease *Lease) error {
		has := func(what string, head time.Time, want ...uint32) {
			t.Helper()
			got, _, err := lease.Load(t.Context())
			if err != nil || !got.Head.Equal(head) || got.CloudID != "c" {
				t.Errorf("%s: the checkpoint is %+v, %v", what, got, err)
			}
			if diff := gocmp.Diff(want, counts(t, lease, first, last, untimed, own)); diff != "" {
				t.Errorf("%s: counts (-want +got):\n%s", what, diff)
			}
		}
		if imported, err := lease.Import(t.Context(), c, each, false); !imported || err != nil {
			t.Errorf("the first import: %t, %v", imported, err)
		}
		has("at first", now, 1, (n-1)%300+1, 5, 0)
		// The fleet goes on. Then the file has nothing more to say.
		further := c
		further.Head = now.Add(time.Hour)
		commit := outbox.Commit{Checkpoint: further, Horizon: ages, Now: now, Seen: []outbox.Seen{{Key: own, Count: 1}}}
		if err := replace(lease, commit); err != nil {
			return err
		}
		if imported, err := lease.Import(t.Context(), c, each, false); imported || err != nil {
			t.Errorf("the second import: %t, %v", imported, err)
		}
		has("after the second", further.Head, 1, (n-1)%300+1, 5, 1)
		// Another beginning is another state, also if it is behind.
		for _, other := range []outbox.Checkpoint{{Origin: now.Add(-time.Hour), Head: now.Add(9 * time.Hour), CloudID: "c"}, {Origin: c.Origin, Head: now.Add(-time.Hour), CloudID: "c"}} {
			if err := replace(lease, outbox.Commit{Checkpoint: other, Horizon: ages, Now: now}); err != nil {
				return err
			}
			imported, err := lease.Import(t.Context(), c, each, false)
			if kept, ok := errors.AsType[*KeptError](err); imported || !ok || !kept.Head.Equal(other.Head) || kept.Log != acme {
				t.Errorf("into another state: %t, %v", imported, err)
			}
			has("refused", other.Head, 1, (n-1)%300+1, 5, 1)
			if imported, err := lease.Import(t.Context(), c, each, true); !imported || err != nil {
				t.Errorf("in its place: %t, %v", imported, err)
			}
			has("replaced", now, 1, (n-1)%300+1, 5, 1)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if got := b.query(t, "select delivered from confluence_audit.untimed"); got != "1772370000000\n" {
		t.Errorf("the record without a time was delivered at %s, want %d", got, now.Add(time.Hour).UnixMilli())
	}
}

// After a failure half-way the log has its former state, and the next import takes all of it along.
func TestImportFailsHalfWay(t *testing.T) {
	t.Parallel()
	b := empty(t)
	torn := errors.New("the file ends here")
	fails := true
	each := func(do func(outbox.Seen, time.Time) error) error {
		for i := range importAtOnce + 1 {
			if err := do(outbox.Seen{Key: key(now.Add(time.Duration(i)*time.Second), 1), Count: 1}, time.Time{}); err != nil {
				return err
			}
		}
		if fails {
			return torn
		}
		return nil
	}
	err := b.visit(t, acme, func(lease *Lease) error {
		c := outbox.Checkpoint{Origin: now, Head: now.Add(time.Hour)}
		if imported, err := lease.Import(t.Context(), c, each, false); imported || !errors.Is(err, torn) {
			t.Errorf("%t, %v", imported, err)
		}
		if c, _, err := lease.Load(t.Context()); err != nil || c.Started() {
			t.Errorf("the checkpoint is %+v, %v", c, err)
		}
		fails = false
		if imported, err := lease.Import(t.Context(), c, each, false); !imported || err != nil {
			t.Errorf("again: %t, %v", imported, err)
		}
		if c, _, err := lease.Load(t.Context()); err != nil || !c.Started() {
			t.Errorf("the checkpoint is %+v, %v", c, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
