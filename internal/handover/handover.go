// Package handover gives batches to a host that may lose what it was given, and finds out which of
// them it has.
//
// An input of Fluent Bit has a thread of its own, unless it is set up with `threaded off`. What
// such an input gives passes the processors of the input and goes into a ring buffer, which the
// host's main thread empties into chunks. What is in the ring when the process is killed or shuts
// down is lost, and so is what the main thread cannot put into a chunk. Nothing tells an input so;
// hence these rules:
//
//   - Where the host counts the records that come out of the ring, one batch is in flight at a
//     time. The host counts all of a batch or nothing, so a batch is safe as soon as the count has
//     grown, by whatever number: processors may have dropped records of it, or added some.
//   - The host has refused a batch when it has not counted it though its main thread has been at
//     the ring since. Then the batch is handed over again. How long that took does not matter: a
//     main thread that is held up, or a process that was suspended, has refused nothing.
//   - A batch that never came into the ring was dropped by processors, and is safe.
//   - Where the host does not count, a batch is safe when a second (four times the ring's period)
//     has gone by without the input being paused.
//   - The host counts before it writes. So where its chunks are files, nothing is handed over that
//     may not fit on their disk, and it is safe only if there is still room afterwards.
//   - Without a thread of its own the input writes into the chunk itself, and what the host has
//     taken is safe. It is called while it is paused too.
package handover

import (
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/outbox"
)

// Source is where the batches come from: a collector.
type Source interface {
	Next() *outbox.Batch
	Settle(...*outbox.Batch)
	Refuse(*outbox.Batch)
}

// Host is what Fluent Bit offers an input.
type Host interface {
	// Append gives a batch to the host at once, and returns whether the host has taken it.
	Append(b *outbox.Batch) (ok bool)
	// Direct says that what Append has given is in a chunk when it returns.
	Direct() bool
	// Counts returns what the host says about this input so far; known is false when it does not
	// say.
	Counts() (c Counts, known bool)
	// Paused returns whether the host has paused this input; known is false when it does not say.
	Paused() (paused, known bool)
	// Room returns how many bytes fit on the disk of the input's chunks, and where that is; known
	// is false when they are in memory, or it cannot be found out.
	Room() (bytes int64, path string, known bool)
}

// Counts are the host's own.
type Counts struct {
	Records int64 // that came out of the ring
	Writes  int64 // buffers that went into the ring
	// Beat differs whenever the host's main thread has done its regular work, every 5 s, between
	// two looks at the ring; -1 when the host does not say.
	Beat int64
}

const (
	settleAfter = time.Second
	// beats is how many beats of the main thread there must be for it to have emptied the ring: it
	// may have been in the midst of the first when the batch was handed over.
	beats = 2
	// lostAfter is how long the host may take to count where it has no beat. What was only held up
	// comes twice if this is too short.
	lostAfter = time.Minute
	// retryAfter is how long to wait after the host has dropped something, for a disk that is full
	// mostly.
	retryAfter = 5 * time.Second
	// troubleAfter is when it is said that the host takes nothing, though it has refused nothing.
	troubleAfter = 30 * time.Second
	// reserve is what must be free on the disk of the chunks besides what is handed over, in bytes:
	// others write there too. When there is less than half of it afterwards, a file may have failed
	// to grow.
	reserve = 2 << 20
	// mostDirectly is how many bytes, about, are handed over in one call on the host's main thread,
	// which has other things to do.
	mostDirectly = 4 << 20

	// firstCount is when to look at the host's counters for the first time after a hand-over. It
	// has all of them from the start (flb_input.c, 4.2 to 5.1), but where it counts by tag it adds
	// a series with the first records, and who reads takes no lock; by then it has.
	firstCount = 20 * time.Millisecond
	// The host's main thread mostly counts within a few milliseconds. When it is held up we look
	// ever more seldom. To look costs the host as much as some hundred records: all its counters
	// are written as text.
	soonest = 2 * time.Millisecond
	latest  = 250 * time.Millisecond
	longest = 50 * time.Millisecond // to wait for the first look at a batch
	// whilePaused is when to look again at an input that is paused, so that its log and its metrics
	// go on: the host does not call it then.
	whilePaused = 5 * time.Second
	// doubtful is how long after something was handed over again the host may count the first of it
	// late.
	doubtful = time.Minute
)

