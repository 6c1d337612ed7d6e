// Command bench measures the cost of bringing audit records into Fluent Bit, with this plugin and
// with other means, in one run on one machine.
//
//	go run ./test/bench                            all of it, 15 minutes on a quiet machine
//	go run ./test/bench -out docs/performance.md   the same, and writes the page
//	go run ./test/bench -only plugin,tail -records 50000
//	go run ./test/bench -quick                     small numbers, to see that it works
//
// A simulated Confluence runs in a process of its own, whose CPU is not counted. Each row is
// checked by the number of records that came out and, where there is a file, by the records in it.
// The command reads /proc, so it works on Linux only. It exits 1 when something could not be
// measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// parts are what can be measured, in the order of the run.
var parts = []string{"plugin", "exec", "tail", "curl", "filebeat", "start", "growth", "state", "backfill", "live", "sites"}

// A bench is one run.
type bench struct {
	fluentBit string // the program
	plugin    string // the shared object
	dir       string // of everything that is written

	records  int
	rounds   int // of the comparison
	growth   []int
	kept     []int         // fingerprints in the state file
	backfill int           // records of the year that is filled in
	live     int           // records that are filled in while new ones come
	sites    []int         // in one process
	idle     time.Duration // for which they are watched

	failed bool
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "serve" {
		exit(serve(os.Args[2]))
	}
	b := bench{records: 200_000, rounds: 3, growth: []int{10_000, 50_000, 200_000, 1_000_000, 2_000_000},
		kept: []int{50_000, 1_000_000}, backfill: 150_000, live: 1_000_000, sites: []int{1, 100, 500}, idle: time.Minute}
	records := flag.Int("records", b.records, "records of the comparison")
	only := flag.String("only", strings.Join(parts, ","), "what to measure")
	out := flag.String("out", "", "Markdown page to write")
	quick := flag.Bool("quick", false, "small numbers, to see that it works")
	flag.Parse()
	if b.records = *records; *quick {
		b.records, b.rounds, b.growth, b.kept = min(b.records, 10_000), 1, []int{2_000, 10_000}, []int{5_000}
		b.backfill, b.live, b.sites, b.idle = 6_000, 20_000, []int{1, 20}, 3*time.Second
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(b.run(ctx, strings.Split(*only, ","), *out))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (b *bench) run(ctx context.Context, only []string, out string) (err error) {
	for _, name := range only {
		if !slices.Contains(parts, name) {
			return fmt.Errorf("-only %q: want some of %s", name, strings.Join(parts, ", "))
		}
	}
	if b.fluentBit, err = rig.Find(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if b.plugin, err = b.build(ctx); err != nil {
		return err
	}

	p := page{Records: b.records, Rounds: b.rounds}
	if err := p.describe(ctx, b); err != nil {
		return err
	}
	fmt.Println(p.Machine)
	wants := func(name string) bool { return slices.Contains(only, name) }
	p.Comparison = b.compare(ctx, wants)
	if wants("start") {
		p.Start = b.startUp(ctx)
	}
	if wants("growth") {
		p.Growth = b.grow(ctx)
	}
	if wants("state") {
		p.State = b.stateFiles(ctx)
	}
	if wants("backfill") {
		p.Backfill = b.fillBack(ctx)
	}
	if wants("live") {
		p.Live = b.liveDuring(ctx)
	}
	if wants("sites") {
		p.Sites = b.idleSites(ctx)
	}
	p.print(os.Stdout)
	if b.failed || ctx.Err() != nil {
		return errors.Join(errors.New("not everything could be measured, so no page is written"), ctx.Err())
	}
	if out != "" {
		return p.write(out)
	}
	return nil
}

// candidates returns the rows of the comparison. Those of one output and one flush are compared
// with each other.
func (b *bench) candidates() (all []candidate) {
	add := func(part string, how func(context.Context, *row) error, r row) {
		r.Records = b.records
		all = append(all, candidate{part, r, how})
	}
	const exec, tail = "`exec`, curl and jq", "`tail` of a file"
	for _, flush := range []string{usualFlush, ourFlush} {
		for _, kind := range []string{simulate.Cloud, simulate.DataCenter} {
			r := row{Site: kind, Schema: "raw", To: "file", Flush: flush}
			add("plugin", b.runPlugin, r.of(plugin))
			add("exec", b.runExec, r.of(exec))
			add("tail", b.runTail, r.of(tail))
			if kind == simulate.Cloud && flush == usualFlush {
				add("filebeat", b.runFilebeat, r.of("Filebeat `httpjson`"))
			}
		}
	}
	for _, kind := range []string{simulate.Cloud, simulate.DataCenter} {
		r := row{Site: kind, Schema: "raw", To: "null", Flush: ourFlush}
		add("plugin", b.runPlugin, r.of(plugin))
		ecs := r.of(plugin)
		ecs.Schema = "ecs"
		add("plugin", b.runPlugin, ecs)
		if kind == simulate.Cloud {
			direct := r.of(plugin + ", `threaded off`")
			direct.direct = true
			add("plugin", b.runPlugin, direct)
		}
		add("tail", b.runTail, r.of(tail))
		r.To, r.Flush = "/dev/null", ""
		add("curl", b.runCurl, r.of("curl alone"))
	}
	return all
}

// A candidate is a row of the comparison that is to be measured.
type candidate struct {
	part string
	row  row
	how  func(context.Context, *row) error
}

// compare measures all candidates with the same work, one after another, in each round.
func (b *bench) compare(ctx context.Context, wants func(string) bool) []row {
	var rounds [][]row
	for range b.rounds {
		var rows []row
		for _, c := range b.candidates() {
			if wants(c.part) {
				rows = append(rows, b.measure(ctx, c.row, c.how))
			}
		}
		rounds = append(rounds, rows)
	}
	return medians(rounds)
}

// measure calls how with a folder of its own, and notes its error in the row.
func (b *bench) measure(ctx context.Context, r row, how func(context.Context, *row) error) row {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var err error
	if r.dir, err = os.MkdirTemp(b.dir, "row-"); err == nil {
		err = how(ctx, &r)
		err = errors.Join(err, os.RemoveAll(r.dir))
	}
	switch {
	case errors.Is(err, errNotHere):
		r.Missing = err.Error()
	case err != nil:
		r.Missing, b.failed = "failed", true
		fmt.Fprintf(os.Stderr, "bench: %s, %s, %s: %v\n", r.Who, r.Site, r.Schema, err)
	default:
		fmt.Fprintf(os.Stderr, "%s  %s\n", time.Now().Format(time.TimeOnly), strings.Join(append([]string{r.Who, r.Site, r.Schema, r.To, r.Flush}, r.growthCells()...), "  "))
	}
	return r
}
