// Package handover gives batches to a host that may lose what it was given, and finds out which of them it has.
//
// What Fluent Bit is given goes into a ring buffer that its main thread empties every 250 ms into chunks. It loses what is still in the ring
// when the process is killed or shuts down, refuses when the ring is full, and drops what it cannot put into a chunk, as when the disk is full.
// Nothing tells an input so; hence two rules:
//
//   - Where the host counts the records that it has put into chunks, all that was handed over is safe when it has counted all of it. Nothing
//     more is handed over before: later records would be taken for those that were dropped. What is not counted in time is handed over again.
//   - Where it does not count, a batch is safe when a second (four times the ring's period) has gone by without the input being paused.
package handover

import (
	"slices"
	"time"

	"github.com/sirupsen/logrus"

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
	// Counts returns what the host says about this input so far; known is false when it does not say.
	Counts() (c Counts, known bool)
}

// Counts are the host's own.
type Counts struct {
	Records int64 // that went into chunks
	Writes  int64 // buffers that went into the ring; -1 when the host does not say
}

const (
	settleAfter = time.Second
	// refusedAfter is how long the host tries to put a buffer into a full ring before it drops it without a word (Fluent Bit: 10 x 100 ms).
	refusedAfter = 950 * time.Millisecond
	// lostAfter is how long the host may take to count. Its main thread can be held up by a filter or a look-up of a name; what was only
	// held up comes twice if this is too short.
	lostAfter = 10 * time.Second
	// retryAfter is how long to wait after the host has dropped something, for a disk that is full mostly.
	retryAfter = 5 * time.Second
)

// An Instance hands over the batches of one input. It belongs to the thread of that input: no method may run beside another.
type Instance struct {
	source Source
	host   Host
	log    logrus.FieldLogger

	flights  []flight  // handed over and not known to be safe, oldest first
	total    int64     // records in flight
	base     Counts    // the host's when nothing was in flight
	counts   bool      // whether it has any
	counted  bool      // the host's count has been right once
	partly   int       // how often in a row it counted some and not all
	distrust bool      // the host's count is of no use
	dropping time.Time // since when the host drops what it is given; zero when it does not
	wait     time.Time // nothing is handed over before
	paused   time.Time // since when; zero when it is not
	resumed  time.Time
	returned *flight // the batch that went back as the result of the last Tick
}

type flight struct {
	batch *collect.Batch
	at    time.Time
	total int64 // records in flight, up to and with this batch
}

// New returns an instance for source on host.
func New(source Source, host Host, log logrus.FieldLogger) *Instance {
	return &Instance{source: source, host: host, log: log}
}

// Tick is the host's call once a second. It notes what has become safe and hands over what is ready. Where the host can only take the result
// of its call, that is what Tick returns; Cleaned must follow.
func (i *Instance) Tick() []byte {
	i.settle(false)
	if !i.paused.IsZero() || time.Now().Before(i.wait) {
		return nil
	}
	if len(i.flights) > 0 && i.counts && !i.distrust {
		return nil
	}
	for {
		b := i.source.Next()
		if b == nil {
			return nil
		}
		if len(i.flights) == 0 {
			// Before the batch is handed over: the host may have counted it a moment later.
			i.base, i.counts = i.host.Counts()
		}
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

// InFlight reports whether anything was handed over that may become safe any moment: while the input is paused nothing does.
func (i *Instance) InFlight() bool { return len(i.flights) > 0 && i.paused.IsZero() }

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
	oldest := age(i.flights[0])
	// The first look waits: with the first records the host sets up its counters, and it has no lock for them.
	if oldest < settleAfter && !end && (!i.counted || i.distrust) {
		return
	}
	now, known := i.host.Counts()
	records, writes := now.Records-i.base.Records, now.Writes-i.base.Writes
	safe := 0
	switch {
	case !known || i.distrust:
		for safe < len(i.flights) && age(i.flights[safe]) >= settleAfter {
			safe++
		}
	case records == i.total:
		safe, i.counted, i.partly = len(i.flights), true, 0
		i.taken()
	case end && oldest < settleAfter && records < i.total:
		// Nothing has gone wrong so far, so what is counted is what came first.
		for safe < len(i.flights) && records >= i.flights[safe].total {
			safe++
		}
	case records > i.total || oldest >= lostAfter:
		safe = i.doubt(records, writes)
	}
	for _, f := range i.flights[:safe] {
		i.source.Settle(f.batch)
	}
	i.drop(safe)
}

// doubt decides about batches of which the host has not counted all, and returns how many of them are safe.
func (i *Instance) doubt(records, writes int64) int {
	if i.base.Writes >= 0 && writes == 0 {
		return len(i.flights) // processors of the input have dropped all of it, so nothing is on its way
	}
	if records > 0 {
		i.partly++
	}
	// After something was handed over again, the first of it may turn up late.
	if records > i.total && i.dropping.IsZero() || i.partly > 2 {
		i.distrust = true
		i.log.Warn("Fluent Bit counts other records than were handed over, as with processors on the input that drop or add some: what was handed over " +
			"counts as taken after a second; a full disk can lose records then")
		return 0
	}
	if i.dropping.IsZero() {
		i.dropping = time.Now()
		i.log.Errorf("Fluent Bit does not put the records into its buffer (its own lines say why; is the disk of storage.path full?): they are kept, and handed "+
			"over again every %s", lostAfter+retryAfter)
	}
	for _, f := range slices.Backward(i.flights) {
		i.source.Refuse(f.batch)
	}
	i.drop(len(i.flights))
	i.wait = time.Now().Add(retryAfter)
	return 0
}

// taken notes that the host takes records.
func (i *Instance) taken() {
	if !i.dropping.IsZero() {
		i.log.Infof("Fluent Bit takes records again, after %s", time.Since(i.dropping).Round(time.Second))
		i.dropping = time.Time{}
	}
}

// drop forgets the first n flights.
func (i *Instance) drop(n int) {
	i.flights = append(i.flights[:0], i.flights[n:]...)
	if len(i.flights) == 0 {
		i.total = 0
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
