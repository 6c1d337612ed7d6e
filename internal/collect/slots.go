package collect

import (
	"context"
	"time"
)

// Slots bound how many collectors of a process read older ranges at the same time, because each
// needs about 10 MB and after an outage hundreds have to catch up. Polls need no slot.
type Slots chan struct{}

// NewSlots returns slots for n collectors.
func NewSlots(n int) Slots { return make(Slots, n) }

const (
	// slotTime is how long a collector keeps its slot while others wait.
	slotTime = 5 * time.Second
)

// awaitSlot frees spare memory and waits for a slot, for d at most.
func (c *Collector) awaitSlot(ctx context.Context, d time.Duration) {
	select {
	case c.Slots <- struct{}{}:
		c.beginSlot()
		return
	default:
	}
	c.Ready()
	c.rest()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case c.Slots <- struct{}{}:
		c.beginSlot()
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *Collector) beginSlot() {
	c.slotEnds = time.Now().Add(slotTime)
	c.hasSlot = true
}

// mayRead reports whether this collector has a slot. It gives the slot up after slotTime if all
// slots are taken.
func (c *Collector) mayRead() bool {
	if c.Slots == nil {
		return true
	}
	if c.hasSlot && time.Now().After(c.slotEnds) && len(c.Slots) == cap(c.Slots) {
		c.endSlot()
	}
	return c.hasSlot
}

// endSlot frees the slot for the collector that has waited longest. It also drops what was read
// ahead.
func (c *Collector) endSlot() {
	if c.hasSlot {
		c.dropAhead()
		c.hasSlot = false
		<-c.Slots
	}
}
