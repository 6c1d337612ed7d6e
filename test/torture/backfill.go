package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// backfill begins with many days of records, and restarts Fluent Bit during the backfill. Each
// record must arrive once, and live records must not wait for the end of the backfill.
func backfill(ctx context.Context, o options) (err error) {
	const poll = 10 * time.Second
	total := o.backfill * o.perDay
	start := time.Now()
	b, err := newBench(o, simulate.Options{
		Records: total, History: time.Duration(o.backfill) * 24 * time.Hour, Start: start, Rate: o.rate,
	}, nil, rig.Keys{"poll_interval": poll.String(), "start_from": "all"})
	if err != nil {
		return err
	}
	defer func() { err = b.close(err) }()

	starts := []time.Time{time.Now()}
	var cpu, longest time.Duration
	var memory int64
	if err := b.start(); err != nil {
		return err
	}
	stop := func() error {
		usage, err := b.fluentBit.Usage()
		if err != nil {
			return err
		}
		cpu += usage.CPU
		took, err := b.stop(ctx, syscall.SIGTERM)
		longest = max(longest, took)
		return err
	}
	watch := func() {
		if usage, err := b.fluentBit.Usage(); err == nil {
			memory = max(memory, usage.Resident)
		}
	}
	for n := range o.restarts {
		goal := total * (n + 1) / (o.restarts + 1)
		if err := rig.Await(ctx, func() bool { watch(); return b.receiver.Count() >= goal || b.fluentBit.Ended() }); err != nil {
			return err
		}
		if err := stop(); err != nil {
			return err
		}
		starts = append(starts, time.Now())
		if err := b.start(); err != nil {
			return err
		}
	}
	if err := rig.Await(ctx, func() bool { watch(); return b.receiver.Count() >= total || b.fluentBit.Ended() }); err != nil {
		return err
	}
	caughtUp := time.Now()
	if err := b.await(ctx, all); err != nil {
		return err
	}
	if err := stop(); err != nil {
		return err
	}

	c := b.compare(caughtUp)
	late, serial := b.latest(start, caughtUp, starts)
	fmt.Printf("%d records of %d days in %s, with %d restarts: CPU %s, %d MB of memory at most, longest stop %s\n",
		total, o.backfill, caughtUp.Sub(start).Round(time.Second), o.restarts, cpu.Round(time.Millisecond), memory>>20, longest.Round(time.Millisecond))
	fmt.Printf("a live record took %s at most (%s); the poll interval is %s\n", late.Round(time.Millisecond), serial, poll)
	fmt.Println(c)
	b.complaints.print()
	if late > 2*poll {
		err = errors.New("a live record took longer than two poll intervals")
	}
	return errors.Join(err, b.check(c, 0))
}

// latest returns the longest delay of a live record, from when the site showed it, or from the
// start of Fluent Bit if that was later.
func (b *bench) latest(start, end time.Time, starts []time.Time) (late time.Duration, serial string) {
	for n, product := range b.products() {
		arrived := map[string]time.Time{}
		for _, e := range b.receiver.Of(product) {
			if _, twice := arrived[e.Serial]; !twice {
				arrived[e.Serial] = e.Arrived
			}
		}
		for r := range only(b.logs[n], func(r simulate.Record) bool { return r.Visible.After(start) }) {
			at, came := arrived[r.Serial]
			if !came || r.Visible.After(end) {
				continue
			}
			since := r.Visible
			for _, s := range starts {
				if s.After(since) && s.Before(at) {
					since = s
				}
			}
			if d := at.Sub(since); d > late {
				late, serial = d, product+" "+r.Serial
			}
		}
	}
	return late, serial
}
