// Package outbox holds the batches that wait between reader, host and store, defines the
// checkpoint, and says what a store must guarantee.
package outbox

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// stuck is how long Push waits before it calls tooLong.
const stuck = time.Minute

// An Outbox holds the batches that were read and are not yet committed, in order. The outbox and
// its store together know every record that was delivered or waits to be.
//
// Its size in bytes is bounded: when the host takes nothing, Push waits, and so reading stops. It
// is safe for concurrent use, with one goroutine that pushes and one that commits. Next,
// Acknowledge and Refuse never wait for the disk. A crash loses all of it: the records are read
// again from the checkpoint in the store.
type Outbox struct {
	store Store
	limit int // of bytes
	batch int // about the bytes of a full batch

	mu           sync.Mutex
	batches      []*Batch
	bytes        int       // of all
	ready        int       // of batches that wait to be handed over
	acknowledged int       // of acknowledged batches
	spare        []buffers // of committed batches, to be used again
	resting      bool      // nothing is read for a while, so no buffers are kept

	freed chan struct{} // signals that bytes went down
	// Arrived signals that a batch was pushed or acknowledged: there may be something to commit.
	Arrived chan struct{}

	// Owned by the committing goroutine.
	saved   Checkpoint
	version Version
}

// New loads the checkpoint of the store.
func New(ctx context.Context, store Store, limit, batch int) (*Outbox, error) {
	saved, version, err := store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("load checkpoint: %w", err)
	}
	return &Outbox{store: store, limit: limit, batch: batch, saved: saved, version: version,
		freed: make(chan struct{}, 1), Arrived: make(chan struct{}, 1)}, nil
}

// Durable returns the checkpoint that was loaded or committed last. Only the committing goroutine
// may call it, or anybody before that starts.
func (o *Outbox) Durable() Checkpoint { return o.saved }

// Begin commits the checkpoint that a first run starts with.
func (o *Outbox) Begin(ctx context.Context, c Checkpoint) error {
	version, err := o.store.Replace(ctx, o.version, Commit{Checkpoint: c, Horizon: c.Begin(), Now: time.Now()})
	if err != nil {
		return storeError{fmt.Errorf("save the start: %w", err)}
	}
	o.saved, o.version = c, version
	return nil
}

// Count returns for each key how many of its records were delivered or wait to be.
func (o *Outbox) Count(ctx context.Context, keys []Key) ([]uint32, error) {
	from, to := span(keys, func(k Key) int64 { return k.Time })
	waiting := o.waitingSeen(from, to)
	counts, err := o.store.Count(ctx, keys)
	if err != nil {
		return nil, storeError{fmt.Errorf("look up fingerprints: %w", err)}
	}
	if len(waiting) > 0 {
		for i, k := range keys {
			if n, ok := waiting[k]; ok {
				counts[i] = n
			}
		}
	}
	return counts, nil
}

// Delivered returns the counts of all records with these times that were delivered or wait to be,
// oldest first. The times are Unix milliseconds, oldest first.
func (o *Outbox) Delivered(ctx context.Context, times []int64) ([]Seen, error) {
	if len(times) == 0 {
		return nil, nil
	}
	waiting := o.waitingSeen(times[0], times[len(times)-1])
	all, err := o.store.Delivered(ctx, times)
	if err != nil {
		return nil, storeError{fmt.Errorf("look up fingerprints: %w", err)}
	}
	if len(waiting) == 0 {
		return all, nil
	}
	all = slices.DeleteFunc(all, func(s Seen) bool { _, ok := waiting[s.Key]; return ok })
	for key, n := range waiting {
		if n > 0 {
			all = append(all, Seen{key, n})
		}
	}
	slices.SortFunc(all, func(a, b Seen) int { return cmp.Compare(a.Key.Time, b.Key.Time) })
	return all, nil
}

// waitingSeen returns the counts of keys with times from..to in the batches. Call it before asking
// the store: then a batch that is committed in between is in one or in both. For its keys the count
// in the batch is the newer one. Mostly a window is newer than all batches, and the map is nil.
func (o *Outbox) waitingSeen(from, to int64) map[Key]uint32 {
	var waiting map[Key]uint32
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.batches {
		if b.to < from || to < b.from {
			continue
		}
		if waiting == nil {
			waiting = make(map[Key]uint32)
		}
		for _, seen := range b.Seen {
			if from <= seen.Key.Time && seen.Key.Time <= to {
				waiting[seen.Key] = seen.Count
			}
		}
	}
	return waiting
}

