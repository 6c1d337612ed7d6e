package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// overlap is how far every poll looks back, by default.
const overlap = 10 * time.Minute

// The first run delivers every record once and in order. The next run delivers no more.
func TestEverythingOnceInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t, simulate.Options{Seed: 1, Records: 5000, PageCap: 250, Twins: 0.1})
	receiver := newReceiver(t)
	receiver.Keep = true
	f := newInstance(t, rig.Config{
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"start_from": "48h", "db": filepath.Join(t.TempDir(), "state.db")})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	wantOnce(t, awaitAll(t, receiver, s))
	f.stop()

	events := receiver.Events()
	// While older records are read in pieces, oldest first, polls deliver the newest in between.
	newest := slices.MaxFunc(events, func(a, b rig.Event) int { return a.Time.Compare(b.Time) }).Time
	older := slices.DeleteFunc(slices.Clone(events), func(e rig.Event) bool { return newest.Sub(e.Time) <= overlap })
	if err := rig.Order(older); err != nil {
		t.Error(err)
	}
	records := make(map[string]simulate.Record)
	for r := range s.Records() {
		records[r.Serial] = r
	}
	for _, e := range events {
		r := records[e.Serial]
		if !e.Time.Equal(r.Time) {
			t.Errorf("%s has the time %s, its record %s", e.Serial, e.Time, r.Time)
		}
		if diff, err := rig.Content(r.JSON, e); err != nil || diff != "" {
			t.Fatalf("%s differs from its record (-want +got): %v\n%s", e.Serial, err, diff)
		}
	}

	f.start()
	f.AwaitLog("goes on with records after", 1)
	asked := len(s.Requests())
	rigtest.Await(t, "two more polls", func() bool { return len(s.Requests()) >= asked+2 })
	last := s.Add(simulate.Record{})
	c := awaitAll(t, receiver, s)
	f.stop()
	wantOnce(t, c)
	if n := receiver.Count(); n != 5001 {
		t.Errorf("after a second start and one more record, %s, %d events have arrived", last, n)
	}
}

// Restarts lose and repeat nothing, with two sites in one Fluent Bit and live traffic.
func TestRestarts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		storage string
		sites   int
	}{
		{"two inputs, chunks on disk", "filesystem", 2},
		{"one input, chunks in memory", "memory", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			receiver := newReceiver(t)
			c := rig.Config{Service: rig.Filesystem(dir), Outputs: []rig.Keys{receiver.Output()}}
			var sites []site
			for n := range test.sites {
				s := newSite(t, simulate.Options{Seed: uint64(10 + n), Records: 200, Rate: 50, Twins: 0.1, Late: 0.1, LateBy: 5 * time.Second})
				sites = append(sites, s)
				db := filepath.Join(dir, s.Listener.Addr().String()+".db")
				c.Inputs = append(c.Inputs, s.input().With(rig.Keys{"db": db, "storage.type": test.storage}))
			}
			f := newInstance(t, c)
			for range 4 {
				before := receiver.Count()
				f.start()
				rigtest.Await(t, "live records", func() bool { return receiver.Count() > before+100*test.sites })
				f.stop()
			}
			f.start()
			for _, s := range sites {
				wantOnce(t, awaitAll(t, receiver, s))
			}
			f.stop()
		})
	}
}

// A hot reload in live traffic loses and repeats nothing.
func TestHotReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, simulate.Options{Seed: 20, Records: 200, Rate: 50, Twins: 0.1})
	receiver := newReceiver(t)
	f := newInstance(t, rig.Config{
		Classic: true,
		Service: rig.Filesystem(dir).With(rig.Keys{"hot_reload": "on"}),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": filepath.Join(dir, "state.db"), "storage.type": "filesystem"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	for n := range 2 {
		before := receiver.Count()
		rigtest.Await(t, "live records", func() bool { return receiver.Count() > before+100 })
		f.Signal(syscall.SIGHUP)
		f.AwaitLog("goes on with records after", n+1)
	}
	wantOnce(t, awaitAll(t, receiver, s))
	f.stop()
}

