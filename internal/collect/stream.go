package collect

import (
	"context"
	"fmt"
	"time"
)

// A stream is a millisecond that holds more than a window may. Its records have no order in time, so they are delivered part by part, as they
// come, and the memory for them stays bounded. A part is durable on its own, the checkpoint comes with the last: after a kill, or when the
// reading fails, the stream begins again, and what was delivered of it is known by its fingerprints.
type stream struct {
	parts   int
	records int
	// inStream counts those with the same key, to tell identical ones apart.
	inStream map[Key]uint32
}

// readStream reads r, which is a single millisecond, and delivers all parts of it but the last.
func (c *Collector) readStream(ctx context.Context, r Range, lateUntil time.Time) (*window, error) {
	s := &stream{}
	w, err := c.readInto(ctx, c.newWindow(r), func(w *window) error {
		if s.parts++; s.records+len(w.records) > c.Limits.Millisecond {
			return fmt.Errorf("read records of %s: there are more than %d of one millisecond, which no site can mean: report this with the output of confluence-audit check",
				stamp(r.From), c.Limits.Millisecond)
		}
		return c.deliverPart(ctx, w, s, lateUntil)
	})
	if err == nil && s.parts > 0 {
		w.stream = s
	}
	return w, err
}

// deliverPart queues the records of a part.
func (c *Collector) deliverPart(ctx context.Context, w *window, s *stream, lateUntil time.Time) error {
	defer c.docs.Release()
	w.stream = s
	b, err := c.queueRecords(ctx, w, lateUntil)
	w.stream = nil
	if err != nil {
		return err
	}
	s.records += len(w.records)
	if len(b.seen) > 0 && !c.push(ctx, b) {
		return ctx.Err()
	}
	return nil
}

// occurrence tells which of the records with a key this is.
func (s *stream) occurrence(k Key) uint32 {
	if s.inStream == nil {
		s.inStream = make(map[Key]uint32)
	}
	n := s.inStream[k]
	s.inStream[k] = n + 1
	return n
}

// total is how many records the window had, with those of its stream.
func (w *window) total() int {
	if w.stream != nil {
		return len(w.records) + w.stream.records
	}
	return len(w.records)
}
