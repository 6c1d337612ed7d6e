package collect

import (
	"context"
	"time"
)

// Turns bound how many collectors of a process read older stretches of their logs at the same time, which takes some 10 MB each: after an outage
// hundreds have to catch up. Polls need no turn.
type Turns chan struct{}

// NewTurns returns turns for n collectors at a time.
func NewTurns(n int) Turns { return make(Turns, n) }

const (
	// turn is how long a collector reads on while others wait.
	turn = 5 * time.Second
)

// awaitTurn waits for a turn, for as long as d at most, and with as little memory as can be.
func (c *Collector) awaitTurn(ctx context.Context, d time.Duration) {
	select {
	case c.Turns <- struct{}{}:
		c.beginTurn()
		return
	default:
	}
	c.Ready()
	c.rest()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case c.Turns <- struct{}{}:
		c.beginTurn()
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (c *Collector) beginTurn() {
	c.turnEnds = time.Now().Add(turn)
	c.hasTurn = true
}

// mayRead tells whether it is this collector's turn, which ends when it took long enough and all others are taken.
func (c *Collector) mayRead() bool {
	if c.Turns == nil {
		return true
	}
	if c.hasTurn && time.Now().After(c.turnEnds) && len(c.Turns) == cap(c.Turns) {
		c.endTurn()
	}
	return c.hasTurn
}

// endTurn gives the turn to the one that has waited longest. What is read ahead is of this turn, and ends with it.
func (c *Collector) endTurn() {
	if c.hasTurn {
		c.dropAhead()
		c.hasTurn = false
		<-c.Turns
	}
}
