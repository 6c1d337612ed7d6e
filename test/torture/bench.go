package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
)

// bench is one Fluent Bit between a simulator and a receiver.
type bench struct {
	dir        string
	program    string
	config     rig.Config
	path       string // of the configuration file
	runs       int    // how many runs of the input there were, reloads included
	logs       []*simulate.Simulator
	server     *httptest.Server
	receiver   *rig.Receiver
	mood       rig.Mood       // the receiver's
	fluentBit  *rig.FluentBit // the one that runs, or the last that did
	complaints complaints
}

// newBench starts simulator and receiver. input needs only the keys that matter for the scenario.
func newBench(o options, site simulate.Options, service, input rig.Keys) (*bench, error) {
	program, err := rig.Find()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "torture-")
	if err != nil {
		return nil, err
	}
	plugin, err := rig.Plugin(dir)
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, program: program, receiver: rig.NewReceiver(), complaints: complaints{}}
	b.server = httptest.NewServer(b.serve(o, site))
	b.config = rig.Config{
		Plugin:  plugin,
		Service: rig.Filesystem(dir).With(rig.Keys{"hot_reload": "on"}).With(service),
		Outputs: []rig.Keys{b.receiver.Output()},
	}
	for n, product := range o.products {
		keys := rig.Keys{
			"name": "confluence", "product": product, "api_url": b.server.URL, "db": filepath.Join(dir, product+".db"), "storage.type": o.storage, "threaded": o.threaded,
		}
		credentials := b.logs[n].Credentials()
		if product == simulate.Organization {
			// Fifty requests a minute are allowed.
			keys = keys.With(input).With(rig.Keys{"org_id": b.logs[n].OrgID(), "api_key": credentials.APIKey, "poll_interval": "5s"})
			b.config.Inputs = append(b.config.Inputs, keys)
			continue
		}
		if o.center {
			keys = keys.With(rig.Keys{"api_url": b.server.URL + "/" + product, "personal_access_token": credentials.PersonalAccessToken})
		} else {
			keys = keys.With(rig.Keys{"gateway_url": b.server.URL, "user_identifier": credentials.User, "api_token": credentials.ScopedToken})
		}
		b.config.Inputs = append(b.config.Inputs, keys.With(input))
	}
	return b, nil
}

// serve makes the simulator of each product, and returns the server of their site.
func (b *bench) serve(o options, site simulate.Options) http.Handler {
	for n, product := range o.products {
		site.Seed, site.Product = o.seed+uint64(n), product
		if o.center {
			site.Deployment, site.ContextPath = simulate.DataCenter, "/"+product
		}
		b.logs = append(b.logs, simulate.New(site))
	}
	switch len(b.logs) {
	case 1:
		return b.logs[0]
	case 2:
		return simulate.Site(b.logs[0], b.logs[1])
	}
	return simulate.WithOrganization(simulate.Site(b.logs[0], b.logs[1]), b.logs[2])
}

// close ends everything. After an error it keeps the folder.
func (b *bench) close(err error) error {
	if b.fluentBit != nil {
		b.fluentBit.Kill()
	}
	b.receiver.Close()
	b.server.CloseClientConnections()
	b.server.Close()
	if err != nil {
		return fmt.Errorf("%w\nlogs and state are in %s", err, b.dir)
	}
	return os.RemoveAll(b.dir)
}

func (b *bench) start() (err error) {
	if err := b.stamp(); err != nil {
		return err
	}
	b.fluentBit, err = rig.Start(b.program, b.path)
	return err
}

// stamp writes the configuration of the next run.
func (b *bench) stamp() (err error) {
	b.config.Filters = []rig.Keys{rig.Stamp(b.runs)}
	b.runs++
	b.path, err = b.config.Write(b.dir)
	return err
}

// stop ends Fluent Bit in an orderly way and returns how long that took.
func (b *bench) stop(ctx context.Context, s syscall.Signal) (time.Duration, error) {
	took, err := b.fluentBit.Stop(ctx, s)
	b.complaints.read(b.fluentBit.Log())
	return took, err
}

func (b *bench) compare(until time.Time) rig.Comparison {
	return b.compareOnly(all, until)
}

// compareOnly compares the wanted records with what arrived, product by product.
func (b *bench) compareOnly(w wanted, until time.Time) (c rig.Comparison) {
	for n, product := range b.products() {
		c = c.Add(rig.Compare(only(b.logs[n], w), b.receiver.Of(product), until))
	}
	return c
}

func (b *bench) products() (names []string) {
	for _, input := range b.config.Inputs {
		names = append(names, input["product"])
	}
	return names
}

// wanted returns whether a scenario waits for a record.
type wanted func(simulate.Record) bool

func all(simulate.Record) bool { return true }

// only returns the wanted records of a log, without those of our own reads.
func only(log *simulate.Simulator, w wanted) iter.Seq[simulate.Record] {
	return func(yield func(simulate.Record) bool) {
		for r := range log.Records() {
			if w(r) && !strings.HasPrefix(r.Serial, "SEARCH-") && !yield(r) {
				return
			}
		}
	}
}

// await waits until the wanted records that the site shows now have arrived.
func (b *bench) await(ctx context.Context, w wanted) error {
	until, last, looked := time.Now(), -1, time.Time{}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var c rig.Comparison
	err := rig.Await(ctx, func() bool {
		if n := b.receiver.Count(); n != last && time.Since(looked) > time.Second {
			last, looked = n, time.Now()
			c = b.compareOnly(w, until)
		}
		return last >= 0 && c.Complete()
	})
	if err != nil {
		return fmt.Errorf("not everything arrived within %s: %s", patience, c)
	}
	return nil
}

// check returns an error if the comparison found a loss or too many repeats, or if the receiver
// could not read a request.
func (b *bench) check(c rig.Comparison, forgiven int) error {
	var errs []error
	if !c.Complete() || len(c.Surplus) > 0 || len(c.Repeated) > forgiven {
		errs = append(errs, fmt.Errorf("not each once: %s", c))
	}
	if m := b.receiver.Mistakes(); len(m) > 0 {
		errs = append(errs, fmt.Errorf("%d lines arrived that are no event, such as %s", len(m), m[0]))
	}
	return errors.Join(errs...)
}
