package fleet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// visit lets a guest of its own call do with the log.
func (b base) visit(t testing.TB, log string, do func(*Lease) error) error {
	t.Helper()
	m := joined(t, Options{URL: b.url(), Name: "guest " + t.Name(), Guest: true, LeaseTime: quick})
	defer func() { _ = m.Leave(context.Background()) }()
	return m.Visit(t.Context(), log, do)
}

// A guest gets the log from the member that reads it, which loses nothing and is not lost, and
// gives it back to the same. No two of them hold it at a time.
func TestVisit(t *testing.T) {
	t.Parallel()
	b, rs := empty(t), newReaders(t)
	defer rs.watch()()
	for _, name := range []string{"a", "b"} {
		t.Cleanup(rs.read(joined(t, Options{URL: b.url(), Name: name, LeaseTime: short}), []string{acme}).stop)
	}
	var before []*reader
	await(t, "a member to hold the log", func() bool { before = rs.holders()[acme]; return len(before) == 1 })
	visits := 0
	err := b.visit(t, acme, func(lease *Lease) error {
		visits++
		if now := rs.holders()[acme]; len(now) > 0 || !lease.Held() {
			t.Errorf("the guest holds the log: %t, and %d others", lease.Held(), len(now))
		}
		return nil
	})
	if err != nil || visits != 1 {
		t.Fatalf("%d visits, %v", visits, err)
	}
	await(t, "the former holder to hold the log", func() bool { return slices.Equal(rs.holders()[acme], before) })
	if s := before[0].member.Stats(); s.Lost != 0 || s.Moves != 1 {
		t.Errorf("the holder has lost %d logs and moved %d, want 0 and 1", s.Lost, s.Moves)
	}
}

// A holder that cannot give its log away keeps it, and the guest tells who it is.
func TestVisitInVain(t *testing.T) {
	t.Parallel()
	b := empty(t)
	m := joined(t, Options{URL: b.url(), Name: "busy", LeaseTime: quick})
	b.lastOf(t, acme, "busy")
	lease := hold(t, m.NewCandidate(acme))
	visitor := joined(t, Options{URL: b.url(), Name: "guest", Guest: true, LeaseTime: quick})
	visitor.waits = quick
	err := visitor.Visit(t.Context(), acme, func(*Lease) error { t.Error("it has the log"); return nil })
	if err == nil || !strings.Contains(err.Error(), "nothing has changed: busy reads it") {
		t.Errorf("Visit: %v", err)
	}
	if !lease.Held() || !closed(lease.Moving()) {
		t.Error("the holder was not asked, or has lost the log")
	}
}

// A rewind forgets what was delivered since a time, and keeps the rest, as with a file.
func TestRewind(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	b := empty(t)
	then := now.Add(-time.Hour)
	timed := []outbox.Key{key(then.Add(-ms), 1), key(then, 1), key(then, 2), key(now, 1)}
	untimed := []outbox.Key{key(time.Time{}, 1), key(time.Time{}, 2), key(time.Time{}, 3)}
	plan := func() (outbox.Rewinding, error) {
		return PlanRewind(t.Context(), Options{URL: b.url()}, acme, then.Add(ms-1))
	}
	if _, err := plan(); err == nil || !strings.Contains(err.Error(), "there are no tables") {
		t.Errorf("without tables: %v", err)
	}
	write := func(lease *Lease) error {
		if _, err := plan(); err == nil || !strings.Contains(err.Error(), "nothing was delivered yet") {
			t.Errorf("before the first commit: %v", err)
		}
		since := outbox.Rewinding{To: then}.Untimed()
		for n, at := range []time.Time{since.Add(-ms), since, now} {
			c := outbox.Commit{Checkpoint: outbox.Checkpoint{Origin: now.Add(-9 * time.Hour), Head: now}, Horizon: ages, Now: at, Seen: []outbox.Seen{{Key: untimed[n], Count: 300}}}
			if n == 0 {
				for n, k := range timed {
					c.Seen = append(c.Seen, outbox.Seen{Key: k, Count: uint32(n + 1)})
				}
			}
			if err := replace(lease, c); err != nil {
				return err
			}
		}
		return nil
	}
	if err := b.visit(t, acme, write); err != nil {
		t.Fatal(err)
	}
	found, err := plan()
	if want := 2 + 3 + 4 + 2*300; err != nil || found.Records != want || !found.To.Equal(then) || !found.From.Equal(now) {
		t.Errorf("it plans %+v, %v, want %d records since %s", found, err, want, then)
	}
	err = b.visit(t, acme, func(lease *Lease) error {
		if err := lease.Rewind(t.Context(), now.Add(time.Hour)); err == nil || !strings.Contains(err.Error(), "can come again") {
			t.Errorf("after the newest: %v", err)
		}
		if err := lease.Rewind(t.Context(), found.To); err != nil {
			return err
		}
		if diff := gocmp.Diff([]uint32{1, 0, 0, 0, 300, 0, 0}, counts(t, lease, append(timed, untimed...)...)); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		c, _, err := lease.Load(t.Context())
		if want := []timerange.Range{{From: then, To: now}}; !gocmp.Equal(c.Pending, want) {
			t.Errorf("pending are %v, want %v", c.Pending, want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// A lease that has ended rewinds nothing.
func TestRewindIsFenced(t *testing.T) {
	t.Parallel()
	b := empty(t)
	var late *Lease
	write := func(lease *Lease) error { late = lease; return replace(lease, everyKind()[0]) }
	if err := b.visit(t, acme, write); err != nil {
		t.Fatal(err)
	}
	err := b.visit(t, acme, func(lease *Lease) error {
		late.candidate.member = lease.candidate.member // its own has left
		if err := late.Rewind(t.Context(), now); !errors.Is(err, outbox.ErrLost) {
			t.Errorf("Rewind: %v", err)
		}
		if got := counts(t, lease, everyKind()[0].Seen[0].Key)[0]; got != 1 {
			t.Errorf("count %d, want 1", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
