// Package outbox holds what waits between the reader, the host and the store, and says what a store
// has to promise.
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

// A Batch is one buffer for the host: a run of msgpack events, oldest first, of one window.
type Batch struct {
	// Events is what to hand over, at most about BatchBytes unless a single record is larger. The
	// batch owns it until it is settled.
	Events []byte
	// Records is how many events there are.
	Records int
	// Times are those of the records that have one, in Unix milliseconds. They are the batch's
	// until it is settled, too.
	Times []int64

	Seen []Seen // the fingerprints that become durable with this batch
	// set on the last batch of a window: what holds once it and all before it are settled
	Checkpoint *Checkpoint
	from, to   int64 // the times of the keys in seen lie between, both included
	state      batchState
}

// stuck is how long the host may take nothing before push says that it waits for too long.
const stuck = time.Minute

type batchState int

const (
	ready        batchState = iota // waits to be handed over
	handed                         // the host was given it, and may or may not have it
	acknowledged                   // the host has it
)

// An Outbox holds what waits between reader, host and store: the batches that were read and are not
// yet durable, in order. What it holds and what is in its store are together all that was
// delivered.
//
// Its size in bytes is bounded: when the host takes nothing, push waits, and so reading stops. It
// is safe for concurrent use, with one goroutine that pushes and one that commits; next, settle and
// refuse never wait for the disk or for each other.
type Outbox struct {
	store Store
	limit int // of bytes
	batch int // bytes of a full batch, about

	mu           sync.Mutex
	batches      []*Batch
	bytes        int           // of all
	ready        int           // of those that wait to be handed over
	acknowledged int           // of those that the host has
	spare        []buffers     // of batches that were committed, for those to come
	resting      bool          // none are to come for a while
	freed        chan struct{} // has an element after bytes went down
	Arrived      chan struct{} // has an element after the first batch may have become settled

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

// Durable is the checkpoint that was loaded or committed last. It is for the committing goroutine,
// and for all before that begins.
func (o *Outbox) Durable() Checkpoint { return o.saved }

// Begin commits the checkpoint that a first run begins with.
func (o *Outbox) Begin(ctx context.Context, c Checkpoint) error {
	version, err := o.store.Replace(ctx, o.version, Commit{Checkpoint: c, Horizon: c.Begin(), Now: time.Now()})
	if err != nil {
		return fmt.Errorf("save the start: %w", err)
	}
	o.saved, o.version = c, version
	return nil
}

// Count returns for each key how many records with it were delivered or wait to be.
func (o *Outbox) Count(ctx context.Context, keys []Key) ([]uint32, error) {
	from, to := span(keys, func(k Key) int64 { return k.Time })
	waiting := o.waitingSeen(from, to)
	counts, err := o.store.Count(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
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

// Delivered returns all that was delivered or waits to be of the milliseconds with these Unix
// times, which rise, in the order of time.
func (o *Outbox) Delivered(ctx context.Context, times []int64) ([]Seen, error) {
	if len(times) == 0 {
		return nil, nil
	}
	waiting := o.waitingSeen(times[0], times[len(times)-1])
	all, err := o.store.Delivered(ctx, times)
	if err != nil {
		return nil, fmt.Errorf("look up fingerprints: %w", err)
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

// waitingSeen returns what the batches say of keys with times from..to. It is taken before the
// store is asked, so that a batch that is committed in between is in one or in both; the batch is
// the younger truth, and holds for its key. A window mostly is newer than all that waits.
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

// span returns the least and the greatest time.
func span[T any](of []T, time func(T) int64) (from, to int64) {
	from, to = math.MaxInt64, math.MinInt64
	for i := range of {
		t := time(of[i])
		from, to = min(from, t), max(to, t)
	}
	return from, to
}

// Push appends b, waiting until there is room for it. A batch larger than the limit passes when it
// is alone. When it has to wait for long it calls tooLong. It has one caller: two that wait would
// steal each other's signal.
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

// Acknowledge notes that the host has the batches.
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

// Commit makes the settled batches before the first that is not settled durable, in one
// transaction; only they may be. What it returned an error for may be durable or not, and is
// committed again with the next call. An error that wraps ErrLost is final.
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

// acknowledgedPrefix returns the settled batches before the first that is not: only they may be
// committed.
func (o *Outbox) acknowledgedPrefix() []*Batch {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := slices.IndexFunc(o.batches, func(b *Batch) bool { return b.state != acknowledged })
	if n < 0 {
		n = len(o.batches)
	}
	return slices.Clone(o.batches[:n])
}

// drop removes the first n batches, after they were committed.
func (o *Outbox) drop(n int) {
	o.mu.Lock()
	for _, b := range o.batches[:n] {
		o.bytes -= len(b.Events)
		o.acknowledged -= len(b.Events)
		// Only of the usual size: smaller ones would have to grow, and of larger ones there could
		// be many.
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
