package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fluent-bit-confluence/internal/simulate"
	"fluent-bit-confluence/internal/state"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

// A kill loses nothing. What is repeated has the same event id.
func TestKill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newSite(t, simulate.Options{Seed: 50, Records: 2000, Rate: 50, Twins: 0.1})
	receiver := newReceiver(t)
	f := newInstance(t, rig.Config{
		Service: rig.Filesystem(dir),
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": filepath.Join(dir, "state.db"), "storage.type": "filesystem", "start_from": "48h"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	for n := range 3 {
		before := receiver.Count()
		f.start()
		// The first kill comes before anything is acknowledged, the last during live traffic.
		rigtest.Await(t, "live records", func() bool { return receiver.Count() > before+200*n })
		f.Kill()
	}
	f.start()
	c := awaitAll(t, receiver, s)
	f.stop()
	if len(c.Surplus) > 0 {
		t.Errorf("a repeat has another id: %s", c)
	}
	t.Log(c)
}

// With an output that refuses, hangs or is gone, nothing is lost, and the memory for waiting
// records is limited.
func TestOutputFails(t *testing.T) {
	t.Parallel()
	const most = 100 << 20 // the chunks that Fluent Bit keeps mapped, and 8 MB of batches
	for _, test := range []struct {
		name   string
		mood   rig.Mood
		keys   rig.Keys
		waits  string // the log line by which the test knows that the output has failed
		onDisk bool
	}{
		{"refuses, chunks on disk", rig.Refuses, rig.Keys{"storage.type": "filesystem"}, "HTTP status=503", true},
		{"refuses, little memory", rig.Refuses, rig.Keys{"mem_buf_limit": "2M"}, "paused (mem buf overlimit", false},
		{"hangs, chunks on disk", rig.Hangs, rig.Keys{"storage.type": "filesystem"}, "", true},
		{"is gone, little memory", rig.Away, rig.Keys{"mem_buf_limit": "2M"}, "paused (mem buf overlimit", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := newSite(t, simulate.Options{Seed: 51, Records: 10_000, Rate: 50})
			receiver := newReceiver(t)
			receiver.Be(test.mood)
			service := rig.Service()
			if test.onDisk {
				service = rig.Filesystem(dir)
			}
			f := newInstance(t, rig.Config{
				Service: service,
				Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": filepath.Join(dir, "state.db"), "start_from": "48h"}).With(test.keys)},
				Outputs: []rig.Keys{receiver.Output()},
			})
			f.start()
			f.AwaitLog(test.waits, 1)
			rigtest.Await(t, "three refused requests", func() bool { return receiver.Refused() >= 3 })
			usage, err := f.Usage()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d MB in memory", usage.Resident>>20)
			if usage.Resident > most {
				t.Errorf("%d MB in memory", usage.Resident>>20)
			}
			if n := receiver.Count(); n > 0 {
				t.Errorf("%d events have arrived", n)
			}
			receiver.Be(rig.Takes)
			wantOnce(t, awaitAll(t, receiver, s))
			f.stop()
		})
	}
}

