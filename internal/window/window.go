// Package window reads a bounded span of a log whole, oldest first, and finds out how long the next
// one may be.
package window

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// A Source lists the records of a span of time.
type Source interface {
	// Read gives yield every record with from <= time <= to, and those of the same span whose time
	// cannot be read, newest first. A record's Raw is valid until yield returns. Read may be called
	// while another one is under way. An error, its own or yield's, means that what was yielded is
	// not the whole.
	Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error
}

// Limits bound what a window keeps in memory: it is kept whole, because the source begins with the
// newest record and its reader with the oldest. 0 is the default of each.
type Limits struct {
	Bytes, Records int
	// how many records the source lists at once: a window is best when it nearly fills one page
	Page int
}

const (
	maxBytes   = 2 << 20
	maxRecords = 3_000
	maxPages   = 5
	usualPage  = 1_000

	// Narrowest is the length of the shortest range.
	Narrowest = time.Millisecond
)

func (l Limits) orDefault() Limits {
	l.Page = cmp.Or(l.Page, usualPage)
	// Of a window that is too full, many small pages would be read in vain.
	few := min(maxRecords, max(maxPages*l.Page, usualPage/2))
	return Limits{Bytes: cmp.Or(l.Bytes, maxBytes), Records: cmp.Or(l.Records, few), Page: l.Page}
}

// ErrFull is the error of a window that holds more than it may.
var ErrFull = errors.New("window holds too many records")

// A Window is the content of a range, oldest first.
type Window struct {
	Range
	Records []atlassian.Record // their texts are the window's own, until it is released
	// Newest and Oldest are the times of the records at the ends; of a window that was cut short,
	// of what was read of it. They are zero where no record has a time.
	Newest, Oldest time.Time
	// Spilled is how many records of the range went to Spill before those that are here.
	Spilled int

	texts  texts
	limits Limits
}

// Total is how many records the range had.
func (w *Window) Total() int { return w.Spilled + len(w.Records) }

// Bytes is how long the records are together.
func (w *Window) Bytes() int { return w.texts.bytes }

// Page is how many records the source lists at once.
func (w *Window) Page() int { return w.limits.Page }

// A Reader makes windows of what a source lists, and uses their memory again. It serves one
// goroutine at a time, but for Fill.
type Reader struct {
	source Source
	limits Limits
	spare  []*Window
}

// NewReader returns a reader of a source.
func NewReader(source Source, limits Limits) *Reader {
	return &Reader{source: source, limits: limits.orDefault()}
}

// New returns an empty window, with the memory of one that was released.
func (r *Reader) New(of Range) *Window {
	w := &Window{}
	if n := len(r.spare); n > 0 {
		w, r.spare = r.spare[n-1], r.spare[:n-1]
	}
	w.Range, w.limits, w.Newest, w.Oldest, w.Spilled = of, r.limits, time.Time{}, time.Time{}, 0
	return w
}

// Page is how many records the source lists at once.
func (r *Reader) Page() int { return r.limits.Page }

// Release ends the use of a window and its records.
func (r *Reader) Release(w *Window) {
	w.Clear()
	if len(r.spare) < 2 {
		r.spare = append(r.spare, w)
	}
}

// Rest gives back the spare memory.
func (r *Reader) Rest() { r.spare = nil }

// Clear empties the window and keeps its memory.
func (w *Window) Clear() {
	w.texts.release()
	clear(w.Records)
	w.Records = w.Records[:0]
}

// Spill empties the window and counts what was in it.
func (w *Window) Spill() {
	w.Spilled += len(w.Records)
	w.Clear()
}

// Fill reads the range of w into w. A window that is full goes to spill, oldest first within
// itself, and is emptied; without spill reading ends with ErrFull, and w has the newest records of
// the range, as many as it may keep, as the source listed them. After any other error there is no
// window. It may be called from any goroutine.
func (r *Reader) Fill(ctx context.Context, w *Window, spill func(*Window) error) (*Window, error) {
	err := r.source.Read(ctx, w.From, w.To, func(rec atlassian.Record) error {
		if w.Fullness() >= 1 {
			if spill == nil {
				return ErrFull
			}
			w.sort()
			if err := spill(w); err != nil {
				return err
			}
			w.Spill()
		}
		w.Records = append(w.Records, atlassian.Record{Time: rec.Time, Raw: w.texts.keep(rec.Raw)})
		if !rec.Time.IsZero() {
			w.Newest = Later(w.Newest, rec.Time)
			if w.Oldest.IsZero() || rec.Time.Before(w.Oldest) {
				w.Oldest = rec.Time
			}
		}
		return nil
	})
	if errors.Is(err, ErrFull) {
		return w, ErrFull
	}
	if err != nil {
		return nil, err
	}
	w.sort()
	return w, nil
}

// Since makes of a window that was cut short one of what it has from then on, if it has all of
// that.
func (w *Window) Since(then time.Time) bool {
	if !w.Oldest.Before(then) {
		return false
	}
	w.From = Later(w.From, then)
	w.sort()
	first := slices.IndexFunc(w.Records, func(r atlassian.Record) bool { return !r.Time.Before(then) })
	if first < 0 {
		first = len(w.Records)
	}
	w.Records = slices.Delete(w.Records, 0, first)
	return true
}

// Fullness is how much of what it may hold the window holds.
func (w *Window) Fullness() float64 {
	return max(float64(w.texts.bytes)/float64(w.limits.Bytes), float64(len(w.Records))/float64(w.limits.Records))
}

// sort puts the oldest record first. Records of the same millisecond keep the order in which the
// site has them; one without a time stays behind the record that it follows there.
func (w *Window) sort() {
	slices.Reverse(w.Records)
	at, sorted := w.From, true
	for _, r := range w.Records {
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
		rec atlassian.Record
	}
	at = w.From
	list := make([]timed, len(w.Records))
	for i, r := range w.Records {
		if !r.Time.IsZero() {
			at = r.Time
		}
		list[i] = timed{at, r}
	}
	slices.SortStableFunc(list, func(a, b timed) int { return a.at.Compare(b.at) })
	for i := range list {
		w.Records[i] = list[i].rec
	}
}
