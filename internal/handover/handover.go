// Package handover gives batches to a host that may lose what it was given, and finds out which of them it has.
//
// What Fluent Bit is given goes into a ring buffer that its main thread empties every 250 ms into chunks. It loses what is still in the ring
// when the process is killed, when it shuts down, and it refuses when the ring is full. Nothing tells an input so; hence two rules:
//
//   - Where the host counts the records that it has put into chunks, a batch is safe once the count has passed it.
//   - Where it does not, a batch is safe when a second (four times the ring's period) has gone by without the input being paused.
package handover

import (
	"time"

	"fluent-bit-confluence/internal/collect"
)

// Source is where the batches come from: a collector.
type Source interface {
	Next() *collect.Batch
	Settle(*collect.Batch)
	Refuse(*collect.Batch)
}

// Host is what a Fluent Bit offers an input beyond the return value of its callback.
type Host interface {
	// Append gives events to the host at once. ok is false when the host refused them; can is false when it has no such way, and then
	// the events go back as the result of Tick.
	Append(events []byte) (ok, can bool)
	// Drained returns how many records of this input have gone into chunks; known is false when the host does not say.
	Drained() (records int64, known bool)
}

const (
	settleAfter = time.Second
	// refusedAfter is how long the host tries to put a buffer into a full ring before it drops it without a word (Fluent Bit: 10 x 100 ms).
	refusedAfter = 950 * time.Millisecond
	// distrustAfter is how long the host's count may lag before it is held to count something else, as with processors on the input that
	// drop records.
	distrustAfter = 15 * time.Second
)

// An Instance hands over the batches of one input. It belongs to the thread of that input: no method may run beside another.
type Instance struct {
	source Source
	host   Host

	flights  []flight  // handed over and not known to be safe, oldest first
	total    int64     // records handed over so far, refused ones not counted
	base     int64     // the host's count when nothing was in flight
	counted  bool      // the host's count has been right once
	distrust bool      // the host's count is of no use
	paused   time.Time // since when; zero when it is not
	resumed  time.Time
	returned *flight // the batch that went back as the result of the last Tick
}

type flight struct {
	batch *collect.Batch
	at    time.Time
	total int64 // what total was with this batch in it
}

// New returns an instance for source on host.
func New(source Source, host Host) *Instance { return &Instance{source: source, host: host} }

// Tick is the host's call once a second. It notes what has become safe and hands over what is ready. Where the host can only take the result
// of its call, that is what Tick returns; Cleaned must follow.
func (i *Instance) Tick() []byte {
	i.settle(false)
	if !i.paused.IsZero() {
		return nil
	}
	for {
		b := i.source.Next()
		if b == nil {
			return nil
		}
		i.rebase()
		ok, can := i.host.Append(b.Events)
		switch {
		case can && !ok:
			i.source.Refuse(b)
			return nil
		case can:
			i.sent(b)
		default:
			i.sent(b)
			i.returned = &i.flights[len(i.flights)-1]
			return b.Events
		}
	}
}

// InFlight reports whether anything was handed over that is not known to be safe.
func (i *Instance) InFlight() bool { return len(i.flights) > 0 }

// rebase makes the host's count agree with ours while nothing is in flight. It must be asked before a batch is handed over: the host may have
// counted that one a moment later.
func (i *Instance) rebase() {
	if len(i.flights) > 0 {
		return
	}
	if n, known := i.host.Drained(); known && n-i.base != i.total {
		i.base, i.total = n, 0
	}
}

func (i *Instance) sent(b *collect.Batch) {
	i.total += int64(b.Records)
	i.flights = append(i.flights, flight{b, time.Now(), i.total})
}

// Cleaned is the host's call after it has taken, or dropped, what Tick returned.
func (i *Instance) Cleaned() {
	if f := i.returned; f != nil && time.Since(f.at) >= refusedAfter {
		i.source.Refuse(f.batch)
		i.total -= int64(f.batch.Records)
		i.flights = i.flights[:len(i.flights)-1]
	}
	i.returned = nil
}

// Pause is the host's: it takes nothing until Resume, and does not empty the ring meanwhile. Pauses do not come in pairs with resumes.
func (i *Instance) Pause() {
	if i.paused.IsZero() {
		i.paused = time.Now()
	}
}

// Resume ends all pauses.
func (i *Instance) Resume() { i.paused, i.resumed = time.Time{}, time.Now() }

// Stop settles what is safe at the end. The rest is handed over again after the next start.
func (i *Instance) Stop() { i.settle(true) }

// settle tells the source about the batches that are safe. Where time decides, the time of a pause does not count: the ring may not have been
// emptied since it began. At the end the host is asked however young a batch is.
func (i *Instance) settle(end bool) {
	if len(i.flights) == 0 {
		return
	}
	until := time.Now()
	if !i.paused.IsZero() {
		until = i.paused
	}
	age := func(f flight) time.Duration { return until.Sub(later(f.at, i.resumed)) }
	// The first look waits: with the first records the host sets up its counters, and it has no lock for them.
	if age(i.flights[0]) < settleAfter && !end && (!i.counted || i.distrust) {
		return
	}
	drained, known := i.host.Drained()
	drained -= i.base
	if known && (drained > i.total || (age(i.flights[0]) >= distrustAfter && drained < i.flights[0].total)) {
		i.distrust = true
	}
	n := 0
	for _, f := range i.flights {
		safe := age(f) >= settleAfter
		if known && !i.distrust {
			safe = drained >= f.total
		}
		if !safe {
			break
		}
		i.source.Settle(f.batch)
		n++
	}
	i.counted = i.counted || known && n > 0
	i.flights = append(i.flights[:0], i.flights[n:]...)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