// span returns the earliest and the latest time.
func span[T any](of []T, time func(T) int64) (from, to int64) {
	from, to = math.MaxInt64, math.MinInt64
	for i := range of {
		t := time(of[i])
		from, to = min(from, t), max(to, t)
	}
	return from, to
}

// Push waits until there is room for b, and appends it. A batch larger than the limit is accepted
// when the outbox is empty. If Push waits for a minute, it calls tooLong. Only one goroutine may
// call it: two would take each other's signal.
func (o *Outbox) Push(ctx context.Context, b *Batch, tooLong func()) error {
	b.from, b.to = span(b.Seen, func(s Seen) int64 { return s.Key.Time })
	var waited <-chan time.Time
	for {
		o.mu.Lock()
		if o.bytes == 0 || o.bytes+len(b.Events) <= o.limit {
			if len(b.Events) == 0 {
				b.state = acknowledged
			}
			o.ready += len(b.Events)
			o.batches = append(o.batches, b)
			o.bytes += len(b.Events)
			o.mu.Unlock()
			notify(o.Arrived)
			return nil
		}
		o.mu.Unlock()
		if waited == nil {
			waited = time.After(stuck)
		}
		select {
		case <-o.freed:
		case <-waited:
			tooLong()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Next returns the oldest batch that waits to be handed over, nil when there is none.
func (o *Outbox) Next() *Batch {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.batches {
		if b.state == ready {
			b.state = handed
			o.ready -= len(b.Events)
			return b
		}
	}
	return nil
}

// Acknowledge notes that the host has the batches. Commit makes that durable.
func (o *Outbox) Acknowledge(batches []*Batch) {
	o.mu.Lock()
	for _, b := range batches {
		b.state = acknowledged
		o.acknowledged += len(b.Events)
	}
	o.mu.Unlock()
	notify(o.Arrived)
}

// Refuse notes that the host does not have the batch: Next returns it again.
func (o *Outbox) Refuse(b *Batch) {
	o.mu.Lock()
	b.state = ready
	o.ready += len(b.Events)
	o.mu.Unlock()
}

// Commit commits the acknowledged batches at the front in one transaction. After an error they may
// be durable or not, and the next call commits them again. An error that wraps ErrLost is final.
func (o *Outbox) Commit(ctx context.Context) error {
	batches := o.acknowledgedPrefix()
	if len(batches) == 0 {
		return nil
	}
	next := Commit{Checkpoint: o.saved, Now: time.Now()}
	seen := 0
	for _, b := range batches {
		seen += len(b.Seen)
	}
	next.Seen = make([]Seen, 0, seen)
	for _, b := range batches {
		next.Seen = append(next.Seen, b.Seen...)
		if b.Checkpoint != nil {
			next.Checkpoint = *b.Checkpoint
		}
	}
	next.Horizon = next.Checkpoint.Begin()
	version, err := o.store.Replace(ctx, o.version, next)
	if err != nil {
		return err
	}
	o.saved, o.version = next.Checkpoint, version
	o.drop(len(batches))
	return nil
}

// acknowledgedPrefix returns the batches before the first that is not acknowledged. Only they may
// be committed: the checkpoint must not pass a record that the host does not have.
func (o *Outbox) acknowledgedPrefix() []*Batch {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := slices.IndexFunc(o.batches, func(b *Batch) bool { return b.state != acknowledged })
	if n < 0 {
		n = len(o.batches)
	}
	return slices.Clone(o.batches[:n])
}

// drop removes the first n batches, which were committed.
func (o *Outbox) drop(n int) {
	o.mu.Lock()
	for _, b := range o.batches[:n] {
		o.bytes -= len(b.Events)
		o.acknowledged -= len(b.Events)
		// Only buffers of the usual size are kept: smaller ones would have to grow, and larger ones
		// would take too much memory.
		if usual := o.batch/2 <= cap(b.Events) && cap(b.Events) <= 2*o.batch; usual && !o.resting && len(o.spare) < maxSpare {
			o.spare = append(o.spare, buffers{b.Events[:0], b.Seen[:0], b.Times[:0]})
		}
		b.Events, b.Seen, b.Times = nil, nil, nil
	}
	o.batches = slices.Delete(o.batches, 0, n)
	o.mu.Unlock()
	notify(o.freed)
}

// Bytes returns the bytes of all batches that are not yet committed.
func (o *Outbox) Bytes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// AcknowledgedBytes returns the bytes of the batches that the host has and that are not yet
// committed.
func (o *Outbox) AcknowledgedBytes() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.acknowledged
}

// Waiting returns the bytes of the batches that wait to be handed over.
func (o *Outbox) Waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ready
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
