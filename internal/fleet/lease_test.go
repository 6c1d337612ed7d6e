package fleet

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// endless is a lease that does not run out within a test.
const endless = time.Hour

// short is one that does, but not on a busy machine while its member can renew it.
const short = 6 * time.Second

// lastOf makes the log one that the name held last, so that it need not settle.
func (b base) lastOf(t testing.TB, log, name string) {
	t.Helper()
	b.query(t, fmt.Sprintf(`insert into confluence_audit.log (name, id, member, holder, token, epoch, sequence, checkpoint)
values ('%s', %d, '', '%s', '', 0, 0, '') on conflict (name) do update set holder = excluded.holder`, log, hash(log), name))
}

// logOf returns a log that belongs to the first of the names.
func logOf(names ...string) string {
	for i := 0; ; i++ {
		log, best := fmt.Sprintf("https://site-%d.atlassian.net", i), true
		for _, other := range names[1:] {
			best = best && score(hash(names[0]), hash(log)) > score(hash(other), hash(log))
		}
		if best {
			return log
		}
	}
}

// waiting calls Acquire in the background.
func waiting(t testing.TB, s *Candidate) <-chan *Lease {
	got := make(chan *Lease, 1)
	ctx := t.Context()
	go func() {
		if lease, err := s.Acquire(ctx); err == nil {
			got <- lease
		}
	}()
	return got
}

func receive(t testing.TB, from <-chan *Lease) *Lease {
	t.Helper()
	select {
	case lease := <-from:
		return lease
	case <-patient(t).Done():
		t.Fatal("the log is not held")
		return nil
	}
}

// When a member leaves, or closes a candidate or a lease, its logs are held by others
// although its lease has hardly begun.
func TestReleaseIsAtOnce(t *testing.T) {
	t.Parallel()
	for name, release := range map[string]func(*Member, *Candidate, *Lease) error{
		"leave":     func(m *Member, _ *Candidate, _ *Lease) error { return m.Leave(context.Background()) },
		"candidate": func(_ *Member, c *Candidate, _ *Lease) error { return c.Close() },
		"lease":     func(_ *Member, _ *Candidate, lease *Lease) error { return lease.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := empty(t)
			a := joined(t, Options{URL: b.url(), Name: "a", LeaseTime: endless})
			other := joined(t, Options{URL: b.url(), Name: "b", LeaseTime: endless})
			log := logOf("a", "b")
			b.lastOf(t, log, "a")
			candidate := a.NewCandidate(log)
			lease := hold(t, candidate)
			b.lastOf(t, log, "b")
			next := waiting(t, other.NewCandidate(log))
			if _, version, err := lease.Load(t.Context()); err != nil {
				t.Fatal(err)
			} else if _, err := lease.Replace(t.Context(), version, everyKind()[0]); err != nil {
				t.Fatal(err)
			}
			if err := release(a, candidate, lease); err != nil {
				t.Fatal(err)
			}
			if lease.Held() {
				t.Error("it may still be handed over")
			}
			got := receive(t, next)
			if got.Epoch() != lease.Epoch()+1 {
				t.Errorf("epoch %d after %d", got.Epoch(), lease.Epoch())
			}
			if c, _, err := got.Load(t.Context()); err != nil || !c.Head.Equal(now) {
				t.Errorf("the state did not come along: %v, %v", c.Head, err)
			}
		})
	}
}

// The last commit after a loss does not wait long for a database that does not answer: the log can
// be held again only after it.
func TestCommitAfterLoss(t *testing.T) {
	t.Parallel()
	b := empty(t)
	p := proxied(t, b)
	m := joined(t, Options{URL: p.url(), Name: "a", LeaseTime: short})
	b.lastOf(t, acme, "a")
	lease := hold(t, m.NewCandidate(acme))
	_, version, err := lease.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.block()
	<-lease.Lost()
	began := time.Now()
	if _, err := lease.Replace(context.Background(), version, everyKind()[0]); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Replace: %v", err)
	}
	if took := time.Since(began); took > short {
		t.Errorf("the last commit took %s", took)
	}
}

