package handover

import (
	"sync"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

const (
	// mostASecond is how many bytes the inputs of a process hand over in a second, together. What
	// comes between two flushes is in the host's memory: with its default flush of a second, a
	// backfill of any size needs this much beside what the process always needs. One site sends
	// less: four answers at a time, each of 1,000 records of 700 bytes within 300 ms, are some 9 MB
	// a second.
	mostASecond = 24 << 20
	// atOnce is how many bytes may be handed over without a wait after a quiet time.
	atOnce = 1 << 20
)

// A Pace bounds how many bytes the inputs that share it hand over in a second, together. The zero
// value is ready. It is safe for concurrent use.
type Pace struct {
	mu    sync.Mutex
	taken time.Time // until then all of the pace is taken
}

// allow returns when so many bytes may be handed over. They count from now on, even if they are
// never handed over: inputs get their turns in the order in which they ask.
func (p *Pace) allow(bytes int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.taken.Add(-lasting(atOnce))
	p.taken = timerange.Later(p.taken, time.Now()).Add(lasting(bytes))
	return at
}

// lasting returns how long it takes to hand over so many bytes at the full pace.
func lasting(bytes int) time.Duration {
	return time.Duration(bytes) * time.Second / mostASecond
}
