package main

import (
	"fmt"
	"sync"
	"time"
)

// A diary keeps what happened to the members of a group.
type diary struct {
	verbose bool

	mu         sync.Mutex
	runs       []int // whose each run of Fluent Bit was
	troubles   []*trouble
	longest    time.Duration // of the stops
	complaints complaints
}

// A trouble is something that happened to a member, or to all.
type trouble struct {
	name     string
	process  int // or everybody
	from, to time.Time
}

const everybody = -1

// begin notes the start of a Fluent Bit, and returns the number of the run.
func (d *diary) begin(process int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs = append(d.runs, process)
	return len(d.runs) - 1
}

func (d *diary) stopped(took time.Duration, log string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.longest = max(d.longest, took)
	d.complaints.read(log)
}

// note notes the begin of a trouble. The caller calls the result at its end.
func (d *diary) note(name string, process int) (over func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := &trouble{name: name, process: process, from: time.Now()}
	d.troubles = append(d.troubles, t)
	if d.verbose {
		fmt.Printf("%s process %d: %s\n", t.from.Format("15:04:05.000"), process, name)
	}
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		t.to = time.Now()
		if d.verbose {
			fmt.Printf("%s process %d: %s is over\n", t.to.Format("15:04:05.000"), process, name)
		}
	}
}

// during returns the troubles of a process, or of all, within a span that accept takes.
func (d *diary) during(process int, from, to time.Time, accept func(name string) bool) (found []*trouble) {
	for _, t := range d.troubles {
		if (t.process == process || t.process == everybody) && !t.from.After(to) && !t.to.Before(from) && accept(t.name) {
			found = append(found, t)
		}
	}
	return found
}
