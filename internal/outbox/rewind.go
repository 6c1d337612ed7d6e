package outbox

import (
	"time"

	"fluent-bit-confluence/internal/window"
)

// Rewound returns the checkpoint of a collector that is to deliver every record from then on again.
// The store has to forget what was delivered since; what is older is known as before.
//
// Those records become a catch-up. Head stays where it is, so what is new does not wait for what
// comes again, none of it counts as late, and a site that has thrown some of it away meanwhile has
// no gap: it was delivered once. For the same reason the watermark stays.
func (c Checkpoint) Rewound(then time.Time) Checkpoint {
	then = then.UTC().Truncate(time.Millisecond)
	// Who asks for what is older than the start, or than the fingerprints, gets it.
	c.Origin, c.Forgotten = window.Earlier(c.Origin, then), window.Earlier(c.Forgotten, then)
	return c.Advanced().Postpone(window.Range{From: then, To: c.Head}, c.Head)
}
