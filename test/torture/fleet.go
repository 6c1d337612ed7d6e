package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// shared runs several Fluent Bits that share their inputs in a database. Each has its own
// misfortunes, one after another, at the same time as the others have theirs. So has the group.
func shared(ctx context.Context, o options) (err error) {
	g, err := newGroup(o)
	if err != nil {
		return err
	}
	defer func() { err = g.close(err) }()
	began := time.Now()
	for _, m := range g.members {
		if err := m.start(ctx); err != nil {
			return err
		}
	}
	if err := g.await(ctx); err != nil {
		return err
	}
	fmt.Printf("everything had arrived %s after the start\n", time.Since(began).Round(time.Second))

	// One kill while all else is well shows how long a take-over takes.
	if m := g.members[0]; !o.orderly {
		if err := m.suffer(ctx, killedForLong, rand.New(rand.NewPCG(o.seed, 0))); err != nil {
			return err
		}
	}
	limit, cancel := context.WithTimeout(ctx, o.span)
	defer cancel()
	lives := []func(context.Context, context.Context, options) error{g.live}
	for _, m := range g.members {
		lives = append(lives, m.live)
	}
	ends := make(chan error, len(lives))
	for _, live := range lives {
		go func() { ends <- live(ctx, limit, o) }()
	}
	for range lives {
		if err := <-ends; err != nil {
			return err
		}
	}
	healed := time.Now()
	if err := g.await(ctx); err != nil {
		return err
	}
	fmt.Printf("everything had arrived %s after the last misfortune\n", time.Since(healed).Round(time.Second))
	for _, m := range g.members {
		if err := m.stop(ctx); err != nil {
			return err
		}
	}
	return g.report(healed)
}

// live lets misfortunes happen to a member until limit is done.
func (m *member) live(ctx, limit context.Context, o options) error {
	chance := rand.New(rand.NewPCG(o.seed, uint64(m.n)))
	for next := range deal(chance, ofOne, o) {
		if rest(limit, chance, 5*time.Second, 20*time.Second) != nil {
			break
		}
		if err := m.suffer(ctx, next, chance); err != nil {
			return fmt.Errorf("process %d: %s: %w", m.n, next.name, err)
		}
	}
	return nil
}

func (m *member) suffer(ctx context.Context, what misfortune, chance *rand.Rand) error {
	m.busy.Lock()
	defer m.busy.Unlock()
	defer m.diary.note(what.name, m.n)()
	return what.happen(ctx, m, chance)
}

// live lets misfortunes happen to the group until limit is done.
func (g *group) live(ctx, limit context.Context, o options) error {
	chance := rand.New(rand.NewPCG(o.seed, uint64(len(g.members))))
	deck := append([]misfortune{{"rolling restart", false, g.roll}}, ofAll...)
	for next := range deal(chance, deck, o) {
		if rest(limit, chance, 20*time.Second, time.Minute) != nil {
			break
		}
		over := g.diary.note(next.name, everybody)
		err := next.happen(ctx, g.members[0], chance)
		over()
		if err != nil {
			return fmt.Errorf("%s: %w", next.name, err)
		}
	}
	return nil
}

// roll restarts one member after another, as soon as each has nothing else to suffer.
func (g *group) roll(ctx context.Context, _ *member, chance *rand.Rand) error {
	for _, m := range g.members {
		if err := m.suffer(ctx, ofOne[0], chance); err != nil {
			return err
		}
	}
	return nil
}

// deal deals a deck again and again, shuffled each time. With -orderly it has only what may repeat
// nothing.
func deal(chance *rand.Rand, deck []misfortune, o options) func(func(misfortune) bool) {
	return func(yield func(misfortune) bool) {
		for {
			for _, i := range chance.Perm(len(deck)) {
				if (!o.orderly || !deck[i].repeats) && !yield(deck[i]) {
					return
				}
			}
		}
	}
}

func rest(limit context.Context, chance *rand.Rand, least, most time.Duration) error {
	return pass(limit, least+time.Duration(chance.Int64N(int64(most-least))))
}