// With two inputs on Fluent Bit's main thread and live traffic, restarts and a hot reload lose and
// repeat nothing, and a kill loses nothing. Fluent Bit would not stop as long as they handed over:
// not before the end of its grace period, and never in a hot reload.
func TestThreadedOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	receiver := newReceiver(t)
	c := rig.Config{
		Classic: true,
		Service: rig.Filesystem(dir).With(rig.Keys{"hot_reload": "on", "grace": "60"}),
		Outputs: []rig.Keys{receiver.Output()},
	}
	var sites []site
	for n := range 2 {
		s := newSite(t, simulate.Options{Seed: uint64(30 + n), Records: 2000, Rate: 50, Twins: 0.1, Late: 0.1, LateBy: 5 * time.Second})
		sites = append(sites, s)
		c.Inputs = append(c.Inputs, s.input().With(rig.Keys{
			"db": filepath.Join(dir, s.Listener.Addr().String()+".db"), "storage.type": "filesystem", "threaded": "off", "start_from": "48h",
		}))
	}
	f := newInstance(t, c)
	live := func() {
		t.Helper()
		for _, s := range sites {
			before := len(receiver.From(s.URL))
			rigtest.Await(t, "live records of "+s.URL, func() bool { return len(receiver.From(s.URL)) > before+100 })
		}
	}
	for range 2 {
		f.start()
		live()
		f.stop()
	}
	f.start()
	live()
	f.Signal(syscall.SIGHUP)
	f.AwaitLog("goes on with records after", 2*len(sites))
	live()
	for _, s := range sites {
		wantOnce(t, awaitAll(t, receiver, s))
	}
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/comm", f.PID()))
	for _, n := range names {
		if name, _ := os.ReadFile(n); strings.HasPrefix(string(name), "flb-in-confl") {
			t.Errorf("an input has the thread %s", name)
		}
	}
	f.Kill()
	f.start()
	live()
	for _, s := range sites {
		if c := awaitAll(t, receiver, s); len(c.Surplus) > 0 {
			t.Errorf("a repeat has another id: %s", c)
		}
	}
	f.stop()
}

// On Fluent Bit's main thread, an input that has used up its memory limit waits, and the other
// inputs do not.
func TestThreadedOffPausesOne(t *testing.T) {
	t.Parallel()
	stuck, flows := newReceiver(t), newReceiver(t)
	stuck.Be(rig.Refuses)
	var c rig.Config
	var sites []site
	for n, receiver := range []*rig.Receiver{stuck, flows} {
		s := newSite(t, simulate.Options{Seed: uint64(70 + n), Records: 8000, Rate: 20})
		sites = append(sites, s)
		tag := fmt.Sprint("site", n)
		c.Inputs = append(c.Inputs, s.input().With(rig.Keys{"threaded": "off", "tag": tag, "mem_buf_limit": "2M", "start_from": "48h"}))
		c.Outputs = append(c.Outputs, receiver.Output().With(rig.Keys{"match": tag}))
	}
	f := newInstance(t, c)
	f.start()
	f.AwaitLog("confluence.0 paused (mem buf overlimit", 1)
	wantOnce(t, awaitAll(t, flows, sites[1])) // with the records since then
	stuck.Be(rig.Takes)
	wantOnce(t, awaitAll(t, stuck, sites[0]))
	if log := f.Log(); strings.Contains(log, "does not put the records into its buffer") {
		t.Error("a pause is taken for a disk that is full")
	}
	f.stop()
}

// Inputs without a thread of their own share one timer, and all of them deliver.
func TestThreadedOffSharesTimer(t *testing.T) {
	t.Parallel()
	receiver := newReceiver(t)
	c := rig.Config{Outputs: []rig.Keys{receiver.Output()}}
	var sites []site
	for n := range 12 {
		s := newSite(t, simulate.Options{Seed: uint64(50 + n), Records: 20, Rate: 1})
		sites = append(sites, s)
		c.Inputs = append(c.Inputs, s.input().With(rig.Keys{"threaded": "off"}))
	}
	f := newInstance(t, c)
	f.start()
	for _, s := range sites {
		rigtest.Await(t, "live records of "+s.URL, func() bool { return len(receiver.From(s.URL)) > 25 })
	}
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", f.PID()))
	timers := 0
	for _, file := range files {
		if name, _ := os.Readlink(file); strings.Contains(name, "timerfd") {
			timers++
		}
	}
	if timers >= len(sites) {
		t.Errorf("%d timers for %d inputs", timers, len(sites))
	}
	for _, s := range sites {
		wantOnce(t, awaitAll(t, receiver, s))
	}
	f.stop()
}
