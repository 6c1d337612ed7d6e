package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// ending is how a round, and the run of Fluent Bit in it, ends.
type ending string

const (
	kill      ending = "kill"
	term      ending = "term"
	interrupt ending = "int"
	reload    ending = "reload"
)

const (
	// patience is how long all records may take to arrive after the last fault: there is a deep
	// rescan every minute, after a back-off of up to a minute.
	patience = 6 * time.Minute
	// overlap is how far every poll looks back. Only the deep rescan finds records that are dated
	// back further.
	overlap = 30 * time.Second
	// suspended is how long the process is stopped now and then: longer than any timeout of the
	// handover.
	suspended = 12 * time.Second
	// longestStop is the required limit for an orderly stop.
	longestStop = 5 * time.Second
)

// rounds changes the faults and ends Fluent Bit again and again. Late and back-dated records are
// within the reach of overlap and deep rescan.
func rounds(ctx context.Context, o options) (err error) {
	b, err := newBench(o, simulate.Options{
		Records: 500, History: time.Hour, Rate: o.rate, Twins: 0.1, Late: 0.1, LateBy: 10 * time.Second, Backdated: o.backdated, BackdatedBy: 90 * time.Second,
	}, rig.Keys{"grace": "2"}, rig.Keys{
		"poll_interval": "1s", "overlap": overlap.String(), "rescan_interval": "1m", "rescan_window": "15m", "start_from": "2h", "page_size": "500",
	})
	if err != nil {
		return err
	}
	defer func() { err = b.close(err) }()

	chance := rand.New(rand.NewPCG(o.seed, 1))
	deck := make([]ending, o.rounds)
	for i := range deck {
		deck[i] = o.endings[i%len(o.endings)]
	}
	chance.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })

	t := tally{endings: deck, complaints: b.complaints}
	if err := b.start(); err != nil {
		return err
	}
	for n, end := range deck {
		name := b.change(chance)
		span := 500*time.Millisecond + time.Duration(chance.Int64N(int64(7500*time.Millisecond)))
		if o.verbose {
			fmt.Printf("round %d: %s for %s, then %s; %d events so far\n", n+1, name, span.Round(time.Millisecond), end, b.receiver.Count())
		}
		select {
		case <-time.After(span):
		case <-ctx.Done():
			return ctx.Err()
		}
		if chance.IntN(8) == 0 {
			if err := b.suspend(ctx, o); err != nil {
				return fmt.Errorf("round %d: suspend: %w", n+1, err)
			}
		}
		if err := b.prepare(ctx, o, end); err != nil {
			return fmt.Errorf("round %d: %w", n+1, err)
		}
		if err := b.end(ctx, end, &t); err != nil {
			return fmt.Errorf("round %d: %s: %w", n+1, end, err)
		}
	}
	healed := time.Now()
	b.heal()
	if err := b.await(ctx, all); err != nil {
		return err
	}
	if _, err := b.stop(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	return t.report(b, healed)
}

// suspend stops the whole process for a time, like a paused container.
func (b *bench) suspend(ctx context.Context, o options) error {
	if o.verbose {
		fmt.Printf("suspended for %s\n", suspended)
	}
	if err := b.fluentBit.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	select {
	case <-time.After(suspended):
		return b.fluentBit.Signal(syscall.SIGCONT)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// prepare waits until an orderly end is possible. A stop loses events in memory that were not sent,
// and waits for a receiver that does not answer. A reload waits until all events are sent, and for
// ever for chunks of an earlier process that were not read again.
func (b *bench) prepare(ctx context.Context, o options, end ending) error {
	switch {
	case end == kill:
	case o.storage == "memory" && b.mood != rig.Takes:
		b.heal()
		return b.await(ctx, func(r simulate.Record) bool { return r.Visible.Sub(r.Time) < overlap })
	case end == reload:
		b.receiver.Be(rig.Takes)
		return rig.Await(ctx, func() bool { return !b.leftovers() })
	case b.mood == rig.Hangs:
		b.receiver.Be(rig.Refuses)
	}
	return nil
}

// leftovers returns whether chunks of an earlier process wait to be sent. The name of a chunk
// contains the number of its process.
func (b *bench) leftovers() bool {
	chunks, _ := filepath.Glob(filepath.Join(b.dir, "chunks", "*", "*.flb"))
	return slices.ContainsFunc(chunks, func(path string) bool {
		return !strings.HasPrefix(filepath.Base(path), fmt.Sprintf("%d-", b.fluentBit.PID()))
	})
}

// end ends the round and starts the next one.
func (b *bench) end(ctx context.Context, end ending, t *tally) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it hangs"))
	defer cancel()
	switch end {
	case reload:
		before := b.begun()
		if err := b.stamp(); err != nil {
			return err
		}
		if err := b.fluentBit.Signal(syscall.SIGHUP); err != nil {
			return err
		}
		err := rig.Await(ctx, func() bool { return b.begun() >= before+len(b.config.Inputs) || b.fluentBit.Ended() })
		if err == nil && b.fluentBit.Ended() {
			err = errors.New("fluent-bit ended")
		}
		return err
	case kill:
		b.fluentBit.Kill()
		b.complaints.read(b.fluentBit.Log())
	default:
		signal := syscall.SIGTERM
		if end == interrupt {
			signal = syscall.SIGINT
		}
		took, err := b.stop(ctx, signal)
		if err != nil {
			return err
		}
		t.longest = max(t.longest, took)
	}
	return b.start()
}

// begun counts how often an input has begun to collect in this process.
func (b *bench) begun() int {
	log := b.fluentBit.Log()
	return strings.Count(log, "first run: begins with records") + strings.Count(log, "goes on with records")
}
