package handover

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// acknowledge tells the source which batches are safe. At the end the counters are read at once,
// even if the last batch was handed over a moment ago.
func (s *Sender) acknowledge(end bool) {
	if len(s.flights) == 0 || !end && !s.watch.due() {
		return
	}
	now, known := s.host.Counts()
	safe, counted := 0, false
	switch {
	case !known || !s.counts:
		safe = s.old()
	case now.Records != s.base.Records:
		safe, counted = len(s.flights), true
		s.learn()
	case now.Writes == s.base.Writes:
		safe, counted = len(s.flights), true // processors have dropped all of it
	default:
		s.notCounted(now)
	}
	if safe == 0 {
		return
	}
	// Neither the count nor the time proves that the host could write what came out of the ring.
	if room, path, limited := s.host.Room(); limited && room < reserve/2 {
		s.takeBack()
		s.noRoom(path)
		return
	}
	s.taken()
	batches := make([]*outbox.Batch, safe)
	for n := range batches {
		batches[n] = s.flights[n].batch
	}
	s.source.Acknowledge(batches...)
	if s.sure = counted && time.Since(s.doubted) > doubtful; s.sure {
		s.base = now
	}
	s.flights = append(s.flights[:0], s.flights[safe:]...)
}

// old returns how many batches have been in flight for safeAfter, so that they are safe where the
// host does not count. A pause does not count as time: the host may not have emptied the ring since
// it began.
func (s *Sender) old() (safe int) {
	until := time.Now()
	if !s.paused.IsZero() {
		until = s.paused
	}
	for safe < len(s.flights) && until.Sub(timerange.Later(s.flights[safe].at, s.resumed)) >= safeAfter {
		safe++
	}
	return safe
}

// notCounted decides what to do when the host has not counted the batch in flight: wait, log, or
// take it back.
func (s *Sender) notCounted(now Counts) {
	if !s.paused.IsZero() {
		return
	}
	switch s.silence.note(now.Beat); {
	case s.silence.over():
		s.takeBack()
		s.refused()
	case s.silence.lasted >= troubleAfter:
		s.troubled("Fluent Bit's main thread has not looked for records for %s: a filter or an output holds it up (its own lines may say which); they wait "+
			"for it, and nothing is lost", troubleAfter)
	}
}

// learn updates usual, how long the host takes to count, from the batch that was just counted. At
// the first look it may have been counted long before: then usual becomes an eighth shorter.
func (s *Sender) learn() {
	s.counted++
	took := time.Since(timerange.Later(s.flights[0].at, s.resumed))
	if s.watch.looks == 1 {
		took = s.usual - s.usual/8
	}
	s.usual = min(took, longest)
}

// takeBack gives all batches in flight back to the source, to be handed over again.
func (s *Sender) takeBack() {
	s.doubted = time.Now()
	for _, f := range slices.Backward(s.flights) {
		s.source.Refuse(f.batch)
	}
	s.flights = s.flights[:0]
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
