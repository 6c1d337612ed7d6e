package window

import (
	"math"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// A Plan chooses the next piece of a range. It learns from the pieces before how long a piece must
// be to fill a page.
type Plan struct {
	width width
	known known
}

// NewPlan returns a plan whose first piece is an hour.
func NewPlan() Plan { return Plan{width: firstWidth} }

// Next returns the piece to read next, at the start of r.
func (p *Plan) Next(r timerange.Range) timerange.Range { return p.known.cut(r, p.width) }

// Last returns the piece to read next, at the end of r.
func (p *Plan) Last(r timerange.Range) timerange.Range { return p.known.cutEnd(r, p.width) }

// Read learns from a window that was read whole.
func (p *Plan) Read(w *Window) { p.width = p.width.read(w) }

// Full learns from a window that was too full, so that only its newest part was read.
func (p *Plan) Full(w *Window) { p.width, p.known = p.width.full(w), p.known.learn(w) }

// Failed learns from a range that could not be read.
func (p *Plan) Failed(r timerange.Range) { p.width = p.width.failed(r) }

// Forget drops what is known of ranges before then, which were read.
func (p *Plan) Forget(then time.Time) { p.known = p.known.forget(then) }

// Unbounded makes pieces as long as possible until the function returned is called.
func (p *Plan) Unbounded() (restore func()) {
	usual := p.width
	p.width = math.MaxInt64
	return func() { p.width = usual }
}
