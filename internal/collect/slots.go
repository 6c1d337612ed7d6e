package collect

import (
	"context"
	"sync/atomic"
	"time"
)

// Slots bound how many pieces of older ranges the collectors of a process read at the same time,
// because a collector needs about 10 MB for it and after an outage hundreds have to catch up. A
// collector has one slot, and reads more pieces at the same time only with slots that nobody waits
// for. Polls need no slot.
type Slots struct {
	taken   chan struct{}
	waiting atomic.Int32 // collectors that wait for their slot
}

// NewSlots returns n slots.
func NewSlots(n int) *Slots { return &Slots{taken: make(chan struct{}, n)} }

// try takes a slot if one is free and nobody waits for it.
func (s *Slots) try() bool {
	if s.waiting.Load() > 0 {
		return false
	}
	select {
	case s.taken <- struct{}{}:
		return true
	default:
		return false
	}
}

// free gives a slot back, to the collector that has waited longest.
func (s *Slots) free() { <-s.taken }

// slotTime is how long a collector keeps its slot while others wait.
const slotTime = 5 * time.Second

// slot is the slot of one collector.
type slot struct {
	held bool
	ends time.Time // when to free it, if another collector waits
}

// awaitSlot frees spare memory and waits for a slot, for d at most.
func (c *Collector) awaitSlot(ctx context.Context, d time.Duration) {
	if c.Slots.try() {
		c.beginSlot()
		return
	}
	c.Slots.waiting.Add(1)
	defer c.Slots.waiting.Add(-1)
	c.Ready()
	c.freeMemory()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case c.Slots.taken <- struct{}{}:
		c.beginSlot()
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *Collector) beginSlot() {
	c.slot = slot{held: true, ends: time.Now().Add(slotTime)}
}

// mayRead reports whether this collector has a slot. It gives the slot up after slotTime if others
// wait for one.
func (c *Collector) mayRead() bool {
	if c.Slots == nil {
		return true
	}
	if c.slot.held && time.Now().After(c.slot.ends) && c.Slots.waiting.Load() > 0 {
		c.endSlot()
	}
	return c.slot.held
}

// endSlot frees the slot for the collector that has waited longest. It also drops what was read
// ahead.
func (c *Collector) endSlot() {
	if c.slot.held {
		c.ahead.Drop()
		c.slot.held = false
		c.Slots.free()
	}
}
