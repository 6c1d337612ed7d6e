package handover

import (
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

const (
	// mostASecond is how many bytes an input hands over in a second. What comes between two flushes
	// is in the host's memory: with its default flush of a second, a backfill of any size needs this
	// much beside what the process always needs. A site sends less: four answers at a time, each of
	// 1,000 records of 700 bytes within 300 ms, are some 9 MB a second.
	mostASecond = 24 << 20
	// atOnce is how many bytes may be handed over without a wait after a quiet time.
	atOnce = 1 << 20
)

// A pace bounds how many bytes are handed over in a second.
type pace struct {
	taken time.Time // until then all of the pace is taken
}

// wait returns how long nothing more may be handed over.
func (p *pace) wait() time.Duration {
	return max(time.Until(p.taken.Add(-lasting(atOnce))), 0)
}

// spend notes that so many bytes are handed over.
func (p *pace) spend(bytes int) {
	p.taken = timerange.Later(p.taken, time.Now()).Add(lasting(bytes))
}

// lasting returns how long it takes to hand over so many bytes at the full pace.
func lasting(bytes int) time.Duration {
	return time.Duration(bytes) * time.Second / mostASecond
}

// next returns the oldest batch if it may be handed over now, else nil.
func (s *Sender) next() *outbox.Batch {
	b := s.source.Next()
	s.waiting = b != nil && s.pace.wait() > 0
	switch {
	case b == nil:
		return nil
	case s.waiting:
		s.source.Refuse(b)
		return nil
	}
	s.pace.spend(len(b.Events))
	return b
}
