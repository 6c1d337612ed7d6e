package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// recordsPerSite is how many records each site has; there are no later ones.
const recordsPerSite = 100

// dummy is Fluent Bit's own input, which delivers one record and then nothing.
const dummy = "`dummy`"

// An idle row is one process with many inputs without new records.
type idle struct {
	row
	Sites    int
	Each     int // records of a site
	Watched  time.Duration
	Resident int64   // bytes, at the end
	Share    float64 // of one core
	WakeUps  float64 // a second
	Stop     time.Duration
}

// idleSites measures processes that have polled all their sites once. The largest is compared with
// Fluent Bit's own idle inputs, and with one with Fluent Bit's HTTP server.
func (b *bench) idleSites(ctx context.Context) (rows []idle) {
	watch := func(who string, sites, each int, span time.Duration, direct, silent bool) {
		i := idle{Sites: sites, Each: each, Watched: span, row: row{
			Who: who, Site: simulate.Cloud, Schema: "raw", To: "file", Records: sites * each, direct: direct, silent: silent,
		}}
		if i.direct {
			i.Who += ", `threaded off`"
		}
		i.row = b.measure(ctx, i.row, func(ctx context.Context, r *row) error { return b.watchIdle(ctx, &i, r) })
		rows = append(rows, i)
	}
	most := b.sites[len(b.sites)-1]
	for _, n := range b.sites {
		watch(plugin, n, recordsPerSite, b.idle, true, true)
	}
	watch(plugin, most, recordsPerSite, b.idle, false, true)
	watch(plugin, most, 20*recordsPerSite, b.idle/4, true, true)
	watch(dummy, most, 1, b.idle/4, true, true)
	watch(dummy, most, 1, b.idle/4, false, true)
	watch(plugin+", `http_server on`", most, recordsPerSite, b.idle/4, true, false)
	watch(dummy+", `http_server on`", most, 1, b.idle/4, true, false)
	return rows
}

func (b *bench) watchIdle(ctx context.Context, i *idle, r *row) (err error) {
	quiet := site(r.Site, i.Each)
	quiet.Addresses, quiet.History = i.Sites, 23*time.Hour
	s, err := startServer(ctx, quiet)
	if err != nil {
		return err
	}
	defer s.account(r, &err)
	inputs := make([]rig.Keys, i.Sites)
	for n := range inputs {
		dir := filepath.Join(r.dir, fmt.Sprint(n))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		inputs[n] = input(dir, "http://"+address(n, s.port), r.Site, i.Each)
		if strings.HasPrefix(r.Who, dummy) {
			inputs[n] = rig.Keys{"name": "dummy", "samples": "1"}
		}
		inputs[n]["threaded"] = "on"
		if r.direct {
			inputs[n]["threaded"] = "off"
		}
	}
	h, err := b.start(r, "", inputs...)
	if err != nil {
		return err
	}
	lines := lineCounter{pattern: filepath.Join(r.dir, "records")}
	if err = rig.Await(ctx, func() bool { return lines.count() >= r.Records || h.Ended() }); err == nil {
		r.Wall = time.Since(h.began)
		err = i.look(ctx, h, b.idle/6)
	}
	if n := lines.count(); n != r.Records {
		err = errors.Join(err, fmt.Errorf("%d records, want %d; the log:\n%.2000s", n, r.Records, h.Log()))
	}
	var errStop error
	r.CPU, r.Memory, i.Stop, errStop = h.stop(ctx)
	return errors.Join(err, errStop)
}

// look waits until the process is idle, and then measures what it uses during a time.
func (i *idle) look(ctx context.Context, h *host, warmUp time.Duration) error {
	if err := pause(ctx, warmUp); err != nil {
		return err
	}
	before, err := h.Usage()
	woken := wakeUps(h.PID())
	if err != nil {
		return err
	}
	if err := pause(ctx, i.Watched); err != nil {
		return err
	}
	after, err := h.Usage()
	i.Share = (after.CPU - before.CPU).Seconds() / i.Watched.Seconds()
	i.WakeUps = float64(wakeUps(h.PID())-woken) / i.Watched.Seconds()
	i.Resident = after.Resident
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
