package handover

import (
	"sync"
	"time"
)

const (
	// mostASecond is how many bytes the inputs of a process hand over in a second, together. What
	// comes between two flushes is in the host's memory: with its default flush of a second, a
	// backfill of any size needs this much beside what the process always needs. It is several
	// times what a real site sends: four answers at a time, of 1,000 records within 300 ms, are
	// some 9 MB a second.
	mostASecond = 24 << 20
	// atOnce is how much may be handed over without a wait after a time with little to do.
	atOnce = 1 << 20
)

// A Pace bounds how much the inputs that share it hand over in a second, one after another. The zero
// value is ready. It is safe for concurrent use.
type Pace struct {
	mu   sync.Mutex
	paid time.Time // when all that was allowed is within the pace
}

// allow returns when so many bytes may be handed over. They count from now on, so that inputs get
// their turns in the order in which they ask.
func (p *Pace) allow(bytes int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.paid.Add(-lasting(atOnce))
	p.paid = later(p.paid, time.Now()).Add(lasting(bytes))
	return at
}

// lasting returns how long so many bytes take.
func lasting(bytes int) time.Duration {
	return time.Duration(bytes) * time.Second / mostASecond
}