// The input does not start with a state file that it cannot use.
func TestState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "state.db")
	start := func(t *testing.T, s site, receiver *rig.Receiver) *instance {
		f := newInstance(t, rig.Config{
			Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": db, "start_from": "48h"})},
			Outputs: []rig.Keys{receiver.Output()},
		})
		f.start()
		return f
	}
	s := newSite(t, simulate.Options{Seed: 52, Records: 100})
	receiver := newReceiver(t)
	first := start(t, s, receiver)
	wantOnce(t, awaitAll(t, receiver, s))

	second := start(t, s, receiver)
	if code := second.AwaitEnd(); code == 0 {
		t.Error("a second collector on the same state file: exit code 0")
	}
	wantLine(t, second, "[error] [input:confluence:confluence.0] state file "+db+" is in use by process ")
	first.stop()

	other := start(t, newSite(t, simulate.Options{CloudID: "22222222-2222-4333-8444-555555555555"}), receiver)
	if code := other.AwaitEnd(); code == 0 {
		t.Error("the state file of another site: exit code 0")
	}
	wantLine(t, other, "state file "+db+" belongs to "+s.URL+", not to ")

	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	f := newInstance(t, rig.Config{Inputs: []rig.Keys{s.input().With(rig.Keys{"db": pipe})}, Outputs: []rig.Keys{receiver.Output()}})
	f.start()
	if code := f.AwaitEnd(); code == 0 {
		t.Error("a named pipe as state file: exit code 0")
	}
	wantLine(t, f, pipe+" is a named pipe: set db to a regular file")

	damage(t, db)
	third := start(t, s, receiver)
	added := s.Add(simulate.Record{})
	rigtest.Await(t, added, func() bool { return rig.Compare(s.Records(), receiver.Events(), time.Time{}).Complete() })
	wantLine(t, third, "the state file was damaged, it is kept as "+db+".damaged-")
	third.stop()
	if kept, _ := filepath.Glob(db + ".damaged-*"); len(kept) != 1 {
		t.Errorf("kept are %v, want one file", kept)
	}
	if c := rig.Compare(s.Records(), receiver.Events(), time.Time{}); len(c.Surplus) > 0 || len(c.Repeated) != 100 {
		t.Errorf("want the 100 records of before once more, with the ids they had: %s", c)
	}
}

// When the state file of a running input is damaged, no record is lost. There is no crash either,
// even after a SIGHUP, after which Go cannot catch a fault.
func TestStateSpoiltMeanwhile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := filepath.Join(dir, "state.db")
	s := newSite(t, simulate.Options{Seed: 53, Records: 100})
	receiver := newReceiver(t)
	f := newInstance(t, rig.Config{
		Inputs:  []rig.Keys{s.input().With(rig.Keys{"db": db, "start_from": "48h"})},
		Outputs: []rig.Keys{receiver.Output()},
	})
	f.start()
	wantOnce(t, awaitAll(t, receiver, s))
	f.Signal(syscall.SIGHUP)
	// A write at the same time would make the file as long as before, with a hole in it.
	newest := time.Time{}
	for r := range s.Records() {
		newest = timerange.Later(newest, r.Time)
	}
	rigtest.Await(t, "the state to be saved", func() bool {
		saved, err := state.Look(db)
		return err == nil && !saved.Checkpoint.Head.Before(newest)
	})
	damage(t, db)
	s.Add(simulate.Record{})
	rigtest.Await(t, "the damaged file to be kept aside", func() bool {
		kept, _ := filepath.Glob(db + ".damaged-*")
		return len(kept) > 0
	})
	awaitComplete := func() {
		rigtest.Await(t, "all records", func() bool { return rig.Compare(s.Records(), receiver.Events(), time.Time{}).Complete() })
	}
	awaitComplete()
	if err := os.Remove(db); err != nil {
		t.Fatal(err)
	}
	s.Add(simulate.Record{})
	awaitComplete()
	f.stop()
	wantLine(t, f, "the state file was damaged while it was in use, it is kept as "+db+".damaged-")
	wantLine(t, f, "it was written again, nothing is lost")

	f.start()
	added := s.Add(simulate.Record{})
	rigtest.Await(t, added, func() bool { return rig.Compare(s.Records(), receiver.Events(), time.Time{}).Complete() })
	wantLine(t, f, "goes on with records after")
	f.stop()
	if c := rig.Compare(s.Records(), receiver.Events(), time.Time{}); len(c.Surplus) > 0 {
		t.Errorf("records with ids that they did not have: %s", c)
	}
}

func wantLine(t *testing.T, f *instance, want string) {
	t.Helper()
	if !strings.Contains(f.Log(), want) {
		t.Errorf("the log lacks %q", want)
	}
}

// damage cuts a file.
func damage(t *testing.T, path string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Truncate(5000); err != nil {
		t.Fatal(err)
	}
}
