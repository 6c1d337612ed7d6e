// Package handover gives batches to Fluent Bit, and finds out which of them are safe in its chunks.
//
// An input of Fluent Bit has a thread of its own, unless it is set up with `threaded off`. What it
// hands over passes the processors of the input and goes into a ring buffer, which the host's main
// thread empties into chunks. What is in the ring when the process is killed or shuts down is lost,
// and so is what the main thread cannot put into a chunk. The host does not tell an input of such a
// loss. So these rules decide which batches are safe:
//
//   - Where the host counts the records that come out of the ring, one batch is in flight at a
//     time. The host counts all of a batch or nothing, so a batch is safe as soon as the count has
//     grown. By how much does not matter: processors may have dropped records or added some.
//   - The host has refused a batch when its main thread has looked at the ring since the hand-over
//     and has not counted the batch. Then the batch is handed over again. Time alone does not
//     decide: a main thread that is busy, or a process that was suspended, has refused nothing.
//   - A batch that never went into the ring was dropped by processors as a whole, and is safe.
//   - Where the host does not count, a batch is safe when a second (four times the ring's period)
//     has gone by without the input being paused.
//   - The host counts before it writes. So where its chunks are files, a batch is handed over only
//     if it fits on their disk, and it is safe only if there is still room afterwards.
//   - An input without a thread of its own writes into the chunk itself, so what the host has taken
//     is safe. The host calls such an input while it is paused too.
package handover

import (
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/outbox"
)

// Source is where the batches come from: a collector.
type Source interface {
	// Next returns the oldest batch that is not in flight, nil when there is none.
	Next() *outbox.Batch
	// Acknowledge notes that the host has the batches. They belong to the source again.
	Acknowledge(...*outbox.Batch)
	// Refuse takes a batch back, so that Next returns it again.
	Refuse(*outbox.Batch)
}

// Host is what Fluent Bit offers an input.
type Host interface {
	// Append gives a batch to the host, and returns whether the host has taken it.
	Append(b *outbox.Batch) (ok bool)
	// Direct reports whether a batch is in a chunk when Append returns.
	Direct() bool
	// Counts returns the host's counters of this input; known is false when it has none.
	Counts() (c Counts, known bool)
	// Paused reports whether the host has paused this input; known is false when the host does not
	// tell.
	Paused() (paused, known bool)
	// Room returns how many bytes are free on the disk of the input's chunks, and their folder;
	// known is false when the chunks are in memory, or their folder is not known.
	Room() (bytes int64, path string, known bool)
}

// Counts are the host's own counters of one input.
type Counts struct {
	Records int64 // records that came out of the ring
	Writes  int64 // buffers that went into the ring
	// Beat is a time that changes when the host's main thread does its regular work, every 5 s,
	// between two looks at the ring; -1 when the host does not tell it.
	Beat int64
}

const (
	// safeAfter is how long a batch must be in flight to be safe where the host does not count.
	safeAfter = time.Second
	// beats is after how many beats the main thread has emptied the ring for sure: the first may
	// have begun before the hand-over.
	beats = 2
	// lostAfter is how long the host may take to count where it has no beat. If it were too short,
	// a batch that was only late would be delivered twice.
	lostAfter = time.Minute
	// retryAfter is the back-off after the host has refused a batch, mostly because of a full disk.
	retryAfter = 5 * time.Second
	// troubleAfter is how long the host may take nothing, without a refusal, before that is logged.
	troubleAfter = 30 * time.Second
	// reserve is how many bytes must be free on the disk of the chunks besides the batch: others
	// write there too. When less than half of it is free afterwards, a file may have failed to
	// grow.
	reserve = 2 << 20
	// mostDirectly is about how many bytes are handed over in one call on the host's main thread,
	// which has other things to do.
	mostDirectly = 2 << 20
	// longestDirectly is how long such a call takes before it leaves the rest to the next one.
	longestDirectly = 25 * time.Millisecond
	// A call that hands over muchDirectly is one of a backfill. The collector then reads on, so
	// calls come each directlyAgain until nothing much has come for directlyUntil.
	muchDirectly  = 128 << 10
	directlyAgain = 50 * time.Millisecond
	directlyUntil = 500 * time.Millisecond

	// firstCount is how long after the first hand-over of all the host's counters are read. The
	// host creates them at its start (flb_input.c, 4.2 to 5.1). But where it counts by tag, it adds
	// a series with the first records, and a reader takes no lock: the wait lets it finish.
	firstCount = 20 * time.Millisecond
	// The host's main thread mostly counts within a few milliseconds. When it is late, its counters
	// are read at growing intervals, from soonest to latest. A read costs the host as much as some
	// hundred records: all its counters are written as text.
	soonest = 2 * time.Millisecond
	latest  = 250 * time.Millisecond
	longest = 50 * time.Millisecond // before the first read after a hand-over
	// whilePaused is the interval at which a paused input is called, so that its log and its
	// metrics go on: the host does not call it.
	whilePaused = 5 * time.Second
	// doubtful is how long after a second hand-over the host may still count the first.
	doubtful = time.Minute
)

