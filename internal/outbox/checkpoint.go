package outbox

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/window"
)

// A Checkpoint says how far the hand-over of one site's audit log has come. It is a value: whoever
// holds one may keep it.
//
// Every record whose time lies in [Origin, Head] was delivered, except those in Pending, and except
// those that the site showed only later (overlap and rescan look for them).
type Checkpoint struct {
	// Origin is the start of the very first run; nothing older is ever asked for. Zero: everything
	// the site has.
	Origin time.Time `json:"origin"`
	// Head is the time of the newest record delivered, never the time of a clock: a clock that runs
	// ahead must not hide records.
	Head time.Time `json:"head"`
	// Pending are the ranges before Head still to be read, oldest first, disjoint.
	Pending []window.Range `json:"pending,omitempty"`
	// Watermark is up to where every record was delivered once. What is pending before it is to be
	// looked through again for late records, or was rewound; what is pending after it was mostly
	// never delivered. It decides only what is read first. Zero: a program that knew no watermark
	// saved this.
	Watermark time.Time `json:"watermark,omitzero"`
	// Forgotten is where the fingerprints begin that are kept. Nothing older is ever asked for
	// again, whatever the clocks say: it would come twice.
	Forgotten time.Time `json:"forgotten,omitzero"`
	// Polled is when the last poll was complete, to within an hour: what tells a quiet site from a
	// collector that was down.
	Polled time.Time `json:"polled"`
	// Rescanned is when the last deep rescan was complete.
	Rescanned time.Time `json:"rescanned"`
	// API is the one the records were read from, see confluence.Site. Another one shows them in
	// another shape, so that they would come again.
	API string `json:"api,omitempty"`
	// CloudID is that of the site, empty on Data Center and where it does not tell: it stays when
	// the address changes.
	CloudID string `json:"cloud_id,omitempty"`
}

// Started reports whether the checkpoint has ever been set.
func (c Checkpoint) Started() bool { return !c.Head.IsZero() }

// Postpone returns the checkpoint with r, which was found too large to be read at once, put among
// the pending ranges.
func (c Checkpoint) Postpone(r window.Range, head time.Time) Checkpoint {
	pending := make([]window.Range, 0, len(c.Pending)+1)
	for _, p := range c.Pending {
		if p.To.Before(r.From) || r.To.Before(p.From) {
			pending = append(pending, p)
			continue
		}
		r = window.Range{From: window.Earlier(r.From, p.From), To: window.Later(r.To, p.To)}
	}
	pending = append(pending, r)
	slices.SortFunc(pending, func(a, b window.Range) int { return a.From.Compare(b.From) })
	c.Pending = pending
	c.Head = window.Later(c.Head, head)
	return c
}

// Missed returns the checkpoint with r among the pending ranges and none of it delivered, though it
// was taken for read.
func (c Checkpoint) Missed(r window.Range) Checkpoint {
	c = c.Postpone(r, c.Head)
	c.Watermark = window.Earlier(c.Watermark, r.From.Add(-window.Narrowest))
	return c
}

// Advanced returns the checkpoint with the watermark where the first range after it begins or, when
// nothing pending lies after it, at Head.
func (c Checkpoint) Advanced() Checkpoint {
	to := c.Head
	if !to.After(c.Origin) { // nothing was delivered yet
		to = c.Origin.Add(-window.Narrowest)
	}
	if n := slices.IndexFunc(c.Pending, c.isAfter); n >= 0 {
		to = window.Earlier(to, c.Pending[n].From.Add(-window.Narrowest))
	}
	c.Watermark = window.Later(c.Watermark, to)
	return c
}

// isAfter reports whether some of r lies after the watermark.
func (c Checkpoint) isAfter(r window.Range) bool { return r.To.After(c.Watermark) }

// First returns the range that is to be read next of those pending, of which there must be one: the
// oldest after the watermark, else the oldest.
func (c Checkpoint) First() window.Range {
	n := slices.IndexFunc(c.Pending, c.isAfter)
	if n < 0 {
		return c.Pending[0]
	}
	r := c.Pending[n]
	return window.Range{From: window.Later(r.From, c.Watermark.Add(window.Narrowest)), To: r.To}
}

// Waits reports whether the records of t are still to be read.
func (c Checkpoint) Waits(t time.Time) bool {
	return slices.ContainsFunc(c.Pending, func(r window.Range) bool { return !t.Before(r.From) && !t.After(r.To) })
}

// Done returns the checkpoint after r was read.
func (c Checkpoint) Done(r window.Range) Checkpoint {
	var pending []window.Range
	for _, p := range c.Pending {
		pending = p.Without(pending, r)
	}
	c.Pending = pending
	return c
}

// Apart returns what of r is not pending.
func (c Checkpoint) Apart(r window.Range) []window.Range {
	rest := []window.Range{r}
	for _, p := range c.Pending {
		last := rest[len(rest)-1]
		if rest = last.Without(rest[:len(rest)-1], p); len(rest) == 0 {
			return nil
		}
	}
	return rest
}

// Horizon is the time before which no fingerprint is needed any more: no poll, rescan or pending
// range asks for anything older. It follows the newest record and not the clock, so that a clock
// that jumps ahead forgets nothing.
func (c Checkpoint) Horizon(lookBack time.Duration) time.Time {
	h := c.Head.Add(-lookBack)
	if len(c.Pending) > 0 {
		h = window.Earlier(h, c.Pending[0].From)
	}
	return h
}

// Left is how much of the log's time is still to be read.
func (c Checkpoint) Left() (left time.Duration) {
	for _, r := range c.Pending {
		left += r.Length()
	}
	return left
}

// Begin is where what may be asked for begins.
func (c Checkpoint) Begin() time.Time { return window.Later(c.Origin, c.Forgotten) }

// Equal leaves Forgotten out: to forget is not worth a write to the disk.
func (c Checkpoint) Equal(o Checkpoint) bool {
	return c.API == o.API && c.CloudID == o.CloudID && c.Origin.Equal(o.Origin) && c.Head.Equal(o.Head) && c.Rescanned.Equal(o.Rescanned) && c.Polled.Equal(o.Polled) &&
		c.Watermark.Equal(o.Watermark) &&
		slices.EqualFunc(c.Pending, o.Pending, func(a, b window.Range) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) })
}
