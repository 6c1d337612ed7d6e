package collect

import (
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/window"
)

// A reading is a window that is read ahead: while others are read, and while the one before it is
// delivered.
type reading struct {
	window.Range
	cancel  context.CancelFunc
	done    chan struct{} // closed when w, err and took are set
	w       *window.Window
	err     error
	took    time.Duration
	hasSlot bool // one of its own, beside that of the collector
}

// readAhead starts readings of what the catch-up will want next, as many as parallel allows. next
// is the checkpoint when the window at hand is delivered. Readings that the catch-up will not want
// soon end.
func (c *Collector) readAhead(ctx context.Context, next outbox.Checkpoint) {
	var wanted []*reading
	for len(wanted) < c.parallel.most && len(next.Pending) > 0 {
		next = next.Advanced()
		r := c.pieces.Next(c.nextPending(next))
		a := c.aheadAt(r.From)
		switch {
		case a != nil && next.Waits(a.To): // as it was planned
			r = a.Range
		case r.Length() <= window.Narrowest || len(wanted) >= c.parallel.now:
			a = nil
		default:
			a = c.start(ctx, r)
		}
		if a == nil {
			break
		}
		wanted, next = append(wanted, a), next.Done(r)
	}
	for _, a := range slices.Clone(c.ahead) {
		if !slices.Contains(wanted, a) {
			c.drop(a)
		}
	}
}

// start starts a reading. It returns nil if there is no slot for it. The first one needs none: it
// is read while the collector delivers.
func (c *Collector) start(ctx context.Context, r window.Range) *reading {
	a := &reading{Range: r, done: make(chan struct{})}
	if len(c.ahead) > 0 && c.Slots != nil {
		select {
		case c.Slots <- struct{}{}:
			a.hasSlot = true
		default:
			return nil
		}
	}
	ctx, a.cancel = context.WithCancel(ctx)
	w := c.windows.New(a.Range)
	c.ahead = append(c.ahead, a)
	go func() {
		defer close(a.done)
		begun := time.Now()
		a.w, a.err = c.fill(ctx, w, nil)
		a.took = time.Since(begun)
	}()
	return a
}

// aheadAt returns the reading that begins at a time, nil if there is none.
func (c *Collector) aheadAt(from time.Time) *reading {
	i := slices.IndexFunc(c.ahead, func(a *reading) bool { return a.From.Equal(from) })
	if i < 0 {
		return nil
	}
	return c.ahead[i]
}

// takeAhead returns the window of r if r was read ahead.
func (c *Collector) takeAhead(r window.Range) (w *window.Window, err error, ok bool) {
	a := c.aheadAt(r.From)
	if a == nil || a.Range != r {
		return nil, nil, false
	}
	begun := time.Now()
	<-a.done
	switch {
	case a.err == nil:
		c.parallel.learn(a, time.Since(begun), c.slowed())
	case !errors.Is(a.err, window.ErrFull):
		c.parallel.failed()
	}
	c.forget(a)
	c.relieve()
	return a.w, a.err, true
}

// relieve ends all readings but one that still send requests, when the site was asked too much: the
// polls must not wait behind them.
func (c *Collector) relieve() {
	if c.parallel.now > 1 {
		return
	}
	one := false
	for _, a := range slices.Clone(c.ahead) {
		select {
		case <-a.done:
			continue
		default:
		}
		if one {
			c.drop(a)
		}
		one = true
	}
}

// drop ends a reading.
func (c *Collector) drop(a *reading) {
	a.cancel()
	<-a.done
	c.forget(a)
}

// forget removes a reading that has ended.
func (c *Collector) forget(a *reading) {
	a.cancel()
	c.ahead = slices.DeleteFunc(c.ahead, func(other *reading) bool { return other == a })
	if a.hasSlot {
		<-c.Slots
	}
}

// dropAhead ends all readings.
func (c *Collector) dropAhead() {
	for _, a := range slices.Clone(c.ahead) {
		a.cancel()
	}
	for len(c.ahead) > 0 {
		c.drop(c.ahead[0])
	}
}

// slowed returns how long the site has asked us to wait, in all.
func (c *Collector) slowed() time.Duration {
	if c.Slowed == nil {
		return 0
	}
	return c.Slowed()
}

// parallel is how many windows of a catch-up are read at the same time. It begins with one, and
// adds one whenever the catch-up has waited for the site and not for the host. It goes back to one
// when the site asks to wait or fails, and for some time stays below the number that was too much.
// It takes one away when answers take much longer than they did: more requests at a time then bring
// nothing.
type parallel struct {
	most, now int
	enough    int           // the most for some time; 0: most
	until     time.Time     // when that ends
	quickest  time.Duration // of a window of about a page
	slowed    time.Duration // what the site had asked for when that was last looked at
}

const (
	// slower is how many times as long as the quickest window one may take, and unsteady is how
	// much longer whatever the site does.
	slower   = 3
	unsteady = 100 * time.Millisecond
	// moreAgain is how long a number that was too much is not tried again.
	moreAgain = 10 * time.Minute
)

// learn looks at a reading, for which the catch-up has waited.
func (p *parallel) learn(a *reading, waited, slowed time.Duration) {
	if slowed > p.slowed {
		p.slowed = slowed
		p.failed()
		return
	}
	if len(a.w.Records) >= a.w.Page()/3 {
		if p.quickest == 0 || a.took < p.quickest {
			p.quickest = a.took
		}
		if a.took > slower*p.quickest+unsteady {
			p.now = max(1, p.now-1)
			return
		}
	}
	if waited > a.took/10 {
		most := p.most
		if p.enough > 0 && time.Now().Before(p.until) {
			most = p.enough
		}
		p.now = min(p.now+1, most)
	}
}

// failed notes that the site has asked to wait, has refused a window, or has not answered.
func (p *parallel) failed() {
	p.enough, p.until, p.now = max(1, p.now-1), time.Now().Add(moreAgain), 1
}
