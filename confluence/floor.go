package confluence

import (
	"sync"
	"time"
)

// A floor is a record from before a window, with none between it and the window's
// beginning. A list that is asked for from there on ends with that record, which
// shows that nothing was left out before it. Without a floor, only asking for
// what follows the last record tells, which is one request more for every window.
//
// floors are those known from the last walks: a poll begins within the one before
// it, and a window of a catch-up where the last one ended.
type floors struct {
	mu    sync.Mutex
	walks [3]walked // youngest first: polls, catch-up and rescan take turns
}

// walked is a stretch of time that was read whole.
type walked struct {
	to    time.Time
	times []int64 // of its newest records and maybe one from before it, newest first, Unix milliseconds
}

// maxFloors is how many times of a walk are kept: on a site with more records
// within overlap, a second request is little beside the first.
const maxFloors = 64

// below returns a floor of the window that begins at from.
func (f *floors) below(from time.Time) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.walks {
		if from.After(w.to.Add(time.Millisecond)) {
			continue // something may have happened in between
		}
		for _, t := range w.times {
			if t < from.UnixMilli() {
				return time.UnixMilli(t).UTC(), true
			}
		}
	}
	return time.Time{}, false
}

// learn notes a walk.
func (f *floors) learn(w walked) {
	f.mu.Lock()
	defer f.mu.Unlock()
	copy(f.walks[1:], f.walks[:])
	f.walks[0] = w
}

// see notes a record, when fewer than maxFloors were before it. One without a time
// is no floor.
func (w *walked) see(r Record) {
	if len(w.times) < maxFloors && !r.Time.IsZero() {
		w.times = append(w.times, r.Time.UnixMilli())
	}
}
