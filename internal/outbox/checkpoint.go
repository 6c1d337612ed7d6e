package outbox

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// A Checkpoint says which records of a site's audit log were delivered and which ranges are still
// to be read. It is a value: nothing changes one that was copied.
//
// Every record whose time lies in [Origin, Head] was delivered, except those in Pending, and except
// those that appeared late (overlap and rescan look for them).
type Checkpoint struct {
	// Origin is where the first run began. Nothing older is ever read. Zero: everything the site
	// has.
	Origin time.Time `json:"origin"`
	// Head is the time of the newest record delivered. It never comes from a clock: a clock that is
	// ahead must not hide records.
	Head time.Time `json:"head"`
	// Pending are the ranges up to Head that are still to be read, disjoint, oldest first.
	Pending []timerange.Range `json:"pending,omitempty"`
	// Watermark is the time up to which every record was delivered once. Ranges pending before it
	// are read again, for late records or after a rewind. Ranges pending after it were mostly never
	// delivered. It decides only what is read first. It is zero in the state of older versions.
	Watermark time.Time `json:"watermark,omitzero"`
	// Forgotten is the time of the oldest fingerprints kept. Nothing older is ever read again,
	// whatever the clocks say: it would be delivered twice.
	Forgotten time.Time `json:"forgotten,omitzero"`
	// Polled is when the last poll was complete, to within an hour. It tells a quiet site from a
	// collector that was down.
	Polled time.Time `json:"polled"`
	// Rescanned is when the last deep rescan was complete.
	Rescanned time.Time `json:"rescanned"`
	// API is the API that the records were read from, see site.Site. Another API shows
	// records in another shape, so they would be delivered again.
	API string `json:"api,omitempty"`
	// CloudID is the cloud id of the site, which stays when the address changes. It is empty on
	// Data Center and if unknown.
	CloudID string `json:"cloud_id,omitempty"`
	// Cursor is where a feed goes on after Head, empty without one. Of a feed, Head is the time
	// of processing of the newest event delivered, and nothing is pending.
	Cursor string `json:"cursor,omitempty"`
}

// FeedAPI is the API of a log that is followed and not read by time.
const FeedAPI = "events-stream"

// Started reports whether the checkpoint has ever been set.
func (c Checkpoint) Started() bool { return !c.Head.IsZero() }

// Postpone returns the checkpoint with r among the pending ranges, because r is too large to be
// read at once. Records up to head count as the newest delivered.
func (c Checkpoint) Postpone(r timerange.Range, head time.Time) Checkpoint {
	pending := make([]timerange.Range, 0, len(c.Pending)+1)
	for _, p := range c.Pending {
		if p.To.Before(r.From) || r.To.Before(p.From) {
			pending = append(pending, p)
			continue
		}
		r = timerange.Range{From: timerange.Earlier(r.From, p.From), To: timerange.Later(r.To, p.To)}
	}
	pending = append(pending, r)
	slices.SortFunc(pending, func(a, b timerange.Range) int { return a.From.Compare(b.From) })
	c.Pending = pending
	c.Head = timerange.Later(c.Head, head)
	return c
}

// Missed returns the checkpoint with r among the pending ranges, as never delivered, although it
// was counted as read.
func (c Checkpoint) Missed(r timerange.Range) Checkpoint {
	c = c.Postpone(r, c.Head)
	c.Watermark = timerange.Earlier(c.Watermark, r.From.Add(-timerange.Resolution))
	return c
}

// Advanced returns the checkpoint with the watermark moved to the beginning of the first range
// pending after it, or to Head if there is none.
func (c Checkpoint) Advanced() Checkpoint {
	to := c.Head
	if !to.After(c.Origin) { // nothing was delivered yet
		to = c.Origin.Add(-timerange.Resolution)
	}
	if n := slices.IndexFunc(c.Pending, c.isAfter); n >= 0 {
		to = timerange.Earlier(to, c.Pending[n].From.Add(-timerange.Resolution))
	}
	c.Watermark = timerange.Later(c.Watermark, to)
	return c
}

// isAfter reports whether some of r lies after the watermark.
func (c Checkpoint) isAfter(r timerange.Range) bool { return r.To.After(c.Watermark) }

// First returns the pending range to read next: the oldest after the watermark, else the oldest.
// There must be one.
func (c Checkpoint) First() timerange.Range {
	n := slices.IndexFunc(c.Pending, c.isAfter)
	if n < 0 {
		return c.Pending[0]
	}
	r := c.Pending[n]
	return timerange.Range{From: timerange.Later(r.From, c.Watermark.Add(timerange.Resolution)), To: r.To}
}

// Waits reports whether the time t is pending.
func (c Checkpoint) Waits(t time.Time) bool {
	return slices.ContainsFunc(c.Pending, func(r timerange.Range) bool { return r.Contains(t) })
}

// Done returns the checkpoint after r was read.
func (c Checkpoint) Done(r timerange.Range) Checkpoint {
	var pending []timerange.Range
	for _, p := range c.Pending {
		pending = p.Without(pending, r)
	}
	c.Pending = pending
	return c
}

// Apart returns the parts of r that are not pending.
func (c Checkpoint) Apart(r timerange.Range) []timerange.Range {
	rest := []timerange.Range{r}
	for _, p := range c.Pending {
		last := rest[len(rest)-1]
		if rest = last.Without(rest[:len(rest)-1], p); len(rest) == 0 {
			return nil
		}
	}
	return rest
}

// Horizon returns the time before which no fingerprint is needed any more, because no poll, rescan
// or pending range reads anything older. It follows the newest record and not the clock, so that a
// clock that jumps ahead makes it forget nothing.
func (c Checkpoint) Horizon(lookBack time.Duration) time.Time {
	h := c.Head.Add(-lookBack)
	if len(c.Pending) > 0 {
		h = timerange.Earlier(h, c.Pending[0].From)
	}
	return h
}

// Left returns the length of all pending ranges.
func (c Checkpoint) Left() (left time.Duration) {
	for _, r := range c.Pending {
		left += r.Length()
	}
	return left
}

// Begin returns the time before which nothing is ever read.
func (c Checkpoint) Begin() time.Time { return timerange.Later(c.Origin, c.Forgotten) }

// Equal ignores Forgotten: forgetting fingerprints is not worth a write to the disk.
func (c Checkpoint) Equal(o Checkpoint) bool {
	return c.API == o.API && c.Cursor == o.Cursor && c.CloudID == o.CloudID && c.Origin.Equal(o.Origin) && c.Head.Equal(o.Head) && c.Rescanned.Equal(o.Rescanned) && c.Polled.Equal(o.Polled) &&
		c.Watermark.Equal(o.Watermark) &&
		slices.EqualFunc(c.Pending, o.Pending, func(a, b timerange.Range) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) })
}
