package window

import (
	"math"
	"time"
)

// A Plan chooses the next piece of a range: one that fills a page, as far as the pieces before it
// show.
type Plan struct {
	width width
	known known
}

// NewPlan returns a plan that begins with an hour.
func NewPlan() Plan { return Plan{width: firstWidth} }

// Next returns the start of r that is to be read next.
func (p *Plan) Next(r Range) Range { return p.known.cut(r, p.width) }

// Last returns the end of r that is to be read next by who begins at the end.
func (p *Plan) Last(r Range) Range { return p.known.cutEnd(r, p.width) }

// Read learns from a window that was read whole.
func (p *Plan) Read(w *Window) { p.width = p.width.read(w) }

// Full learns from a window of which only the newest part fitted.
func (p *Plan) Full(w *Window) { p.width, p.known = p.width.full(w), p.known.learn(w) }

// Failed learns from a range that could not be read.
func (p *Plan) Failed(r Range) { p.width = p.width.failed(r) }

// Forget drops what is known of ranges before then, which were read.
func (p *Plan) Forget(then time.Time) { p.known = p.known.forget(then) }

// Unbounded lets pieces be as long as they may, until the function that it returns is called.
func (p *Plan) Unbounded() (restore func()) {
	usual := p.width
	p.width = math.MaxInt64
	return func() { p.width = usual }
}
