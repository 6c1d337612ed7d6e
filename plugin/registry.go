package main

import (
	"slices"
	"sync"

	"fluent-bit-confluence/internal/collect"
	"fluent-bit-confluence/internal/pipeline"
)

// registry finds the instance that a callback is meant for: by the id that the host passes, or by
// the thread when it passes none. It lives as long as the process, across hot reloads, and holds
// all that the instances share.
type registry struct {
	mu     sync.Mutex
	lastID uintptr
	known  []registered // in the order of their start

	slots  *collect.Slots // an instance takes one while it reads old records
	fleets pipeline.Fleets
	again  again
	tidy   sync.Once // starts giveBack
}

type registered struct {
	id       uintptr
	thread   uintptr
	instance *instance
}

// catchUps is how many inputs may read old records (a backfill or a rescan) at the same time.
const catchUps = 16

var instances = registry{slots: collect.NewSlots(catchUps)}

func (r *registry) add(i *instance, thread uintptr) uintptr {
	r.mu.Lock()
	defer r.mu.Unlock()
	i.place = len(r.known)
	r.lastID++
	r.known = append(r.known, registered{r.lastID, thread, i})
	return r.lastID
}

func (r *registry) byID(id uintptr) *instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.known {
		if k.id == id {
			return k.instance
		}
	}
	return nil
}

// onThread returns the instances of a thread: one, or all of them when the host runs with `threaded
// off`.
func (r *registry) onThread(thread uintptr) []*instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*instance
	for _, k := range r.known {
		if k.thread == thread {
			found = append(found, k.instance)
		}
	}
	return found
}

// remove takes out the instance of a thread that was started last: the host ends them in the
// reverse order of their start.
func (r *registry) remove(thread uintptr) *instance {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n, k := range slices.Backward(r.known) {
		if k.thread == thread {
			r.known = slices.Delete(r.known, n, n+1)
			return k.instance
		}
	}
	return nil
}

// stopReading makes all instances stop reading from their sites.
func (r *registry) stopReading() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, k := range r.known {
		k.instance.pipeline.StopReading()
	}
}
