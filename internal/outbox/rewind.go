package outbox

import (
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// A Rewinding tells what a rewind is about to do.
type Rewinding struct {
	From, To time.Time // newest record delivered; records from To on come again
	Records  int       // records delivered since To, as far as they are counted
	// Counted is the time of the oldest fingerprint that is kept. If it is after To, the records
	// between To and Counted are delivered again too, but their number is not known.
	Counted time.Time
	// Began is the time from which the first run read. Records before it were never read.
	Began time.Time
}

// untimedMargin is how far the clocks of site and collector may disagree: by that much a record may
// seem to be delivered before its time.
const untimedMargin = time.Hour

// Untimed returns from when on a record without a time must have been delivered to come again: it
// is never delivered before it was written.
func (r Rewinding) Untimed() time.Time { return r.To.Add(-untimedMargin) }

// Rewinding returns what it means to deliver every record since then again; the store counts them.
// It fails if there is nothing to deliver again.
func (c Checkpoint) Rewinding(then time.Time) (Rewinding, error) {
	then = then.UTC().Truncate(time.Millisecond)
	switch {
	case !c.Started():
		return Rewinding{}, errors.New("nothing was delivered yet, set start_from instead")
	case then.After(c.Head):
		return Rewinding{}, fmt.Errorf("the newest record delivered is of %s: no record since %s can come again", c.Head.Format(time.RFC3339Nano), then.Format(time.RFC3339Nano))
	}
	return Rewinding{From: c.Head, To: then, Counted: c.Forgotten, Began: c.Origin}, nil
}

// Rewound returns the checkpoint of a collector that is to deliver every record from then on again.
// The store must forget the fingerprints from then on, and keep the older ones.
//
// Those records become a catch-up. Head stays, so new records do not wait for repeated ones and no
// repeated record counts as late. If the site has deleted some of them since, there is no gap,
// because they were delivered once. For the same reason the watermark stays. A feed has one place
// only, so there new events come after the repeated ones.
func (c Checkpoint) Rewound(then time.Time) Checkpoint {
	then = then.UTC().Truncate(time.Millisecond)
	// A rewind may go back before the start and before the oldest fingerprint.
	c.Origin, c.Forgotten = timerange.Earlier(c.Origin, then), timerange.Earlier(c.Forgotten, then)
	if c.API == FeedAPI {
		c.Head, c.Cursor = then, "" // the feed is followed again from there
		return c
	}
	return c.Advanced().Postpone(timerange.Range{From: then, To: c.Head}, c.Head)
}
