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
	// Queued is how many bytes of events are read and not yet taken by the host.
	Queued int
	// Page is how many records the source lists at once: a window is best when it nearly fills one page.
	Page int
}

const (
	maxWindowBytes   = 2 << 20
	maxWindowRecords = 3_000
	maxQueued        = 3 << 20
	usualPage        = 1_000
	// narrowest is the width at which a window is read however much it holds.
	narrowest = time.Millisecond
)

func (l Limits) orDefault() Limits {
	return Limits{
		WindowBytes:   cmp.Or(l.WindowBytes, maxWindowBytes),
		WindowRecords: cmp.Or(l.WindowRecords, maxWindowRecords),
		Queued:        cmp.Or(l.Queued, maxQueued),
		Page:          cmp.Or(l.Page, usualPage),
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
}

// newWindow returns an empty window, with the memory of one that was released.
func (c *Collector) newWindow(r Range) *window {
	w := &window{}
	if n := len(c.spare); n > 0 {
		w, c.spare = c.spare[n-1], c.spare[:n-1]
	}
	w.Range, w.limits, w.newest, w.oldest = r, c.Limits, time.Time{}, time.Time{}
	return w
}

// release ends the use of a window and its records.
func (c *Collector) release(w *window) {
	w.texts.release()
	clear(w.records)
	if w.records = w.records[:0]; len(c.spare) < 2 {
		c.spare = append(c.spare, w)
	}
}

// readWindow reads all of r. With errFull it returns the newest records of r, as many as it may keep.
func (c *Collector) readWindow(ctx context.Context, r Range) (*window, error) {
	return c.readInto(ctx, c.newWindow(r))
}

// readInto reads the window w. It may be called from any goroutine.
func (c *Collector) readInto(ctx context.Context, w *window) (_ *window, err error) {
	defer c.recovered(&err)
	err = c.source.Read(ctx, w.From, w.To, func(rec confluence.Record) error {
		if w.fullness() >= 1 && w.length() > narrowest {
			return errFull
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

// width chooses how long the next window may be, so that it holds much, and yet not more than fits.
type width time.Duration

const (
	firstWidth = width(time.Hour)
	widest     = width(50 * 365 * 24 * time.Hour)
)

// read learns from a window that was read whole: the next one shall nearly fill a page, and stay well below what it may hold.
func (d width) read(w *window) width {
	took := min(max(width(w.length()), width(time.Second)), widest)
	share := max(w.fullness()/0.6, float64(len(w.records))/(0.85*float64(w.limits.Page)))
	switch {
	case share < 0.1:
		return min(max(d, took)*4, widest)
	case share < 0.5:
		return min(max(d, took*2), widest)
	default:
		return min(width(float64(took)/share), widest)
	}
}

// full learns from a window of which only the newest part fitted.
func (d width) full(w *window) width {
	fits := width(w.To.Sub(w.oldest))
	took := width(w.length())
	return max(min(fits*3/4, took/2), width(narrowest))
}

// failed learns from a window that could not be read: the site may not be able to answer for so long a one.
func (d width) failed(r Range) width {
	return min(d, max(width(r.length())/2, width(time.Minute)))
}

// whole is the width in whole milliseconds, as ranges are: between a window that ends within one and the next, a record would be lost.
func (d width) whole() time.Duration { return time.Duration(d).Truncate(narrowest) }

// cut returns the start of r that is as long as the width. It ends just before a whole second where it can: some servers round times to seconds.
func (d width) cut(r Range) Range {
	if width(r.length()) <= d {
		return r
	}
	to := r.From.Add(d.whole() - narrowest)
	if second := to.Truncate(time.Second).Add(-time.Millisecond); second.After(r.From) {
		to = second
	}
	return Range{r.From, earlier(to, r.To)}
}

// cutEnd returns the end of r that is as long as the width.
func (d width) cutEnd(r Range) Range {
	if width(r.length()) <= d {
		return r
	}
	from := r.To.Add(narrowest - d.whole())
	if second := from.Truncate(time.Second).Add(time.Second); !second.After(r.To) {
		from = second
	}
	return Range{from, r.To}
}
