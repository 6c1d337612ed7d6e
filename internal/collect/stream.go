package collect

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/window"
)

// A stream is a millisecond that holds more than a window may. Its records have no order in time,
// so they are delivered part by part, as they come, and the memory for them stays bounded. Each
// part is durable on its own, the checkpoint comes after the last: after a kill, or when the
// reading fails, the stream begins again, and what was delivered of it is known by its
// fingerprints.
type stream struct {
	records int
	// before counts those with the same fingerprint, which are of the same time too, to tell
	// identical ones apart.
	before map[document.Fingerprint]uint32
}

// readStream reads r, which is a single millisecond. When that holds more than a window may, all of
// it is delivered, and the window that is returned is empty but for the number.
func (c *Collector) readStream(ctx context.Context, r window.Range, lateUntil time.Time) (*window.Window, error) {
	s := &stream{}
	part := func(w *window.Window) error { return c.deliverPart(ctx, w, s, lateUntil) }
	w, err := c.fill(ctx, c.windows.New(r), part)
	if err != nil || w.Spilled == 0 {
		return w, err
	}
	if err := part(w); err != nil {
		return nil, err
	}
	w.Spill()
	return w, nil
}

// deliverPart queues the records of a part.
func (c *Collector) deliverPart(ctx context.Context, w *window.Window, s *stream, lateUntil time.Time) error {
	if s.records+len(w.Records) > c.Limits.Millisecond {
		return fmt.Errorf("read records of %s: there are more than %d of one millisecond, which no site can mean: report this with the output of confluence-audit check",
			stamp(w.From), c.Limits.Millisecond)
	}
	defer c.docs.Release()
	b, err := c.queueRecords(ctx, w, s, lateUntil)
	if err != nil {
		return err
	}
	s.records += len(w.Records)
	if len(b.Seen) > 0 && !c.push(ctx, b) {
		return ctx.Err()
	}
	return nil
}

// occurrence tells which of the records with a fingerprint this is.
func (s *stream) occurrence(f document.Fingerprint) uint32 {
	if s.before == nil {
		s.before = make(map[document.Fingerprint]uint32)
	}
	n := s.before[f]
	s.before[f] = n + 1
	return n
}
