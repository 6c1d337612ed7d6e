package window

import (
	"errors"
	"time"
)

// parallel is how many windows are read at the same time. It begins with one, and adds one whenever
// the source is what we wait for. It goes back to one when the source asks us to slow down, when a
// window cannot be read, and when the source becomes slow.
type parallel struct {
	most, now int
	asked     int64         // how often the source has asked us to slow down
	mustShed  bool          // what is being read beside the first is to end
	usual     time.Duration // of a window of about a page, when one is read at a time

	ceiling int           // the most until then, because more were refused; 0 if none were
	until   time.Time     // when more are tried again
	pause   time.Duration // how long they are not tried
}

const (
	// A source is slow if a window takes slower times as long as usual, and unsteady longer than
	// that: some milliseconds tell nothing.
	slower   = 3
	unsteady = 100 * time.Millisecond

	// firstPause is how long a number that was refused is not tried again. Each time it is refused
	// again, the pause doubles.
	firstPause = 10 * time.Minute
	lastPause  = 24 * time.Hour
)

// slow notes how often the source has asked us to slow down.
func (p *parallel) slow(asked int64) {
	if asked != p.asked {
		p.refused()
	}
	p.asked = asked
}

// refused notes that so many at the same time were too many.
func (p *parallel) refused() {
	if p.now > 1 {
		p.pause = min(max(2*p.pause, firstPause), lastPause)
		p.ceiling, p.until = p.now-1, time.Now().Add(p.pause)
	}
	p.now, p.mustShed = 1, true
}

// learn learns from a reading. If a window holds much less or more than it should, the right width
// is not known, and further windows would cost more requests than one after the other.
func (p *parallel) learn(r *reading) {
	switch {
	case errors.Is(r.err, ErrFull):
		return
	case r.err != nil:
		p.refused()
		return
	case r.w.share() < 0.6 || r.w.share() > 1.4:
		p.now = 1
		return
	case r.asked != p.asked:
		return
	case r.alone:
		p.usual = r.took
	case r.took > slower*p.usual+unsteady:
		p.now = 1
		return
	}
	most := p.most
	if p.ceiling > 0 && time.Now().Before(p.until) {
		most = p.ceiling
	}
	if r.waited > r.took/10 {
		p.now = min(p.now+1, most)
	}
}
