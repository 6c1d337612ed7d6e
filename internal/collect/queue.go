package collect

import (
	"context"
	"slices"
	"sync"
	"time"
)

// A Batch is one buffer for the host: a run of msgpack events, oldest first, of one window.
type Batch struct {
	// Events is what to hand over, at most about BatchBytes unless a single record is larger. The batch owns it until it is settled.
	Events []byte
	// Records is how many events there are.
	Records int
	// Times are those of the records that have one, in Unix milliseconds. They are the batch's until it is settled, too.
	Times []int64

	seen       []Seen      // the fingerprints that become durable with this batch
	checkpoint *Checkpoint // set on the last batch of a window: what holds once it and all before it are settled
	state      batchState
}

type batchState int

const (
	ready   batchState = iota // waits to be handed over
	handed                    // the host was given it, and may or may not have it
	settled                   // the host has it
)

// queue keeps the batches between reading and commit, in order. Its size in bytes is bounded: when the host takes nothing, push waits, and so
// reading stops. Safe for concurrent use; next, settle and refuse never wait for I/O.
type queue struct {
	mu      sync.Mutex
	batches []*Batch
	bytes   int // of all
	ready   int // of those that wait to be handed over
	settled int // of those that the host has
	limit   int
	batch   int           // bytes of a full batch, about
	spare   []buffers     // of batches that were committed, for those to come
	resting bool          // none are to come for a while
	freed   chan struct{} // has an element after bytes went down
	arrived chan struct{} // has an element after the first batch may have become settled
}

func newQueue(limit, batch int) *queue {
	return &queue{limit: limit, batch: batch, freed: make(chan struct{}, 1), arrived: make(chan struct{}, 1)}
}

// maxSpare is how many batches' memory is kept while many are made.
const maxSpare = 40

// buffers are what the events and fingerprints of a batch are appended to.
type buffers struct {
	events []byte
	seen   []Seen
	times  []int64
}

// give gives b buffers, with room for about as many bytes and records. What b has seen it keeps.
func (q *queue) give(b *Batch, bytes, records int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.resting = false
	if n := len(q.spare); n > 0 {
		b.Events, b.seen, b.Times = q.spare[n-1].events, append(q.spare[n-1].seen, b.seen...), q.spare[n-1].times
		q.spare = q.spare[:n-1]
		return
	}
	b.Events, b.seen = make([]byte, 0, bytes), append(make([]Seen, 0, max(records, len(b.seen))), b.seen...)
	b.Times = make([]int64, 0, records)
}

// rest gives back the spare memory, when nothing more is to be read for a while.
func (q *queue) rest() {
	q.mu.Lock()
	q.spare, q.resting = nil, true
	q.mu.Unlock()
}

// push appends b, waiting until there is room for it. A batch larger than the limit passes when it is alone. When it has to wait for long it calls
// tooLong. It has one caller: two that wait would steal each other's signal.
func (q *queue) push(ctx context.Context, b *Batch, tooLong func()) error {
	var waited <-chan time.Time
	for {
		q.mu.Lock()
		if q.bytes == 0 || q.bytes+len(b.Events) <= q.limit {
			if len(b.Events) == 0 {
				b.state = settled
			}
			q.ready += len(b.Events)
			q.batches = append(q.batches, b)
			q.bytes += len(b.Events)
			q.mu.Unlock()
			notify(q.arrived)
			return nil
		}
		q.mu.Unlock()
		if waited == nil {
			waited = time.After(stuck)
		}
		select {
		case <-q.freed:
		case <-waited:
			tooLong()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// next returns the oldest batch that waits to be handed over, nil when there is none.
func (q *queue) next() *Batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, b := range q.batches {
		if b.state == ready {
			b.state = handed
			q.ready -= len(b.Events)
			return b
		}
	}
	return nil
}

func (q *queue) settle(batches []*Batch) {
	q.mu.Lock()
	for _, b := range batches {
		b.state = settled
		q.settled += len(b.Events)
	}
	q.mu.Unlock()
	notify(q.arrived)
}

func (q *queue) refuse(b *Batch) {
	q.mu.Lock()
	b.state = ready
	q.ready += len(b.Events)
	q.mu.Unlock()
}

// settledPrefix returns the settled batches before the first that is not: only they may be committed.
func (q *queue) settledPrefix() []*Batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := slices.IndexFunc(q.batches, func(b *Batch) bool { return b.state != settled })
	if n < 0 {
		n = len(q.batches)
	}
	return slices.Clone(q.batches[:n])
}

// drop removes the first n batches, after they were committed.
func (q *queue) drop(n int) {
	q.mu.Lock()
	for _, b := range q.batches[:n] {
		q.bytes -= len(b.Events)
		q.settled -= len(b.Events)
		// Only of the usual size: smaller ones would have to grow, and of larger ones there could be many.
		if usual := q.batch/2 <= cap(b.Events) && cap(b.Events) <= 2*q.batch; usual && !q.resting && len(q.spare) < maxSpare {
			q.spare = append(q.spare, buffers{b.Events[:0], b.seen[:0], b.Times[:0]})
		}
		b.Events, b.seen, b.Times = nil, nil, nil
	}
	q.batches = slices.Delete(q.batches, 0, n)
	q.mu.Unlock()
	notify(q.freed)
}

// size returns the bytes of all batches that are not yet committed.
func (q *queue) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// settledBytes returns the bytes of the batches that the host has and that are not yet committed.
func (q *queue) settledBytes() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.settled
}

// waiting returns the bytes of the batches that wait to be handed over.
func (q *queue) waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ready
}

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
