// Command scale measures what many sites cost the database that some processes share.
//
//	go run ./test/scale -sites 1000 -processes 4 -per-hour 100 -for 5m
//
// The processes are those of the plugin without Fluent Bit, in one process: each has a lease and
// connections of its own. The sites are simulated in memory, and the PostgreSQL is a real one.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"
)

type options struct {
	sites, processes int
	perHour          float64
	span             time.Duration
}

func main() {
	var o options
	flag.IntVar(&o.sites, "sites", 1000, "how many sites there are")
	flag.IntVar(&o.processes, "processes", 4, "how many processes share them")
	flag.Float64Var(&o.perHour, "per-hour", 100, "records of each site in an hour")
	flag.DurationVar(&o.span, "for", 5*time.Minute, "how long to measure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "scale:", err)
		os.Exit(1)
	}
}

// measure lets the processes run, and then cuts one off and stops another.
func measure(ctx context.Context, o options) error {
	f, err := newGroup(o) //nolint:contextcheck // pipelines end by Stop
	if err != nil {
		return err
	}
	defer f.close() //nolint:contextcheck // pipelines end by Stop
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprintf(w, "sites, processes\t%d, %d\n", o.sites, o.processes)
	began := time.Now()
	f.start() //nolint:contextcheck // pipelines end by Stop
	if err := f.await(ctx, o.processes); err != nil {
		return err
	}
	fmt.Fprintf(w, "until all sites were read after the start\t%s\n", since(began))
	if err := pass(ctx, 2*pollInterval); err != nil { // until all that is of the start is over
		return err
	}
	held, err := f.held(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "sites of each process\t%v\n", held)

	before, err := f.count()
	if err != nil {
		return err
	}
	began = time.Now()
	if err := pass(ctx, o.span); err != nil {
		return err
	}
	after, err := f.count()
	if err != nil {
		return err
	}
	f.report(w, before, after, time.Since(began))

	began = time.Now()
	f.processes[0].cut()
	if err := f.await(ctx, o.processes-1); err != nil {
		return err
	}
	fmt.Fprintf(w, "until the sites of a lost process were taken\t%s\n", since(began))
	began = time.Now()
	f.processes[1].stop() //nolint:contextcheck // pipelines end by Stop
	if err := f.await(ctx, o.processes-2); err != nil {
		return err
	}
	fmt.Fprintf(w, "until the sites of a stopped process were taken\t%s\n", since(began))
	return nil
}

func since(t time.Time) time.Duration { return time.Since(t).Round(100 * time.Millisecond) }

func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
