// Package window reads a bounded range of a log whole, puts its records in order, oldest first, and
// chooses how long the next range may be.
package window

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// A Source lists the records of a range of time.
type Source interface {
	// Read calls yield for every record with from <= time <= to, and for every record listed there
	// whose time cannot be read, newest first. A record's Raw is valid until yield returns. Read
	// may be called while another Read is under way. If it returns an error, its own or yield's,
	// the records yielded are incomplete.
	Read(ctx context.Context, from, to time.Time, yield func(atlassian.Record) error) error
}

// Limits bound the memory of a window. All of a window is kept, because the source lists the newest
// record first and the oldest is needed first. 0 is the default of each.
type Limits struct {
	Bytes, Records int
	// records on a page of the source: the best window nearly fills one page
	Page int
}

const (
	maxBytes   = 2 << 20
	maxRecords = 3_000
	maxPages   = 5
	usualPage  = 1_000
)

func (l Limits) orDefault() Limits {
	l.Page = cmp.Or(l.Page, usualPage)
	// With small pages many would be read in vain before a window is found to be too full.
	few := min(maxRecords, max(maxPages*l.Page, usualPage/2))
	return Limits{Bytes: cmp.Or(l.Bytes, maxBytes), Records: cmp.Or(l.Records, few), Page: l.Page}
}

// ErrFull is the error of a range with more records than a window may hold.
var ErrFull = errors.New("window holds too many records")

// A Window holds the records of a range, oldest first.
type Window struct {
	timerange.Range
	Records []atlassian.Record // their Raw is valid until the window is released
	// Newest and Oldest are the times of the newest and the oldest record read. They are zero if no
	// record has a time.
	Newest, Oldest time.Time
	// Spilled is how many records of the range were removed by Spill.
	Spilled int

	texts  texts
	limits Limits
}

// Total returns how many records the range had.
func (w *Window) Total() int { return w.Spilled + len(w.Records) }

// Bytes returns the size of all records together.
func (w *Window) Bytes() int { return w.texts.bytes }

// Page is how many records the source lists at once.
func (w *Window) Page() int { return w.limits.Page }

// A Reader reads windows from a source and uses their memory again. Only Fill may be called from
// several goroutines.
type Reader struct {
	source Source
	limits Limits
	spare  []*Window
}

// NewReader returns a reader of source.
func NewReader(source Source, limits Limits) *Reader {
	return &Reader{source: source, limits: limits.orDefault()}
}

// New returns an empty window for a range. It uses the memory of a released window, if there is
// one.
func (r *Reader) New(of timerange.Range) *Window {
	w := &Window{}
	if n := len(r.spare); n > 0 {
		w, r.spare = r.spare[n-1], r.spare[:n-1]
	}
	w.Range, w.limits, w.Newest, w.Oldest, w.Spilled = of, r.limits, time.Time{}, time.Time{}, 0
	return w
}

// Page is how many records the source lists at once.
func (r *Reader) Page() int { return r.limits.Page }

// maxSpare is for how many windows memory is kept: about as many as are read at the same time.
const maxSpare = 4

// Release ends the use of w and its records. Its memory is kept for the next window.
func (r *Reader) Release(w *Window) {
	w.empty()
	if len(r.spare) < maxSpare {
		r.spare = append(r.spare, w)
	}
}

// Rest frees the memory that is kept for windows.
func (r *Reader) Rest() { r.spare = nil }

// empty removes all records and keeps their memory.
func (w *Window) empty() {
	w.texts.release()
	clear(w.Records)
	w.Records = w.Records[:0]
}

// Spill empties the window and counts the records that were in it.
func (w *Window) Spill() {
	w.Spilled += len(w.Records)
	w.empty()
}

// Fill reads the range of w into w. When w is full and spill is not nil, Fill sorts the records in
// w, calls spill and empties w. If spill is nil, Fill returns ErrFull and w with the newest records
// of the range, as the source listed them. After any other error there is no window. Fill may be
// called from any goroutine.
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
			w.Newest = timerange.Later(w.Newest, rec.Time)
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

// KeepSince makes a window that was cut short a whole one that begins at then, and drops the older
// records. It does nothing and returns false if records since then may be missing: the window does
// not reach back so far, or no record has a time.
func (w *Window) KeepSince(then time.Time) bool {
	if w.Oldest.IsZero() || !w.Oldest.Before(then) {
		return false
	}
	w.From = timerange.Later(w.From, then)
	w.sort()
	first := slices.IndexFunc(w.Records, func(r atlassian.Record) bool { return !r.Time.Before(then) })
	if first < 0 {
		first = len(w.Records)
	}
	w.Records = slices.Delete(w.Records, 0, first)
	return true
}

// Fullness returns how full the window is: 1 at its limit.
func (w *Window) Fullness() float64 {
	return max(float64(w.texts.bytes)/float64(w.limits.Bytes), float64(len(w.Records))/float64(w.limits.Records))
}

// sort puts the oldest record first. Records of the same millisecond stay in the order of the log.
// A record without a time stays behind the record that it follows there.
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
