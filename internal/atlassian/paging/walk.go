package paging

import (
	"net/url"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// walk is the state of a walk through a range, page by page, however the next page is found.
type walk struct {
	timerange.Range
	log      *Log
	listing  Listing
	visit    func(atlassian.Record) error
	query    url.Values
	end      string    // of the first query
	hasFloor bool      // more is asked for than the range, to find a floor
	before   time.Time // of the floor, if it is known; else zero
	walked   walked
	more     continuation
}

func (l *Log) newWalk(listing Listing, r timerange.Range, visit func(atlassian.Record) error) walk {
	w := walk{
		Range: r, log: l, listing: listing, visit: visit, query: listing.Format.query(r, l.client.Now()),
		walked: walked{Range: r, asked: r.From}, more: continuation{slack: listing.Format.slack},
	}
	if to := r.To.Add(wholeSecond); (l.cuts.Load() || r.Length() >= long) && !r.To.IsZero() && !to.After(l.client.Now()) {
		w.query.Set(listing.Format.to, listing.Format.at(to))
	}
	w.end = w.query.Get(listing.Format.to)
	var floor time.Time
	if known, ok := l.history.below(r.From); ok {
		w.before = known
	}
	if floor, w.hasFloor = l.history.floor(r); w.hasFloor {
		w.walked.asked = floor
		w.query.Set(listing.Format.from, listing.Format.at(floor.Add(-listing.Format.slack)))
	}
	return w
}

const (
	// wholeSecond is how much more is asked for at the end of a range if the site cuts the times of
	// a query to seconds: otherwise it would leave out the last records of the range.
	wholeSecond = time.Second
	// long is from which length on that is asked of every site: it costs next to nothing then.
	long = time.Minute
)

// see notes records, which come as they are listed, and visits those that are new.
func (w *walk) see(records []atlassian.Record) error {
	for _, r := range records {
		if !w.more.see(r) {
			continue
		}
		w.walked.see(r)
		if early := w.walked.asked.Add(-w.listing.Format.slack).Sub(r.Time); !r.Time.IsZero() && early > 0 && early < wholeSecond {
			w.log.cuts.Store(true)
		}
		if w.isKnown(r) || w.listing.LeftOut(r) {
			continue
		}
		if err := w.visit(r); err != nil {
			return err
		}
	}
	return nil
}

// isFloor reports whether a record lies before the range, where a floor was asked for. Elsewhere it
// is not listed at its time, and proves nothing.
func (w *walk) isFloor(r atlassian.Record) bool {
	return isBefore(r, w.From) && !isBefore(r, w.walked.asked.Add(-w.listing.Format.slack))
}

// isKnown reports whether a record is a floor, or lies before it. One that lies between the floor and
// the range was not listed when that was read.
func (w *walk) isKnown(r atlassian.Record) bool {
	return w.isFloor(r) && (w.before.IsZero() || !r.Time.After(w.before))
}

// endsWithFloor reports whether a floor is the last of the records listed, so that all were listed.
func (w *walk) endsWithFloor(records []atlassian.Record) bool {
	return w.hasFloor && len(records) > 0 && w.isKnown(records[len(records)-1])
}

// isBefore reports whether a record has a time before t.
func isBefore(r atlassian.Record, t time.Time) bool { return !r.Time.IsZero() && r.Time.Before(t) }
