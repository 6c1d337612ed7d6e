package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// ending is how a round ends, and with that why the next process, or the next set of inputs, starts.
type ending string

const (
	first     ending = "first start"
	kill      ending = "kill"
	term      ending = "term"
	interrupt ending = "int"
	reload    ending = "reload"
)

const (
	// patience is how long everything may take to arrive once all is well: a deep rescan a minute, and a back-off of a minute before it.
	patience = 6 * time.Minute
	// longestStop is a requirement.
	longestStop = 5 * time.Second
)

// begun is one start.
type begun struct {
	at  time.Time
	why ending
}

// rounds makes the weather change and ends Fluent Bit again and again. Late and back-dated records are within what overlap and deep rescan
// promise to find.
func rounds(ctx context.Context, o options) (err error) {
	b, err := newBench(o, simulate.Options{
		Records: 500, History: time.Hour, Rate: o.rate, Twins: 0.1, Late: 0.1, LateBy: 10 * time.Second, Backdated: 0.05, BackdatedBy: 90 * time.Second,
	}, rig.Keys{"grace": "2"}, rig.Keys{
		"poll_interval": "1s", "overlap": "30s", "rescan_interval": "1m", "rescan_window": "15m", "start_from": "2h", "page_size": "500",
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

	t := tally{ended: map[ending]int{}, complaints: b.complaints}
	if err := b.start(); err != nil {
		return err
	}
	t.starts = append(t.starts, begun{time.Now(), first})
	killed := false // since everything had arrived
	for n, end := range deck {
		name := b.change(chance)
		span := 300*time.Millisecond + time.Duration(chance.Int64N(int64(6*time.Second)))
		if o.verbose {
			fmt.Printf("round %d: %s for %s, then %s; %d events so far\n", n+1, name, span.Round(time.Millisecond), end, b.receiver.Count())
		}
		select {
		case <-time.After(span):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := b.settle(ctx, o, end, killed); err != nil {
			return fmt.Errorf("round %d: %w", n+1, err)
		}
		killed = end == kill
		began := time.Now()
		if err := b.end(ctx, end, &t); err != nil {
			return fmt.Errorf("round %d: %s: %w", n+1, end, err)
		}
		t.ended[end]++
		t.starts = append(t.starts, begun{began, end})
	}
	b.heal()
	if err := b.awaitAll(ctx, patience); err != nil {
		return err
	}
	if _, err := b.stop(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	return t.report(b)
}

// settle waits, before an orderly end, for what would make a repeat look like its fault: after a kill, for what the kill makes come twice; and
// with chunks in memory for a receiver that has taken all, since an orderly end loses what it does not take. A reload would wait for the receiver.
func (b *bench) settle(ctx context.Context, o options, end ending, killed bool) error {
	if end == kill {
		return nil
	}
	if end == reload {
		b.receiver.Be(rig.Takes)
	}
	if !killed && o.storage == "filesystem" {
		return nil
	}
	b.heal()
	if err := b.awaitAll(ctx, patience); err != nil {
		return err
	}
	return rig.Await(ctx, func() bool { return !b.leftovers() })
}

// leftovers tells whether chunks of an earlier process wait to be sent. Fluent Bit names its chunks after the process that made them.
func (b *bench) leftovers() bool {
	chunks, _ := filepath.Glob(filepath.Join(b.dir, "chunks", "*", "*.flb"))
	for _, path := range chunks {
		if !strings.HasPrefix(filepath.Base(path), fmt.Sprintf("%d-", b.fluentBit.PID())) {
			return true
		}
	}
	return false
}

// end ends the round and starts the next one.
func (b *bench) end(ctx context.Context, end ending, t *tally) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("it hangs"))
	defer cancel()
	switch end {
	case reload:
		const begins = "[input:confluence:confluence.0] goes on after"
		before := strings.Count(b.fluentBit.Log(), begins)
		if err := b.fluentBit.Signal(syscall.SIGHUP); err != nil {
			return err
		}
		return b.fluentBit.AwaitLog(ctx, begins, before+1)
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
