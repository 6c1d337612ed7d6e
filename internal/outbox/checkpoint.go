package outbox

import (
	"slices"
	"time"

	"fluent-bit-confluence/internal/window"
)

// A Checkpoint says how far the hand-over of one site's audit log has come. It is a value: whoever holds one may keep it.
//
// Every record whose time lies in [Origin, Head] was delivered, except those in Pending, and except those that the site showed only later
// (overlap and rescan look for them).
type Checkpoint struct {
	// Origin is the start of the very first run; nothing older is ever asked for. Zero: everything the site has.
	Origin time.Time `json:"origin"`
	// Head is the time of the newest record delivered, never the time of a clock: a clock that runs ahead must not hide records.
	Head time.Time `json:"head"`
	// Pending are the ranges before Head still to be read, oldest first, disjoint.
	Pending []window.Range `json:"pending,omitempty"`
	// Forgotten is where the fingerprints begin that are kept. Nothing older is ever asked for again, whatever the clocks say: it would come twice.
	Forgotten time.Time `json:"forgotten,omitzero"`
	// Polled is when the last poll was complete, to within an hour: what tells a quiet site from a collector that was down.
	Polled time.Time `json:"polled"`
	// Rescanned is when the last deep rescan was complete.
	Rescanned time.Time `json:"rescanned"`
	// API is the one the records were read from, see confluence.Site. Another one shows them in another shape, so that they would come again.
	API string `json:"api,omitempty"`
}

// Started reports whether the checkpoint has ever been set.
func (c Checkpoint) Started() bool { return !c.Head.IsZero() }

// Postpone returns the checkpoint with r, which was found too large to be read at once, put among the pending ranges.
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

// Horizon is the time before which no fingerprint is needed any more: no poll, rescan or pending range asks for anything older.
// It follows the newest record and not the clock, so that a clock that jumps ahead forgets nothing.
func (c Checkpoint) Horizon(lookBack time.Duration) time.Time {
	h := c.Head.Add(-lookBack)
	if len(c.Pending) > 0 {
		h = window.Earlier(h, c.Pending[0].From)
	}
	return h
}

// Begin is where what may be asked for begins.
func (c Checkpoint) Begin() time.Time { return window.Later(c.Origin, c.Forgotten) }

// Equal leaves Forgotten out: to forget is not worth a write to the disk.
func (c Checkpoint) Equal(o Checkpoint) bool {
	return c.API == o.API && c.Origin.Equal(o.Origin) && c.Head.Equal(o.Head) && c.Rescanned.Equal(o.Rescanned) && c.Polled.Equal(o.Polled) &&
		slices.EqualFunc(c.Pending, o.Pending, func(a, b window.Range) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) })
}
