package collect

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/internal/window"
)

// A stream is a millisecond with more records than a window may hold. Its records have no order in
// time, so they are delivered in parts, as they are listed, and memory stays bounded. Each part is
// committed on its own, and the checkpoint only with the last. After a kill or a failed read the
// stream starts again, and the fingerprints tell which records were delivered.
type stream struct {
	records int
	// before counts the records listed so far by fingerprint, to tell identical records apart.
	before map[document.Fingerprint]uint32
}

// readStream reads r, a single millisecond. If it holds more records than a window may, they are
// delivered in parts. The window returned then has none of them left, only their number.
func (c *Collector) readStream(ctx context.Context, r timerange.Range, lateUntil time.Time) (*window.Window, error) {
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
		return fmt.Errorf("read records of %s: the site lists more than %d records of one millisecond: report this with the output of confluence-audit check",
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

// occurrence returns how many records with the fingerprint were listed before this one.
func (s *stream) occurrence(f document.Fingerprint) uint32 {
	if s.before == nil {
		s.before = make(map[document.Fingerprint]uint32)
	}
	n := s.before[f]
	s.before[f] = n + 1
	return n
}