// An Instance hands over the batches of one input. It belongs to the thread of that input: no
// method may run beside another.
type Instance struct {
	source Source
	host   Host
	log    logrus.FieldLogger

	// handed over and not known to be safe, oldest first; one where the host counts
	flights []flight
	base    Counts        // the host's when nothing was in flight
	counts  bool          // whether it has any
	sure    bool          // base is what it says now, for it has counted all there was
	doubted time.Time     // when something was last handed over again
	usual   time.Duration // how long the host has lately taken to count a batch
	counted int           // how many batches it has counted
	wait    watch         // for the host to count
	silence silence       // of the host, while something is in flight
	trouble time.Time     // since when the host takes nothing; zero when it does
	again   time.Time     // nothing is handed over before
	paused  time.Time     // since when; zero when it is not
	resumed time.Time
}

type flight struct {
	batch *outbox.Batch
	at    time.Time
}

// New returns an instance for source on host.
func New(source Source, host Host, log logrus.FieldLogger) *Instance {
	return &Instance{source: source, host: host, log: log}
}

// Tick is the host's call once a second, and whenever it was asked for one. It notes what has
// become safe and hands over what is ready.
func (i *Instance) Tick() {
	if i.host.Direct() {
		i.handOverDirectly()
		return
	}
	i.settle(false)
	if !i.paused.IsZero() {
		i.sayPaused()
		return
	}
	if !time.Now().Before(i.again) {
		i.handOver()
	}
}

// handOver puts what is ready into the ring.
func (i *Instance) handOver() {
	var room int64
	var path string
	var limited bool
	for first := true; len(i.flights) == 0 || !i.counts; first = false {
		b := i.source.Next()
		if b == nil {
			return
		}
		if first {
			room, path, limited = i.host.Room()
		}
		if room -= int64(len(b.Events)); limited && room < reserve {
			i.source.Refuse(b)
			if len(i.flights) == 0 {
				i.noRoom(path)
			}
			return
		}
		if len(i.flights) == 0 {
			// Before the batch is handed over: the host may have counted it a moment later.
			if !i.sure {
				i.base, i.counts = i.host.Counts()
			}
			i.sure = false
		}
		if !i.host.Append(b) {
			i.source.Refuse(b)
			i.refused()
			return
		}
		i.sent(b)
	}
}

// handOverDirectly gives the host what is ready. A host that is shutting down would take it, and
// wait for the outputs to be done with it, and take more.
func (i *Instance) handOverDirectly() {
	if !i.paused.IsZero() && i.pausedDirectly() {
		i.sayPaused()
		return
	}
	for given := 0; given < mostDirectly && !time.Now().Before(i.again); {
		b := i.source.Next()
		if b == nil {
			return
		}
		given += len(b.Events) // before Settle, after which the batch is the source's
		if !i.host.Append(b) {
			i.source.Refuse(b)
			if !i.pausedDirectly() { // one that is paused takes nothing, which is no trouble
				i.refused()
			}
			return
		}
		i.source.Settle(b)
		i.taken()
	}
}

// pausedDirectly is whether the host has paused this input. Pause and Resume come for all inputs of
// the thread, whichever of them is meant.
func (i *Instance) pausedDirectly() bool {
	if paused, known := i.host.Paused(); known {
		return paused
	}
	return !i.paused.IsZero()
}

// LookAgain returns how long to wait before Tick should be called again because something is in
// flight that may become safe any moment, or because the input is paused; 0 when there is no need.
func (i *Instance) LookAgain() time.Duration {
	switch {
	case !i.paused.IsZero():
		return whilePaused
	case len(i.flights) == 0:
		return 0
	default:
		return max(time.Until(i.wait.next), soonest)
	}
}

func (i *Instance) sent(b *outbox.Batch) {
	now := time.Now()
	if len(i.flights) == 0 {
		gap := soonest
		if i.counted == 0 {
			gap = firstCount
		}
		i.wait = watch{next: now.Add(max(gap, i.usual)), gap: gap}
		i.silence = silence{}
	}
	i.flights = append(i.flights, flight{b, now})
}

// Pause is the host's: it takes nothing until Resume, and does not empty the ring meanwhile. Pauses
// do not come in pairs with resumes. Without a thread of its own an input is told so when another
// one is meant.
func (i *Instance) Pause() {
	if i.paused.IsZero() {
		i.paused = time.Now()
	}
	i.silence = silence{}
}

// Resume ends all pauses.
func (i *Instance) Resume() {
	i.paused, i.resumed = time.Time{}, time.Now()
	i.taken() // if a pause was what was wrong: there may be no record for long
}

// Stop settles what is safe at the end. The rest is handed over again after the next start.
func (i *Instance) Stop() { i.settle(true) }
