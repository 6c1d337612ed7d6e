package handover

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
)

// settle tells the source about the batches that are safe. At the end the host is asked however
// young a batch is.
func (i *Instance) settle(end bool) {
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
	// Neither its count nor the time says that the host could write what came out of the ring.
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
	i.source.Settle(batches...)
	if i.sure = counted && time.Since(i.doubted) > doubtful; i.sure {
		i.base = now
	}
	i.flights = append(i.flights[:0], i.flights[safe:]...)
}

// old returns how many batches have been in flight for so long that they are safe where the host
// does not count. The time of a pause does not count: the ring may not have been emptied since it
// began.
func (i *Instance) old() (safe int) {
	until := time.Now()
	if !i.paused.IsZero() {
		until = i.paused
	}
	for safe < len(i.flights) && until.Sub(later(i.flights[safe].at, i.resumed)) >= settleAfter {
		safe++
	}
	return safe
}

// notCounted is when the host has counted nothing of what is in flight.
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

// learn chooses when to look at the next batch, from how long this one has taken to be counted: at
// the first look it may have been counted for long.
func (i *Instance) learn() {
	i.counted++
	took := time.Since(later(i.flights[0].at, i.resumed))
	if i.wait.looks == 1 {
		took = i.usual - i.usual/8
	}
	i.usual = min(took, longest)
}

// takeBack has all that is in flight handed over again.
func (i *Instance) takeBack() {
	i.doubted = time.Now()
	for _, f := range slices.Backward(i.flights) {
		i.source.Refuse(f.batch)
	}
	i.flights = i.flights[:0]
}

// A watch says when to look again whether a batch has been counted: soon, then ever more seldom.
type watch struct {
	next  time.Time
	gap   time.Duration // from then to the next time
	looks int
}

// due returns whether it is time for a look, and counts it.
func (w *watch) due() bool {
	if time.Now().Before(w.next) {
		return false
	}
	w.looks++
	w.gap = min(2*w.gap, latest)
	w.next = time.Now().Add(w.gap)
	return true
}

// silence is what is known of a host that does not count what it was given.
type silence struct {
	begun  bool
	beat   int64 // the last that was seen
	beats  int   // how many were, since the first look
	last   time.Time
	lasted time.Duration // while we were awake
}

// awake is the longest time between two looks, about, unless the whole process stood still.
const awake = time.Second

// note is for each look. Time in which the process stood still is not the host's.
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

// over returns whether the host has had its chance to count.
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
