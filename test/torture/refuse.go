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

const (
	// growth is how much memory may grow while an output refuses.
	growth = 20 << 20
	// overlapDefault is the plugin's default.
	overlapDefault = 10 * time.Minute
)

// refuse makes the output refuse, and measures the memory. Afterwards all records must arrive, each
// once.
func refuse(ctx context.Context, o options) (err error) {
	// The intervals of a real pipeline: a refused chunk is not tried again all the time.
	service := rig.Keys{"flush": "1", "scheduler.base": "5", "scheduler.cap": "60"}
	// The records that every poll reads again exist from the start. Otherwise the memory for them
	// would be counted as that for the output.
	site := simulate.Options{Rate: o.rate, Records: int(o.rate * overlapDefault.Seconds()), History: overlapDefault}
	b, err := newBench(o, site, service, rig.Keys{"poll_interval": "10s", "start_from": "1h"})
	if err != nil {
		return err
	}
	defer func() { err = b.close(err) }()
	if err := b.start(); err != nil {
		return err
	}
	if err := b.await(ctx, all); err != nil {
		return err
	}
	idle, err := b.peak(ctx, time.Minute)
	if err != nil {
		return err
	}
	b.receiver.Be(rig.Refuses)
	refusing, err := b.peak(ctx, o.refuse)
	if err != nil {
		return err
	}
	b.heal()
	healed := time.Now()
	if err := b.await(ctx, all); err != nil {
		return err
	}
	drained := time.Since(healed)
	usage, err := b.fluentBit.Usage()
	if err != nil {
		return err
	}
	took, err := b.stop(ctx, syscall.SIGTERM)
	if err != nil {
		return err
	}
	c := b.compare(healed)
	fmt.Printf("resident memory: %d MB before, %d MB while the output refused for %s, %d MB at the end\n", idle.Resident>>20, refusing.Resident>>20, o.refuse, usage.Resident>>20)
	fmt.Printf("of it no file's: %d MB before, %d MB while the output refused, %d MB at the end\n", idle.Heap>>20, refusing.Heap>>20, usage.Heap>>20)
	fmt.Printf("CPU %s; %d requests refused; all had arrived %s after that; stopped in %s\n", usage.CPU, b.receiver.Refused(), drained.Round(100*time.Millisecond), took.Round(time.Millisecond))
	fmt.Println(c)
	b.complaints.print()
	if more := refusing.Resident - idle.Resident; more > growth {
		err = fmt.Errorf("memory grew by %d MB", more>>20)
	}
	return errors.Join(err, b.check(c, 0))
}

// peak measures the memory once a second during span.
func (b *bench) peak(ctx context.Context, span time.Duration) (peak rig.Usage, err error) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for end := time.Now().Add(span); time.Now().Before(end); {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return peak, ctx.Err()
		}
		u, err := b.fluentBit.Usage()
		if err != nil {
			return peak, err
		}
		peak.Resident, peak.Heap, peak.CPU = max(peak.Resident, u.Resident), max(peak.Heap, u.Heap), u.CPU
	}
	return peak, nil
}
