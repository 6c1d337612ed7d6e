package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	logtest "github.com/sirupsen/logrus/hooks/test"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
)

// linked starts a PostgreSQL, and returns a link to it and its address for db.
func linked(t *testing.T) (*postgres.Link, string) {
	t.Helper()
	link, err := postgres.Start(t).NewLink()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = link.Close() })
	return link, fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", link.Addr())
}

// inputs starts the pipelines of one process, of n sites with 50 records each.
func inputs(t *testing.T, n int, db, most string) (all []*Pipeline, said *logtest.Hook) {
	t.Helper()
	log, said := logtest.NewNullLogger()
	h := host
	h.Fleets = new(Fleets)
	for i := range n {
		server := httptest.NewServer(simulate.New(simulate.Options{Records: 50, CloudID: fmt.Sprintf("%08d-2222-4333-8444-555555555555", i)}))
		t.Cleanup(server.Close)
		p, err := New(settings(t, map[string]string{
			"api_url": server.URL, "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": "25h", "poll_interval": "1s", "db": db, "fleet_max_sites": most,
		}), log, h)
		if err != nil {
			t.Fatal(err)
		}
		p.Start(0)
		all = append(all, p)
	}
	return all, said
}

// The inputs of a process end together: if the database does not answer, the last one waits, and not
// each of them, whether they hold their logs or stand by.
func TestEndWithoutDatabase(t *testing.T) {
	t.Parallel()
	const wait = time.Second
	link, db := linked(t)
	all, _ := inputs(t, 8, db, "4")
	holders := func() (n int) {
		for _, p := range all {
			if p.holds() {
				n++
			}
		}
		return n
	}
	await(t, func() bool { return holders() == 4 })
	slices.SortStableFunc(all, func(a, b *Pipeline) int { return cmp.Compare(truth(b.holds()), truth(a.holds())) })
	for _, p := range all[:4] {
		p.Acknowledge(next(t, p))
	}
	link.Be(postgres.Hole)
	began := time.Now()
	for _, p := range all {
		p.StopReading()
	}
	for n, p := range all {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		if err := p.Stop(ctx); err != nil && n < len(all)-1 {
			t.Errorf("input %d: %v", n, err)
		}
		cancel()
	}
	if took := time.Since(began); took > 2*wait {
		t.Errorf("the end took %s", took)
	}
}

// An orderly end of all inputs saves what was acknowledged, and gives the logs away at once.
func TestEndTogether(t *testing.T) {
	t.Parallel()
	_, db := linked(t)
	all, _ := inputs(t, 8, db, "8")
	for _, p := range all {
		p.Acknowledge(next(t, p))
	}
	for _, p := range all {
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for n, p := range all {
		select {
		case <-p.done:
		default:
			t.Errorf("input %d has not ended", n)
		}
	}
}

// While the database cannot be reached, one input of the process says so. All of them show it.
func TestStartWithoutDatabase(t *testing.T) {
	t.Parallel()
	link, db := linked(t)
	link.Be(postgres.Cut)
	all, said := inputs(t, 8, db, "8")
	for _, p := range all {
		await(t, func() bool { return p.stats.FailingFor(collect.CauseState) })
	}
	lines := 0
	for _, e := range said.AllEntries() {
		if strings.Contains(e.Message, "join the others") {
			lines++
		}
	}
	if lines != 1 {
		t.Errorf("%d lines say so", lines)
	}
	link.Be(postgres.Clear)
	for _, p := range all {
		await(t, func() bool { return p.holds() && !p.stats.FailingFor(collect.CauseState) })
		if err := p.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// What cannot be looked up in the database is counted as a failure of the state, as with a file.
func TestLookUpFails(t *testing.T) {
	t.Parallel()
	link, db := linked(t)
	all, _ := inputs(t, 1, db, "1")
	p := all[0]
	drain(t, p, 50)
	link.Be(postgres.Cut)
	await(t, func() bool { return p.stats.Failures(collect.CauseState) > 0 && p.stats.FailingFor(collect.CauseState) })
	link.Be(postgres.Clear)
	await(t, func() bool { return !p.stats.Failing() })
	if got := p.stats.Failures(collect.CauseOther); got > 0 {
		t.Errorf("%d failures for another cause", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// A process that stands by is not up while it does not reach the database.
func TestStandByWithoutDatabase(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var lease atomic.Pointer[time.Time]
		until := func(t time.Time) { lease.Store(&t) }
		until(time.Now().Add(time.Minute))
		looks := 0
		s := &shared{stats: new(collect.Stats), ready: func() { looks++ }}
		go s.watch(ctx, func() time.Time { return *lease.Load() })
		for _, want := range []bool{false, true, false} {
			time.Sleep(lookAtLease)
			synctest.Wait()
			if s.stats.FailingFor(collect.CauseState) != want {
				t.Errorf("it fails: %t, want %t", !want, want)
			}
			if want {
				until(time.Now().Add(time.Minute))
			} else {
				until(time.Now())
			}
		}
		if looks != 2 {
			t.Errorf("the host looked at the metrics %d times, want 2", looks)
		}
	})
}

func await(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}