// A Sender hands over the batches of one input. It is not safe for concurrent use: all its
// methods run on the thread of the input.
type Sender struct {
	source Source
	host   Host
	log    logrus.FieldLogger

	// batches in flight, oldest first; at most one where the host counts
	flights []flight
	base    Counts        // the host's counters when nothing was in flight
	counts  bool          // whether the host has counters
	sure    bool          // base is up to date: the host has counted all batches
	doubted time.Time     // when a batch was last taken back
	usual   time.Duration // how long the host takes to count a batch, of late
	counted int           // how many batches it has counted
	watch   watch         // when to read the counters next
	silence silence       // how long the host has not counted what is in flight
	trouble time.Time     // since when the host takes nothing; zero when it does
	again   time.Time     // the end of the back-off
	paused  time.Time     // since when; zero when it is not
	resumed time.Time
	much    time.Time // when much was handed over directly for the last time
	pace    pace
	waiting bool // whether a batch waits for the pace
}

type flight struct {
	batch *outbox.Batch
	at    time.Time
}

// New returns a sender of the batches of source to host.
func New(source Source, host Host, log logrus.FieldLogger) *Sender {
	return &Sender{source: source, host: host, log: log}
}

// Tick is called once a second, and after each wake-up. It acknowledges what has become safe and
// hands over what is ready.
func (s *Sender) Tick() {
	if s.host.Direct() {
		s.handOverDirectly()
		return
	}
	s.acknowledge(false)
	if !s.paused.IsZero() {
		s.notePaused()
		return
	}
	if !time.Now().Before(s.again) {
		s.handOver()
	}
}

// handOver puts what is ready into the ring.
func (s *Sender) handOver() {
	var room int64
	var path string
	var limited bool
	for first := true; len(s.flights) == 0 || !s.counts; first = false {
		b := s.next()
		if b == nil {
			return
		}
		if first {
			room, path, limited = s.host.Room()
		}
		if room -= int64(len(b.Events)); limited && room < reserve {
			s.source.Refuse(b)
			if len(s.flights) == 0 {
				s.noRoom(path)
			}
			return
		}
		if len(s.flights) == 0 {
			// Read before the hand-over: the host may count the batch right after it.
			if !s.sure {
				s.base, s.counts = s.host.Counts()
			}
			s.sure = false
		}
		if !s.host.Append(b) {
			s.source.Refuse(b)
			s.refused()
			return
		}
		s.sent(b)
	}
}

// handOverDirectly writes what is ready into chunks. It gives nothing while the input is paused: a
// host that shuts down pauses its inputs, but would take more batches and wait until the outputs
// have sent them.
func (s *Sender) handOverDirectly() {
	if !s.paused.IsZero() && s.pausedDirectly() {
		s.notePaused()
		return
	}
	begun := time.Now()
	for given := 0; given < mostDirectly && time.Since(begun) < longestDirectly && !time.Now().Before(s.again); {
		b := s.next()
		if b == nil {
			return
		}
		given += len(b.Events) // read before Acknowledge, which gives the batch back to the source
		if !s.host.Append(b) {
			s.source.Refuse(b)
			if !s.pausedDirectly() { // a paused input takes nothing, which is no trouble
				s.refused()
			}
			return
		}
		s.source.Acknowledge(b)
		s.taken()
		if given >= muchDirectly {
			s.much = begun
		}
	}
}

// pausedDirectly reports whether the host has paused this input. Pause and Resume are called for
// all inputs of the thread, even if the host means another one.
func (s *Sender) pausedDirectly() bool {
	if paused, known := s.host.Paused(); known {
		return paused
	}
	return !s.paused.IsZero()
}

// LookAgain returns how long to wait before Tick is called again, because a batch in flight may
// become safe, because one may be handed over by then, or because the input is paused; 0 when there
// is no need.
func (s *Sender) LookAgain() time.Duration {
	switch {
	case !s.paused.IsZero():
		return whilePaused
	case time.Since(s.much) < directlyUntil:
		return directlyAgain
	case s.waiting:
		return max(s.pace.wait(), time.Until(s.again), soonest)
	case len(s.flights) == 0:
		return 0
	default:
		return max(time.Until(s.watch.next), soonest)
	}
}

// sent notes that a batch is in flight.
func (s *Sender) sent(b *outbox.Batch) {
	now := time.Now()
	if len(s.flights) == 0 {
		gap := soonest
		if s.counted == 0 {
			gap = firstCount
		}
		s.watch = watch{next: now.Add(max(gap, s.usual)), gap: gap}
		s.silence = silence{}
	}
	s.flights = append(s.flights, flight{b, now})
}

// Pause notes that the host takes nothing and does not empty the ring until Resume. Pauses and
// resumes need not come in pairs. An input without a thread of its own is also told of the pauses
// of other inputs.
func (s *Sender) Pause() {
	if s.paused.IsZero() {
		s.paused = time.Now()
	}
	s.silence = silence{}
}

// Resume ends all pauses.
func (s *Sender) Resume() {
	s.paused, s.resumed = time.Time{}, time.Now()
	s.taken() // if the pause was the trouble, it is over; there may be no record for long
}

// Stop acknowledges what is safe at the end. The rest is handed over again after the next start.
func (s *Sender) Stop() { s.acknowledge(true) }
