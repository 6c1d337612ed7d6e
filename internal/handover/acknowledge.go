package handover

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// acknowledge tells the source which batches are safe. At the end the counters are read at once,
// even if the last batch was handed over a moment ago.
func (i *Instance) acknowledge(end bool) {
	if len(i.flights) == 0 || !end && !i.wait.due() {
		return
	}
	now, known := i.host.Counts()
	safe, counted := 0, false
	switch {
	case !known || !i.counts:
		safe = i.old()
	case now.Records != i.base.Records:
		safe, counted = len(i.flights), true
		i.learn()
	case now.Writes == i.base.Writes:
		safe, counted = len(i.flights), true // processors have dropped all of it
	default:
		i.notCounted(now)
	}
	if safe == 0 {
		return
	}
	// Neither the count nor the time proves that the host could write what came out of the ring.
	if room, path, limited := i.host.Room(); limited && room < reserve/2 {
		i.takeBack()
		i.noRoom(path)
		return
	}
	i.taken()
	batches := make([]*outbox.Batch, safe)
	for n := range batches {
		batches[n] = i.flights[n].batch
	}
	i.source.Acknowledge(batches...)
	if i.sure = counted && time.Since(i.doubted) > doubtful; i.sure {
		i.base = now
	}
	i.flights = append(i.flights[:0], i.flights[safe:]...)
}

// old returns how many batches have been in flight for safeAfter, so that they are safe where the
// host does not count. A pause does not count as time: the host may not have emptied the ring since
// it began.
func (i *Instance) old() (safe int) {
	until := time.Now()
	if !i.paused.IsZero() {
		until = i.paused
	}
	for safe < len(i.flights) && until.Sub(later(i.flights[safe].at, i.resumed)) >= safeAfter {
		safe++
	}
	return safe
}

// notCounted decides what to do when the host has not counted the batch in flight: wait, log, or
// take it back.
func (i *Instance) notCounted(now Counts) {
	if !i.paused.IsZero() {
		return
	}
	switch i.silence.note(now.Beat); {
	case i.silence.over():
		i.takeBack()
		i.refused()
	case i.silence.lasted >= troubleAfter:
		i.troubled("Fluent Bit's main thread has not looked for records for %s: a filter or an output holds it up (its own lines may say which); they wait "+
			"for it, and nothing is lost", troubleAfter)
	}
}

// learn updates usual, how long the host takes to count, from the batch that was just counted. At
// the first look it may have been counted long before: then usual becomes an eighth shorter.
func (i *Instance) learn() {
	i.counted++
	took := time.Since(later(i.flights[0].at, i.resumed))
	if i.wait.looks == 1 {
		took = i.usual - i.usual/8
	}
	i.usual = min(took, longest)
}

// takeBack gives all batches in flight back to the source, to be handed over again.
func (i *Instance) takeBack() {
	i.doubted = time.Now()
	for _, f := range slices.Backward(i.flights) {
		i.source.Refuse(f.batch)
	}
	i.flights = i.flights[:0]
}

// A watch decides when to read the host's counters again: soon, then at growing intervals.
type watch struct {
	next  time.Time
	gap   time.Duration // from then to the next time
	looks int
}

// due reports whether it is time to read the counters, and plans the next time.
func (w *watch) due() bool {
	if time.Now().Before(w.next) {
		return false
	}
	w.looks++
	w.gap = min(2*w.gap, latest)
	w.next = time.Now().Add(w.gap)
	return true
}

// silence measures how long the host has not counted the batch in flight.
type silence struct {
	begun  bool
	beat   int64 // the last beat seen
	beats  int   // how many beats since the first look
	last   time.Time
	lasted time.Duration // without the time in which the process stood still
}

// awake is about the longest time between two looks, unless the process stood still.
const awake = time.Second

// note is called at each look. Time in which the process stood still does not count.
func (s *silence) note(beat int64) {
	now := time.Now()
	if s.begun {
		s.lasted += min(now.Sub(s.last), awake)
		if beat != s.beat {
			s.beats++
		}
	}
	s.begun, s.beat, s.last = true, beat, now
}

// over reports whether the host would have counted the batch by now, if it had it.
func (s *silence) over() bool {
	if s.beat >= 0 {
		return s.beats >= beats
	}
	return s.lasted >= lostAfter
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
