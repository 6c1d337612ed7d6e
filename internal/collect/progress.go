package collect

import (
	"time"

	"github.com/sirupsen/logrus"
)

// sayProgress is how often a long catch-up says how far it is.
const sayProgress = 30 * time.Second

// progress reports on a catch-up: from the first piece of what is pending until nothing is.
type progress struct {
	started, said time.Time
	from          time.Time
	records       int
}

// report notes a piece that was read, and what is still pending.
func (p *progress) report(log logrus.FieldLogger, w *window, pending []Range) {
	now := time.Now()
	if p.started.IsZero() {
		p.started, p.said, p.from = now, now, w.From
	}
	p.records += len(w.records)
	if len(pending) == 0 {
		log.Infof("caught up: %d records since %s read in %s", p.records, stamp(p.from), now.Sub(p.started).Round(time.Second))
		*p = progress{}
		return
	}
	if now.Sub(p.said) < sayProgress {
		return
	}
	p.said = now
	end := pending[len(pending)-1].To
	var left time.Duration
	for _, r := range pending {
		left += r.length()
	}
	share := 1 - float64(left)/float64(end.Sub(p.from))
	if share <= 0 {
		return
	}
	estimate := time.Duration(float64(now.Sub(p.started)) * (1 - share) / share)
	log.Infof("catching up: at %s, %.0f %% of the time to %s, %d records, about %s left", stamp(w.To), 100*share, stamp(end), p.records, estimate.Round(time.Second))
}
