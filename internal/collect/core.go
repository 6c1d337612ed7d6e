package collect

import (
	"cmp"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
)

// core is what a collector has however it reads the log: the queue and its commits, outages and
// health records. Next, Acknowledge and Refuse are for the host: they never wait and may be called
// from any thread.
type core struct {
	Options
	outbox *outbox.Outbox
	stats  *Stats
	clock  clock

	// Owned by the reading goroutine.
	nextPoll time.Time
	hold     time.Time // no request before this: the site asked for it
	lastNew  time.Time // when a record was last delivered
	outages  [parts]outage
	notes    notes
	hasher   document.Hasher

	// What depends on the way of reading.
	missing  func(part) string // names the records that wait while a part fails
	regained func(part)        // is called when a part works again after an outage
	stuck    func()            // is called when the queue is full for long
}

// A clock tells the time at the site, see [Source].
type clock interface{ Now() time.Time }

func newCore(o Options, out *outbox.Outbox, clock clock) core {
	return core{Options: o, outbox: out, stats: cmp.Or(o.Stats, new(Stats)), clock: clock, hasher: document.Hasher{ByID: o.ByID}}
}
