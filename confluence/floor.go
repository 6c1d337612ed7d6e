package confluence

import (
	"sync"
	"time"
)

// A floor is a record with none between it and the beginning of a window. A list
// that is asked for from there on ends with that record, which shows that
// nothing was left out before it. Without one, only asking for what follows the
// last record tells, which is one request more for every window.
type floor struct {
	from   time.Time // where the window begins
	record time.Time // the time of the record, before from
}

// floors are the last ones that were found. An idle site is asked for the same
// window at each poll, and a catch-up for one that begins where the last ended.
type floors struct {
	mu   sync.Mutex
	last [4]floor // youngest first
}

// below returns the floor of the window that begins at from.
func (f *floors) below(from time.Time) (record time.Time, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range f.last {
		if !l.record.IsZero() && l.from.Equal(from) {
			return l.record, true
		}
	}
	return time.Time{}, false
}

// learn notes a floor. A record without a time is none.
func (f *floors) learn(from, record time.Time) {
	if record.IsZero() || !record.Before(from) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := 0
	for i < len(f.last)-1 && !f.last[i].from.Equal(from) {
		i++
	}
	copy(f.last[1:i+1], f.last[:i])
	f.last[0] = floor{from, record}
}
