package simulate

import (
	"slices"
	"time"
)

// disturb applies the faults that change the window just before a page is read, which makes offset
// paging lose and repeat records. The caller holds the lock.
func (s *Simulator) disturb(c *call, from, to int64) {
	newest := time.UnixMilli(min(to, c.now.UnixMilli())).UTC()
	if n, insert := c.faults.number(FaultInsert); insert {
		for range n {
			s.add(Record{Time: newest})
		}
	}
	if n, burst := c.faults.number(FaultBurst); burst && !s.burst {
		s.burst = true
		for range n {
			s.add(Record{Time: newest})
		}
	}
	if kind, malformed := c.faults.value(FaultMalformed); malformed {
		for _, k := range malformedKinds {
			if record := s.malformed(k, newest); record != nil && (kind == "" || kind == k) {
				s.add(Record{Time: newest, JSON: record})
			}
		}
	}
	low, high := s.ledger.window(from, to)
	if n, expire := c.faults.number(FaultExpire); expire {
		s.ledger.shown = slices.Delete(s.ledger.shown, low, min(low+n, high))
		_, high = s.ledger.window(from, to)
	}
	if n, vanish := c.faults.number(FaultVanish); vanish {
		s.ledger.shown = slices.Delete(s.ledger.shown, max(low, high-n), high)
	}
}
