package collect

import (
	"time"

	"github.com/sirupsen/logrus"

	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// progressLogGap is how often the progress of a long catch-up is logged.
const progressLogGap = 30 * time.Second

// minPaceTime is how long a catch-up must have run before its pace is used for an estimate.
const minPaceTime = 10 * time.Second

// longestEstimate bounds an estimate: a duration can hold little more.
const longestEstimate = 100 * 365 * 24 * time.Hour

// progress reports on a catch-up, from its announcement until nothing is pending. A catch-up that
// continues after a restart is announced by begin.
type progress struct {
	started, logged time.Time // zero while there is no catch-up
	from            time.Time
	left            time.Duration // time still pending when it was last logged
	// reading time divided by the length of the range read, between the last two reports
	pace    float64
	records int
}

// announce starts the report on a catch-up of r. much says how many records a poll found.
func (p *progress) announce(log logrus.FieldLogger, r timerange.Range, much string) {
	if !p.started.IsZero() {
		return
	}
	log.Infof("%s records since %s: reads them in pieces, the oldest first", much, stamp(r.From))
	p.started, p.logged, p.from = time.Now(), time.Now(), r.From
}

// again restarts the report after an outage, whose time must not count in the pace.
func (p *progress) again(pending []timerange.Range) {
	if !p.started.IsZero() && len(pending) > 0 {
		*p = progress{started: time.Now(), logged: time.Now(), from: pending[0].From}
	}
}

// report notes a piece that was read, and logs from time to time what is pending in next. It
// returns the estimated time until the end, 0 while unknown.
func (p *progress) report(log logrus.FieldLogger, w *window.Window, next outbox.Checkpoint) time.Duration {
	if p.started.IsZero() {
		return 0
	}
	p.records += w.Total()
	took := time.Since(p.started)
	if len(next.Pending) == 0 {
		log.Infof("caught up: %d records since %s read in %s", p.records, stamp(p.from), took.Round(time.Second))
		*p = progress{}
		return 0
	}
	left, end := next.Left(), next.Pending[len(next.Pending)-1].To
	due := time.Since(p.logged) >= progressLogGap
	if due {
		if done := p.left - left; p.left > 0 && done > 0 {
			p.pace = float64(time.Since(p.logged)) / float64(done)
		}
		p.logged, p.left = time.Now(), left
	}
	share := 1 - float64(left)/float64(end.Sub(p.from))
	if share < 0.01 || took < minPaceTime {
		return 0
	}
	// Ranges with few records are read quickly, and the rest may hold many: so the slower pace
	// counts.
	estimate := max(float64(took)*(1-share)/share, p.pace*float64(left))
	lasts := time.Duration(min(estimate, float64(longestEstimate))).Round(time.Second)
	if due {
		log.Infof("catching up: at %s, %.0f %% of the time to %s, %d records, about %s left", stamp(w.To), 100*share, stamp(end), p.records, lasts)
	}
	return max(lasts, time.Second)
}
