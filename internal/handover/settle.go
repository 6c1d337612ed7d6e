package handover

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/collect"
)

// settle tells the source about the batches that are safe. Where time decides, the time of a pause does not count: the ring may not have been
// emptied since it began. At the end the host is asked however young a batch is.
func (i *Instance) settle(end bool) {
	if len(i.flights) == 0 || !end && time.Now().Before(i.look) {
		return
	}
	i.looks++
	i.lookGap = min(2*i.lookGap, latest)
	i.look = time.Now().Add(i.lookGap)
	until := time.Now()
	if !i.paused.IsZero() {
		until = i.paused
	}
	age := func(f flight) time.Duration { return until.Sub(later(f.at, i.resumed)) }
	oldest := age(i.flights[0])
	now, known := i.host.Counts()
	records, writes := now.Records-i.base.Records, now.Writes-i.base.Writes
	safe, works := 0, false
	switch {
	case !known || i.distrust:
		for safe < len(i.flights) && age(i.flights[safe]) >= settleAfter {
			safe++
		}
		works = true
	case records == i.total:
		i.groups, i.partly = i.groups+1, 0
		safe, works = len(i.flights), true
		i.learn(oldest)
	case end && oldest < settleAfter && records < i.total:
		// Nothing has gone wrong so far, so what is counted is what came first.
		for safe < len(i.flights) && records >= i.flights[safe].total {
			safe++
		}
	case records > i.total || oldest >= lostAfter:
		safe = i.doubt(records, writes)
	}
	if safe == 0 {
		return
	}
	// Neither its count nor the time says that the host could write what came out of the ring.
	if room, path, limited := i.host.Room(); limited && room < reserve/2 {
		i.refuse()
		i.noRoom(path)
		return
	}
	if works {
		i.taken()
	}
	batches := make([]*collect.Batch, safe)
	for n := range batches {
		batches[n] = i.flights[n].batch
	}
	i.source.Settle(batches...)
	if i.sure = works && records == i.total && time.Since(i.doubted) > doubtful; i.sure {
		i.base = now
	}
	i.drop(safe)
}

// learn chooses when to look at the next group, from how long this one has taken to be counted: at the first look it may have been counted for long.
func (i *Instance) learn(took time.Duration) {
	if i.looks == 1 {
		took = i.usual - i.usual/8
	}
	i.usual = min(took, longest)
}

// doubt decides about batches of which the host has not counted all, and returns how many of them are safe.
func (i *Instance) doubt(records, writes int64) (safe int) {
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
			"counts as taken after a second; use filters instead, or set `threaded off`")
		return 0
	}
	i.refuse()
	i.troubled("Fluent Bit does not put the records into its buffer (its own lines say why; is the disk of storage.path full?): they are kept, and handed "+
		"over again every %s", lostAfter+retryAfter)
	return 0
}

// refuse takes back all that is in flight.
func (i *Instance) refuse() {
	i.doubted = time.Now()
	for _, f := range slices.Backward(i.flights) {
		i.source.Refuse(f.batch)
	}
	i.drop(len(i.flights))
}

// refused is when the host has not taken a batch at once. One that is paused does not, which is no trouble.
func (i *Instance) refused() {
	if !i.pausedDirectly() {
		i.troubled("Fluent Bit does not put the records into its buffer (its own lines say why; is the disk of storage.path full?): they are kept, and handed "+
			"over again every %s", retryAfter)
	}
}

// noRoom is when the disk of the chunks at path is full, or nearly.
func (i *Instance) noRoom(path string) {
	i.troubled("the disk of %s is full, where Fluent Bit keeps its buffer: the records are kept, and handed over when there is room; free space there", path)
}

// troubled says once what is wrong, and waits.
func (i *Instance) troubled(format string, args ...any) {
	i.wait = time.Now().Add(retryAfter)
	if i.dropping.IsZero() {
		i.dropping = time.Now()
		i.log.Errorf(format, args...)
	}
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
