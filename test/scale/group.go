package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/config"
	"fluent-bit-confluence/internal/fleet"
	"fluent-bit-confluence/internal/pipeline"
	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/postgres"
)

const pollInterval = time.Minute // the default of the inputs

// A group is some processes that share the sites.
type group struct {
	o         options
	database  *postgres.Server
	sites     web
	processes []*process
}

// A web is all sites, by host.
type web map[string]*simulate.Simulator

func (w web) ServeHTTP(out http.ResponseWriter, r *http.Request) { w[r.Host].ServeHTTP(out, r) }

// A process has an input for each site.
type process struct {
	link   *postgres.Link
	inputs []*pipeline.Pipeline
}

func newGroup(o options) (*group, error) {
	f := &group{o: o, sites: make(web)}
	var missing string
	var err error
	if f.database, missing, err = postgres.New(); missing != "" {
		err = errors.New(missing)
	}
	if err != nil {
		return nil, err
	}
	for n := range o.sites {
		f.sites[host(n)] = simulate.New(simulate.Options{Seed: uint64(n), CloudID: fmt.Sprintf("%08d-2222-4333-8444-555555555555", n), Rate: o.perHour / 3600})
	}
	for range o.processes {
		p, err := f.process()
		if err != nil {
			f.close()
			return nil, err
		}
		f.processes = append(f.processes, p)
	}
	return f, nil
}

func host(n int) string { return fmt.Sprintf("site%04d.example.com", n) }

func (f *group) process() (p *process, err error) {
	p = new(process)
	if p.link, err = f.database.NewLink(); err != nil {
		return nil, err
	}
	log, fleets := logrus.New(), new(pipeline.Fleets)
	log.SetOutput(io.Discard)
	for n := range f.o.sites {
		keys := map[string]string{
			"api_url": "https://" + host(n), "user_identifier": "admin@example.com", "api_token": "unscoped-token", "start_from": "1m",
			"db": fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", p.link.Addr()),
		}
		s, err := config.Parse(func(key string) string { return keys[key] })
		if err != nil {
			return nil, err
		}
		s.Options.Transport = simulate.InMemory(f.sites)
		wake := make(chan struct{}, 1)
		input, err := pipeline.New(s, log, pipeline.Options{BatchBytes: 1 << 20, Fleets: fleets, Ready: func() {
			select {
			case wake <- struct{}{}:
			default:
			}
		}})
		if err != nil {
			return nil, err
		}
		go func() {
			for range wake {
				for b := input.Next(); b != nil; b = input.Next() {
					input.Acknowledge(b)
				}
			}
		}()
		p.inputs = append(p.inputs, input)
	}
	return p, nil
}

// start starts the inputs of all processes, spread over the time between two polls as Fluent Bit
// does it.
func (f *group) start() {
	for _, p := range f.processes {
		for n, input := range p.inputs {
			input.Start(pollInterval * time.Duration(n) / time.Duration(len(p.inputs)))
		}
	}
}

// cut cuts a process off from the database, which looks to the others like a kill.
func (p *process) cut() { p.link.Be(postgres.Cut) }

func (p *process) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for _, input := range p.inputs {
		all.Go(func() { _ = input.Stop(ctx) })
	}
	all.Wait()
}

// held returns how many logs each process holds, as the database has it.
func (f *group) held(ctx context.Context) (counts []int, err error) {
	o, err := fleet.View(ctx, fleet.Options{URL: f.url()})
	if err != nil {
		return nil, err
	}
	by := make(map[string]int)
	for _, r := range o.Logs {
		if r.Member != "" && r.Expires.After(o.Now) {
			by[r.Member]++
		}
	}
	for _, n := range by {
		counts = append(counts, n)
	}
	slices.Sort(counts)
	return counts, nil
}

func (f *group) url() string { return "postgres:///postgres?user=postgres&host=" + f.database.Dir }

// await waits until so many processes hold all logs.
func (f *group) await(ctx context.Context, processes int) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		held, err := f.held(ctx)
		sum := 0
		for _, n := range held {
			sum += n
		}
		if err == nil && len(held) == processes && sum == f.o.sites {
			return nil
		}
		if waited := pass(ctx, 200*time.Millisecond); waited != nil {
			return errors.Join(fmt.Errorf("%v logs are held by %d processes: %w", held, len(held), waited), err)
		}
	}
}

// counts are what the database has counted.
type counts struct{ transactions, inserted, updated, deleted, written, seen, size int64 }

func (f *group) count() (c counts, err error) {
	text, err := f.database.Query("postgres", `
select xact_commit + xact_rollback, tup_inserted, tup_updated, tup_deleted, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
    (select count(*) from confluence_audit.seen), pg_total_relation_size('confluence_audit.seen')
from pg_stat_database where datname = 'postgres'`)
	if err != nil {
		return c, err
	}
	all := []*int64{&c.transactions, &c.inserted, &c.updated, &c.deleted, &c.written, &c.seen, &c.size}
	for i, column := range strings.Split(strings.TrimSpace(text), "|") {
		if *all[i], err = strconv.ParseInt(column, 10, 64); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (f *group) report(w io.Writer, before, after counts, span time.Duration) {
	rate := func(name string, n int64) {
		fmt.Fprintf(w, "%s a minute\t%.0f\n", name, float64(n)/span.Minutes())
	}
	rate("transactions", after.transactions-before.transactions)
	rate("rows inserted", after.inserted-before.inserted)
	rate("rows updated", after.updated-before.updated)
	rate("rows deleted", after.deleted-before.deleted)
	rate("bytes written to the WAL", after.written-before.written)
	fmt.Fprintf(w, "fingerprints, bytes with the index\t%d, %d\n", after.seen, after.size)
}

func (f *group) close() {
	for _, p := range f.processes {
		p.stop()
		_ = p.link.Close()
	}
	f.database.Close()
}