// The logs of a member that was cut off are held again, but not before it knows that it has lost
// them. When it is back, its commits change nothing.
func TestCutOff(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*proxy){
		"unplugged": (*proxy).unplug, "blocked": (*proxy).block, "deaf": (*proxy).deafen,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := empty(t)
			p := proxied(t, b)
			a := joined(t, Options{URL: p.url(), Name: "a", LeaseTime: short})
			b.lastOf(t, acme, "a")
			lease := hold(t, a.NewCandidate(acme))
			_, version, err := lease.Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if version, err = lease.Replace(t.Context(), version, everyKind()[0]); err != nil {
				t.Fatal(err)
			}
			other := joined(t, Options{URL: b.url(), Name: "b", LeaseTime: short})
			next := waiting(t, other.NewCandidate(acme))
			if name == "deaf" {
				// It renews as long as its requests arrive, and learns nothing of it.
				fault(p)
				<-lease.Lost()
				p.unplug()
			} else {
				fault(p)
			}
			got := receive(t, next)
			if lease.Held() || !closed(lease.Lost()) {
				t.Fatal("another member holds the log, and the first one does not know")
			}
			if a.Stats().Failed == 0 || a.Stats().Lost != 1 {
				t.Errorf("counted %+v", a.Stats())
			}
			p.pass()
			late := everyKind()[0]
			late.Checkpoint.Head = now.Add(time.Hour)
			late.Seen = []outbox.Seen{{Key: key(now, 7), Count: 1}}
			await(t, "the first member to reach the database", func() bool {
				_, err = lease.Replace(context.Background(), version, late)
				return errors.Is(err, outbox.ErrLost)
			})
			if _, _, err := lease.Load(t.Context()); !errors.Is(err, outbox.ErrLost) {
				t.Errorf("Load: %v", err)
			}
			if c, _, err := got.Load(t.Context()); err != nil || !c.Head.Equal(now) || counts(t, got, key(now, 7))[0] != 0 {
				t.Errorf("a commit after the loss took effect: %v, %v", c.Head, err)
			}
			// It is a member again, under a new id.
			again := waiting(t, a.NewCandidate("https://other.example.com"))
			if err := other.Leave(t.Context()); err != nil {
				t.Fatal(err)
			}
			receive(t, again)
		})
	}
}

// A stopped process learns that its lease has run out before it does anything else.
func TestStoppedProcess(t *testing.T) {
	t.Parallel()
	if url := os.Getenv("FLEET_TEST_STOPPED"); url != "" {
		deliverForEver(url)
	}
	b := empty(t)
	other := joined(t, Options{URL: b.url(), Name: "b", LeaseTime: short})
	b.lastOf(t, acme, "a")
	cmd := exec.Command(os.Args[0], "-test.run=^TestStoppedProcess$")
	cmd.Env = append(os.Environ(), "FLEET_TEST_STOPPED="+b.url())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	lines := bufio.NewScanner(out)
	ask := func() { fmt.Fprintln(in, "deliver") }
	want := func(want string) {
		t.Helper()
		if lines.Scan(); !strings.Contains(lines.Text(), want) {
			t.Fatalf("the process says %q, want %q", lines.Text(), want)
		}
	}
	ask()
	want("delivered")
	next := waiting(t, other.NewCandidate(acme))
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	got := receive(t, next)
	if err := replace(got, everyKind()[0]); err != nil {
		t.Fatal(err)
	}
	ask() // so that this is the first thing it does
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	want("lost")
	want(outbox.ErrLost.Error())
}

// deliverForEver is the process that is stopped.
func deliverForEver(url string) {
	m, err := Join(context.Background(), Options{URL: url, Name: "a", LeaseTime: short, Log: quiet()})
	if err != nil {
		panic(err)
	}
	lease, err := m.NewCandidate(acme).Acquire(context.Background())
	if err != nil {
		panic(err)
	}
	_, version, err := lease.Load(context.Background())
	if err != nil {
		panic(err)
	}
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		if !lease.Held() {
			fmt.Println("lost")
			break
		}
		fmt.Println("delivered")
	}
	_, err = lease.Replace(context.Background(), version, outbox.Commit{Checkpoint: outbox.Checkpoint{Head: now.Add(time.Hour)}})
	fmt.Println(err)
	os.Exit(0)
}
