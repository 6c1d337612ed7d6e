package main

import (
	"context"
	"math/rand/v2"
	"syscall"
	"time"

	"fluent-bit-confluence/test/postgres"
)

// leaseTime is that of the product, so that the plugin is the one that is shipped.
const leaseTime = 30 * time.Second

// A misfortune is what happens to a member, or to the whole group.
type misfortune struct {
	name string
	// repeats is whether what was in flight may come twice: it was handed over, and nobody could
	// note that. After all others nothing does.
	repeats bool
	happen  func(context.Context, *member, *rand.Rand) error
}

// lasting makes a misfortune that begins, lasts between least and most, and ends.
func lasting(least, most time.Duration, begin, end func(context.Context, *member) error) func(context.Context, *member, *rand.Rand) error {
	return func(ctx context.Context, m *member, chance *rand.Rand) error {
		if err := begin(ctx, m); err != nil {
			return err
		}
		if err := pass(ctx, least+time.Duration(chance.Int64N(int64(most-least)))); err != nil {
			return err
		}
		return end(ctx, m)
	}
}

func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// shorter and longer than a lease
const (
	brief  = 8 * time.Second
	long   = leaseTime + 4*time.Second
	longer = leaseTime + 12*time.Second
)

func weather(w postgres.Weather) func(context.Context, *member) error {
	return func(_ context.Context, m *member) error { m.link.Be(w); return nil }
}

func send(s syscall.Signal) func(context.Context, *member) error {
	return func(_ context.Context, m *member) error { return m.fluentBit.Signal(s) }
}

func noSites(_ context.Context, m *member) error    { m.web.unplug(); return nil }
func sites(_ context.Context, m *member) error      { m.web.plug(); return nil }
func killed(_ context.Context, m *member) error     { m.kill(); return nil }
func starts(ctx context.Context, m *member) error   { return m.start(ctx) }
func alone(ctx context.Context, m *member) error    { m.link.Be(postgres.Cut); return noSites(ctx, m) }
func together(ctx context.Context, m *member) error { m.link.Be(postgres.Clear); return sites(ctx, m) }

var killedForLong = misfortune{"killed, started later", true, lasting(long, longer, killed, starts)}

// ofOne are the misfortunes of a member.
var ofOne = []misfortune{
	{"stopped and started", false, restart},
	{"stopped, started later", false, func(ctx context.Context, m *member, chance *rand.Rand) error {
		if err := m.stop(ctx); err != nil {
			return err
		}
		if err := pass(ctx, time.Duration(chance.Int64N(int64(brief)))); err != nil {
			return err
		}
		return m.start(ctx)
	}},
	{"killed and started", true, lasting(0, time.Second, killed, starts)},
	killedForLong,
	{"suspended for long", true, lasting(long, longer, send(syscall.SIGSTOP), send(syscall.SIGCONT))},
	{"suspended", false, lasting(time.Second, brief, send(syscall.SIGSTOP), send(syscall.SIGCONT))},
	{"cut from the database for long", true, lasting(long, longer, weather(postgres.Cut), weather(postgres.Clear))},
	{"cut from the database", false, lasting(0, brief, weather(postgres.Cut), weather(postgres.Clear))},
	{"database silent for long", true, lasting(long, longer, weather(postgres.Hole), weather(postgres.Clear))},
	{"database silent", false, lasting(0, brief, weather(postgres.Hole), weather(postgres.Clear))},
	{"database slow", false, lasting(brief, longer, weather(postgres.Slow), weather(postgres.Clear))},
	{"cut from the sites", false, lasting(0, longer, noSites, sites)},
	{"cut from the database and the sites", true, lasting(long, longer, alone, together)},
	{"stopped while the database is silent", true, func(ctx context.Context, m *member, chance *rand.Rand) error {
		m.link.Be(postgres.Hole)
		defer m.link.Be(postgres.Clear)
		if err := pass(ctx, time.Duration(chance.Int64N(int64(brief)))); err != nil {
			return err
		}
		return restart(ctx, m, chance)
	}},
}

func restart(ctx context.Context, m *member, _ *rand.Rand) error {
	if err := m.stop(ctx); err != nil {
		return err
	}
	return m.start(ctx)
}

// ofAll are the misfortunes of the group, without the rolling restart. They happen to any member.
var ofAll = []misfortune{
	{"database restarts", false, func(_ context.Context, m *member, _ *rand.Rand) error {
		m.database.End()
		return m.database.Begin()
	}},
	{"database crashes", false, func(_ context.Context, m *member, _ *rand.Rand) error {
		m.database.Kill()
		return m.database.Begin()
	}},
	{"database away for long", true, lasting(long, longer,
		func(_ context.Context, m *member) error { m.database.End(); return nil },
		func(_ context.Context, m *member) error { return m.database.Begin() })},
}

func mayRepeat(name string) bool {
	for _, list := range [][]misfortune{ofOne, ofAll} {
		for _, m := range list {
			if m.name == name {
				return m.repeats
			}
		}
	}
	return false
}
