package collect

import (
	"time"

	"fluent-bit-confluence/internal/window"

	"github.com/sirupsen/logrus"
)

// sayProgress is how often a long catch-up says how far it is.
const sayProgress = 30 * time.Second

// knowPace is how long a catch-up must have lasted before its pace says anything.
const knowPace = 10 * time.Second

// longestEstimate is about the longest that a duration can hold.
const longestEstimate = 100 * 365 * 24 * time.Hour

// progress reports on a catch-up, from its announcement until nothing is pending. One that goes on
// after a restart announces itself.
type progress struct {
	started, said time.Time // zero while none is under way
	from          time.Time
	left          time.Duration // of the log, when it was said last
	// time that a stretch of the log took, by its length, between the last two times that it was
	// said
	pace    float64
	records int
}

// announce begins the report on a catch-up of r, of which a poll could read so much.
func (p *progress) announce(log logrus.FieldLogger, r window.Range, much string) {
	if !p.started.IsZero() {
		return
	}
	log.Infof("%s records since %s: reads them in pieces, the oldest first", much, stamp(r.From))
	p.started, p.said, p.from = time.Now(), time.Now(), r.From
}

// again begins the report anew after an outage, whose time says nothing about what is left.
func (p *progress) again(pending []window.Range) {
	if !p.started.IsZero() && len(pending) > 0 {
		*p = progress{started: time.Now(), said: time.Now(), from: pending[0].From}
	}
}

// report notes a piece that was read, and what is still pending. It returns how long that takes by
// the pace so far, 0 while nobody knows.
func (p *progress) report(log logrus.FieldLogger, w *window.Window, pending []window.Range) time.Duration {
	if p.started.IsZero() {
		return 0
	}
	p.records += w.Total()
	took := time.Since(p.started)
	if len(pending) == 0 {
		log.Infof("caught up: %d records since %s read in %s", p.records, stamp(p.from), took.Round(time.Second))
		*p = progress{}
		return 0
	}
	end := pending[len(pending)-1].To
	var left time.Duration
	for _, r := range pending {
		left += r.Length()
	}
	say := time.Since(p.said) >= sayProgress
	if say {
		if done := p.left - left; p.left > 0 && done > 0 {
			p.pace = float64(time.Since(p.said)) / float64(done)
		}
		p.said, p.left = time.Now(), left
	}
	share := 1 - float64(left)/float64(end.Sub(p.from))
	if share < 0.01 || took < knowPace {
		return 0
	}
	// Time that holds little goes by quickly, and what is left may hold much: the slower pace
	// counts.
	estimate := max(float64(took)*(1-share)/share, p.pace*float64(left))
	lasts := time.Duration(min(estimate, float64(longestEstimate))).Round(time.Second)
	if say {
		log.Infof("catching up: at %s, %.0f %% of the time to %s, %d records, about %s left", stamp(w.To), 100*share, stamp(end), p.records, lasts)
	}
	return max(lasts, time.Second)
}
