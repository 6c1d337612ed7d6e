package outbox

import (
	"time"

	"fluent-bit-confluence/internal/window"
)

// Rewound returns the checkpoint of a collector that is to deliver every record from then on again.
// The store must forget the fingerprints from then on, and keep the older ones.
//
// Those records become a catch-up. Head stays, so new records do not wait for repeated ones and no
// repeated record counts as late. If the site has deleted some of them since, there is no gap,
// because they were delivered once. For the same reason the watermark stays.
func (c Checkpoint) Rewound(then time.Time) Checkpoint {
	then = then.UTC().Truncate(time.Millisecond)
	// A rewind may go back before the start and before the oldest fingerprint.
	c.Origin, c.Forgotten = window.Earlier(c.Origin, then), window.Earlier(c.Forgotten, then)
	return c.Advanced().Postpone(window.Range{From: then, To: c.Head}, c.Head)
}
