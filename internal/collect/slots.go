package collect

import (
	"context"
	"time"
)

// Slots bound how many collectors of a process read older stretches of their logs at the same time,
// which takes some 10 MB each: after an outage hundreds have to catch up. Polls need no turn.
type Slots chan struct{}

// NewSlots returns turns for n collectors at a time.
func NewSlots(n int) Slots { return make(Slots, n) }

const (
	// slotTime is how long a collector reads on while others wait.
	slotTime = 5 * time.Second
)

// awaitSlot waits for a turn, for as long as d at most, and with as little memory as can be.
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

// mayRead tells whether it is this collector's turn, which ends when it took long enough and all
// others are taken.
func (c *Collector) mayRead() bool {
	if c.Slots == nil {
		return true
	}
	if c.hasSlot && time.Now().After(c.slotEnds) && len(c.Slots) == cap(c.Slots) {
		c.endSlot()
	}
	return c.hasSlot
}

// endSlot gives the turn to the one that has waited longest. What is read ahead is of this turn,
// and ends with it.
func (c *Collector) endSlot() {
	if c.hasSlot {
		c.dropAhead()
		c.hasSlot = false
		<-c.Slots
	}
}
