package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// furthestBehind is the largest allowed delay of a record of a busy site, from when the site showed
// it, or from the start of Fluent Bit if that was later.
const furthestBehind = time.Minute

// busy reads a site with sixty pages of records in overlap, which refuses or cuts one request in
// eight all the time. Between kills and stops the input must keep up.
func busy(ctx context.Context, o options) (err error) {
	const overlap, page = 5 * time.Minute, 200
	b, err := newBench(o, simulate.Options{
		Records: int(o.rate * overlap.Seconds()), History: overlap, Rate: o.rate, Twins: 0.05,
		Faults: []simulate.Fault{
			{Kind: simulate.FaultRateLimit, Value: "1", Share: 1. / 24}, {Kind: simulate.FaultUnavailable, Value: "1", Share: 1. / 24}, {Kind: simulate.FaultCut, Share: 1. / 24},
		},
	}, rig.Keys{"grace": "2"}, rig.Keys{"poll_interval": "1s", "overlap": overlap.String(), "page_size": fmt.Sprint(page), "start_from": "1h"})
	if err != nil {
		return err
	}
	defer func() { err = b.close(err) }()
	b.mood = rig.Takes
	start, chance := time.Now(), rand.New(rand.NewPCG(o.seed, 2))
	t := tally{complaints: b.complaints}
	starts := []time.Time{start}
	if err := b.start(); err != nil {
		return err
	}
	for time.Since(start) < o.busy {
		select {
		case <-time.After(5*time.Second + time.Duration(chance.Int64N(int64(20*time.Second)))):
		case <-ctx.Done():
			return ctx.Err()
		}
		end := []ending{kill, term}[len(t.endings)%2]
		t.endings = append(t.endings, end)
		if err := b.end(ctx, end, &t); err != nil {
			return err
		}
		starts = append(starts, time.Now())
	}
	ended := time.Now()
	if err := b.await(ctx, all); err != nil {
		return err
	}
	rest := time.Since(ended)
	if _, err := b.stop(ctx, syscall.SIGTERM); err != nil {
		return err
	}
	late, serial := b.latest(start, ended, starts)
	var requests []simulate.Request
	for _, log := range b.logs {
		requests = append(requests, log.Requests()...)
	}
	asked, refused := len(requests), 0
	for _, r := range requests {
		if len(r.Faults) > 0 {
			refused++
		}
	}
	fmt.Printf("%s of %.0f records a second, %d requests, %d of them refused or cut\n", ended.Sub(start).Round(time.Second), o.rate, asked, refused)
	fmt.Printf("a live record took %s at most (%s); all had arrived %s after the last start\n", late.Round(time.Millisecond), serial, rest.Round(time.Millisecond))
	if late > furthestBehind || rest > furthestBehind {
		err = fmt.Errorf("it was left behind by more than %s", furthestBehind)
	}
	return errors.Join(err, t.report(b, ended))
}
