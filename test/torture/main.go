// Command torture runs the real Fluent Bit with the plugin through faults of all kinds, and counts
// the records that are lost or delivered twice.
//
// Kills, stops, reloads, a failing API and a failing receiver:
//
//	go run ./test/torture -rounds 100 -seed 7
//
// The same with a Confluence and a Jira input:
//
//	go run ./test/torture -rounds 100 -products confluence,jira
//
// The same with an organization as well, whose cursors expire, stick or are missing at the end:
//
//	go run ./test/torture -rounds 100 -products confluence,jira,organization
//
// The same without kills, with chunks in memory:
//
//	go run ./test/torture -rounds 30 -storage memory
//
// The output refuses for ten minutes:
//
//	go run ./test/torture -refuse 10m -rate 200
//
// Kills and stops, with a site that refuses or cuts one request in eight:
//
//	go run ./test/torture -busy 5m -rate 40
//
// A backfill of a month of records, with three restarts:
//
//	go run ./test/torture -backfill 30 -per-day 20000 -restarts 3
//
// Three processes share thirty sites in a PostgreSQL. They are killed, stopped, suspended, and cut
// from it and from the sites:
//
//	go run ./test/torture -fleet 3 -sites 30 -for 10m
//
// It exits 1 when a record is lost, comes twice after an orderly stop, or when a limit of the
// scenario is broken.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
)

// options are the flags. Each scenario uses some of them.
type options struct {
	seed      uint64
	rate      float64
	backdated float64
	products  []string
	center    bool
	storage   string
	rounds    int
	threaded  string
	endings   []ending
	refuse    time.Duration
	busy      time.Duration
	backfill  int
	perDay    int
	restarts  int
	fleet     int
	sites     int
	span      time.Duration
	orderly   bool
	verbose   bool
}

func main() {
	var o options
	products := flag.String("products", simulate.Confluence, "whose logs are read, each by an input of its own, at one address: confluence, jira, organization, or with commas the first two or all three")
	flag.BoolVar(&o.center, "datacenter", false, "the site is a Data Center; else Cloud")
	endings := flag.String("endings", "", "how rounds end, in equal shares: kill, term, int, reload; a word may stand several times (default: half kills; in memory none)")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "what decides records, weather and endings")
	flag.Float64Var(&o.rate, "rate", 50, "live records per second")
	flag.Float64Var(&o.backdated, "backdated", 0.05, "share of live records that only a deep rescan finds, which comes once a minute")
	flag.StringVar(&o.storage, "storage", "filesystem", "where Fluent Bit keeps its chunks: filesystem or memory")
	flag.StringVar(&o.threaded, "threaded", "on", "whether the input has a thread of its own: on or off")
	flag.IntVar(&o.rounds, "rounds", 20, "how many times Fluent Bit is ended or reloaded")
	flag.DurationVar(&o.refuse, "refuse", 0, "scenario of its own: the output refuses for so long")
	flag.DurationVar(&o.busy, "busy", 0, "scenario of its own: a busy site refuses or cuts one request in eight for so long")
	flag.IntVar(&o.backfill, "backfill", 0, "scenario of its own: so many days of records are there at the start")
	flag.IntVar(&o.perDay, "per-day", 20_000, "records a day of the backfill")
	flag.IntVar(&o.restarts, "restarts", 3, "orderly restarts during the backfill")
	flag.IntVar(&o.fleet, "fleet", 0, "scenario of its own: so many processes share their inputs in a PostgreSQL")
	flag.IntVar(&o.sites, "sites", 30, "how many sites they read")
	flag.DurationVar(&o.span, "for", 10*time.Minute, "how long misfortunes happen to them")
	flag.BoolVar(&o.orderly, "orderly", false, "only those misfortunes happen to them after which nothing may be repeated")
	flag.BoolVar(&o.verbose, "v", false, "say what happens in each round")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := errors.Join(o.parseProducts(*products), o.parseEndings(*endings))
	if err == nil {
		err = o.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) error {
	fmt.Printf("seed %d\n", o.seed)
	switch {
	case o.fleet > 0:
		return shared(ctx, o)
	case o.refuse > 0:
		return refuse(ctx, o)
	case o.busy > 0:
		return busy(ctx, o)
	case o.backfill > 0:
		return backfill(ctx, o)
	default:
		return rounds(ctx, o)
	}
}

func (o *options) parseProducts(list string) error {
	o.products = strings.Split(list, ",")
	switch list {
	case simulate.Confluence, simulate.Jira, simulate.Confluence + "," + simulate.Jira:
		return nil
	case simulate.Organization, simulate.Confluence + "," + simulate.Jira + "," + simulate.Organization:
		if o.center || o.storage == "memory" {
			return errors.New("-products: an organization is on Cloud, and is read with chunks on disk here")
		}
		return nil
	}
	return fmt.Errorf("-products %q: want confluence, jira, organization, the first two with a comma between, or all three", list)
}

func (o *options) parseEndings(list string) error {
	if o.storage != "filesystem" && o.storage != "memory" {
		return fmt.Errorf("-storage %q: want filesystem or memory", o.storage)
	}
	if list == "" {
		list = "term,int,reload"
		if o.storage == "filesystem" {
			list = "kill,term,kill,int,kill,reload"
		}
	}
	for word := range strings.SplitSeq(list, ",") {
		e := ending(word)
		switch {
		case e == kill && o.storage == "memory":
			return errors.New("-endings: a kill loses what is in memory, whatever the plugin does")
		case e != kill && e != term && e != interrupt && e != reload:
			return fmt.Errorf("-endings %q: want kill, term, int or reload", word)
		}
		o.endings = append(o.endings, e)
	}
	return nil
}
