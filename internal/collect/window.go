package collect

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/confluence"
)

// A Source reads one site's audit log. confluence.Client is one.
type Source interface {
	// Read gives yield every record with from <= time <= to, and those of the same stretch whose time cannot be read, newest first. A record's
	// Raw is valid until yield returns. Read may be called while another one is under way.
	// An error, its own or yield's, means that what was yielded is not the whole.
	Read(ctx context.Context, from, to time.Time, yield func(confluence.Record) error) error
	// Changed returns the stretches of from..to that may hold other records than when Read last gave them whole: each about a page at most, or
	// everything where it does not know; none when nothing changed.
	Changed(ctx context.Context, from, to time.Time) ([]confluence.Span, error)
	// Retention is how long the site keeps records, 0 when it does not say.
	Retention(ctx context.Context) (time.Duration, error)
	// Newest returns the newest record there is, false when the log is empty.
	Newest(ctx context.Context) (confluence.Record, bool, error)
	// Now is the time at the site: it does not depend on the clock of this machine once the site has answered.
	Now() time.Time
}

// Limits bound what is kept in memory.
type Limits struct {
	// A window that holds more is cut smaller: it is kept in memory whole, because the source begins with the newest record and we with the oldest.
	WindowBytes, WindowRecords int
	// Millisecond is how many records of one millisecond are read: of each, some 40 bytes are kept meanwhile.
	Millisecond int
	// Queued is how many bytes of events are read and not yet taken by the host.
	Queued int
	// Page is how many records the source lists at once: a window is best when it nearly fills one page.
	Page int
}

const (
	maxWindowBytes   = 2 << 20
	maxWindowRecords = 3_000
	maxWindowPages   = 5
	maxMillisecond   = 1_000_000
	maxQueued        = 3 << 20
	usualPage        = 1_000
	// narrowest is the width at which a window is read however much it holds: part by part, see stream.
	narrowest = time.Millisecond
)

func (l Limits) orDefault() Limits {
	page := cmp.Or(l.Page, usualPage)
	return Limits{
		WindowBytes: cmp.Or(l.WindowBytes, maxWindowBytes),
		// Of one that is too full, many small pages would be read in vain.
		WindowRecords: cmp.Or(l.WindowRecords, min(maxWindowRecords, max(maxWindowPages*page, usualPage/2))),
		Millisecond:   cmp.Or(l.Millisecond, maxMillisecond),
		Queued:        cmp.Or(l.Queued, maxQueued),
		Page:          page,
	}
}

// errFull stops the reading of a window that holds too much.
var errFull = errors.New("window holds too many records")

// window is the content of a stretch of time, oldest first.
type window struct {
	Range
	records []confluence.Record // their texts are the window's own
	texts   texts
	limits  Limits
	// newest and oldest are the times of the records at the ends; for a window that was cut short, of what was read of it.
	newest, oldest time.Time
	// stream is that of which the window is the last part, nil for one that is kept whole.
	stream *stream
}

// newWindow returns an empty window, with the memory of one that was released.
func (c *Collector) newWindow(r Range) *window {
	w := &window{}
	if n := len(c.spare); n > 0 {
		w, c.spare = c.spare[n-1], c.spare[:n-1]
	}
	w.Range, w.limits, w.newest, w.oldest, w.stream = r, c.Limits, time.Time{}, time.Time{}, nil
	return w
}

// release ends the use of a window and its records.
func (c *Collector) release(w *window) {
	w.clear()
	if len(c.spare) < 2 {
		c.spare = append(c.spare, w)
	}
}

// clear empties the window and keeps its memory.
func (w *window) clear() {
	w.texts.release()
	clear(w.records)
	w.records = w.records[:0]
}

// readWindow reads all of r. With errFull it returns the newest records of r, as many as it may keep, as the source listed them.
func (c *Collector) readWindow(ctx context.Context, r Range) (*window, error) {
	return c.readInto(ctx, c.newWindow(r), nil)
}

// readInto reads the window w. When it is full it goes to spill and is emptied, or the reading ends if there is no spill. Without one it may be
// called from any goroutine.
func (c *Collector) readInto(ctx context.Context, w *window, spill func(*window) error) (_ *window, err error) {
	defer c.recovered(&err)
	err = c.source.Read(ctx, w.From, w.To, func(rec confluence.Record) error {
		if w.fullness() >= 1 {
			if spill == nil {
				return errFull
			}
			w.sort()
			if err := spill(w); err != nil {
				return err
			}
			w.clear()
		}
		w.records = append(w.records, confluence.Record{Time: rec.Time, Raw: w.texts.keep(rec.Raw)})
		if !rec.Time.IsZero() {
			w.newest = later(w.newest, rec.Time)
			if w.oldest.IsZero() || rec.Time.Before(w.oldest) {
				w.oldest = rec.Time
			}
		}
		return nil
	})
	if errors.Is(err, errFull) {
		return w, errFull
	}
	if err != nil {
		return nil, err
	}
	w.sort()
	return w, nil
}

// since makes of a window that was cut short one of what it has from then on, if it has all of that.
func (w *window) since(then time.Time) bool {
	if !w.oldest.Before(then) {
		return false
	}
	w.From = later(w.From, then)
	w.sort()
	first := slices.IndexFunc(w.records, func(r confluence.Record) bool { return !r.Time.Before(then) })
	if first < 0 {
		first = len(w.records)
	}
	w.records = slices.Delete(w.records, 0, first)
	return true
}

// fullness is how much of what it may hold the window holds.
func (w *window) fullness() float64 {
	return max(float64(w.texts.bytes)/float64(w.limits.WindowBytes), float64(len(w.records))/float64(w.limits.WindowRecords))
}

// sort puts the oldest record first. Records of the same millisecond keep the order in which the site has them; one without a time stays
// behind the record that it follows there.
func (w *window) sort() {
	slices.Reverse(w.records)
	at, sorted := w.From, true
	for _, r := range w.records {
		if !r.Time.IsZero() {
			sorted = sorted && !r.Time.Before(at)
			at = r.Time
		}
	}
	if sorted {
		return
	}
	type timed struct {
		at  time.Time
		rec confluence.Record
	}
	at = w.From
	list := make([]timed, len(w.records))
	for i, r := range w.records {
		if !r.Time.IsZero() {
			at = r.Time
		}
		list[i] = timed{at, r}
	}
	slices.SortStableFunc(list, func(a, b timed) int { return a.at.Compare(b.at) })
	for i := range list {
		w.records[i] = list[i].rec
	}
}
