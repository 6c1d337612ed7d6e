package window

import (
	"context"
	"slices"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// A ReadAhead reads the pieces of a range before they are wanted: several at the same time, as long
// as the source answers quickly, see [parallel]. They are taken in order. Not many more windows are
// in memory than may be read at the same time. It is not safe for concurrent use.
type ReadAhead struct {
	o        ReadAheadOptions
	reader   *Reader
	parallel parallel
	readings []*reading // in the order in which they will be taken
	ended    chan struct{}
}

// ReadAheadOptions are the settings of a ReadAhead. Only Fill must be set.
type ReadAheadOptions struct {
	// Fill reads the range of a window into it, see [Reader.Fill]. It is called from several
	// goroutines.
	Fill func(context.Context, *Window) (*Window, error)
	// Most is how many pieces may be read at the same time; 0: one.
	Most int
	// Slowed returns how often the source has asked us to slow down.
	Slowed func() int64
	// Enter asks for room to read one more piece beside the first, without waiting, and Leave gives
	// it back.
	Enter func() bool
	Leave func()
}

// A reading is a piece that is being read, or was read and not yet taken.
type reading struct {
	timerange.Range
	cancel context.CancelFunc
	done   chan struct{} // closed when w, err and took are set
	w      *Window
	err    error
	took   time.Duration
	waited time.Duration // for it
	alone  bool          // began when one piece was read at a time
	asked  int64         // how often the source had asked us to slow down when it began
	first  bool          // began as the first, without Enter
}

// NewReadAhead returns a ReadAhead that has read nothing.
func NewReadAhead(reader *Reader, o ReadAheadOptions) *ReadAhead {
	return &ReadAhead{o: o, reader: reader, parallel: parallel{most: max(o.Most, 1), now: 1}, ended: make(chan struct{}, 1)}
}

// Keep begins to read the next pieces of left, as many as may be read at the same time. rest
// returns what is left when a piece was read, false if nothing is. Readings of other pieces end. A
// piece of a single millisecond is left out: it may hold more than a window.
func (a *ReadAhead) Keep(ctx context.Context, plan *Plan, left timerange.Range, rest func(timerange.Range) (timerange.Range, bool)) {
	a.noteSlowed()
	var wanted []*reading
	more := true
	for n := 0; more && n < a.parallel.most+spare; n++ {
		r, piece := a.at(left), timerange.Range{}
		if r == nil {
			piece = plan.Next(a.gap(left))
			if first := n == 0; piece.Length() > timerange.Resolution && (first || a.mayBegin()) {
				r = a.begin(ctx, piece, first)
			}
		}
		if r != nil {
			wanted, piece = append(wanted, r), r.Range
		}
		left, more = rest(piece)
	}
	if more {
		wanted = append(wanted, a.within(left)...)
	}
	a.drop(func(r *reading) bool { return !slices.Contains(wanted, r) })
	a.readings = wanted
	a.shed()
}

// spare is how many windows more may be in memory than are read at a time, while the next one to be
// taken is late.
const spare = 2

// mayBegin reports whether one more piece may be read.
func (a *ReadAhead) mayBegin() bool {
	if len(a.readings) >= a.parallel.now+spare {
		return false
	}
	reads := 0
	for _, r := range a.readings {
		if !r.isDone() {
			reads++
		}
	}
	return reads < a.parallel.now
}

func (r *reading) isDone() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// at returns the reading of a piece at the start of left, nil if there is none.
func (a *ReadAhead) at(left timerange.Range) *reading {
	for _, r := range a.within(left) {
		if r.From.Equal(left.From) {
			return r
		}
	}
	return nil
}

// within returns the readings of pieces of left.
func (a *ReadAhead) within(left timerange.Range) (found []*reading) {
	for _, r := range a.readings {
		if !r.From.Before(left.From) && !r.To.After(left.To) {
			found = append(found, r)
		}
	}
	return found
}

// gap returns the start of left, up to the first reading in it.
func (a *ReadAhead) gap(left timerange.Range) timerange.Range {
	for _, r := range a.within(left) {
		left.To = timerange.Earlier(left.To, r.From.Add(-timerange.Resolution))
	}
	return left
}

// begin begins to read a piece. It returns nil if there is no room for it.
func (a *ReadAhead) begin(ctx context.Context, piece timerange.Range, first bool) *reading {
	if !first && a.o.Enter != nil && !a.o.Enter() {
		return nil
	}
	r := &reading{Range: piece, done: make(chan struct{}), alone: a.parallel.now == 1, asked: a.parallel.asked, first: first}
	ctx, r.cancel = context.WithCancel(ctx)
	a.readings = append(a.readings, r)
	w := a.reader.New(piece)
	go func() {
		begun := time.Now()
		r.w, r.err = a.o.Fill(ctx, w)
		r.took = time.Since(begun)
		close(r.done)
		select {
		case a.ended <- struct{}{}:
		default:
		}
	}()
	return r
}

// Next returns the piece at the start of left that is read ahead, false if there is none.
func (a *ReadAhead) Next(left timerange.Range) (timerange.Range, bool) {
	if r := a.at(left); r != nil {
		return r.Range, true
	}
	return timerange.Range{}, false
}

// Wait waits until a piece that Next has returned was read, and reports whether it was. It returns
// earlier when another piece was read, so that Keep may read more, and after enough.
func (a *ReadAhead) Wait(piece timerange.Range, enough <-chan time.Time) bool {
	r, begun := a.at(piece), time.Now()
	defer a.shed()
	defer a.noteSlowed()
	defer func() { r.waited += time.Since(begun) }()
	select {
	case <-r.done:
	case <-a.ended:
	case <-enough:
	}
	return r.isDone()
}

// Take returns what Fill has returned for a piece that was read.
func (a *ReadAhead) Take(piece timerange.Range) (*Window, error) {
	r := a.at(piece)
	a.noteSlowed()
	a.parallel.learn(r)
	a.end(r)
	a.shed()
	return r.w, r.err
}

// noteSlowed notes whether the source has asked us to slow down.
func (a *ReadAhead) noteSlowed() {
	if a.o.Slowed != nil {
		a.parallel.slow(a.o.Slowed())
	}
}

// shed ends all readings but one that still send requests, if the source was asked too much:
// other requests must not wait behind theirs.
func (a *ReadAhead) shed() {
	if !a.parallel.mustShed {
		return
	}
	a.parallel.mustShed = false
	reads := 0
	a.drop(func(r *reading) bool {
		if !r.isDone() {
			reads++
		}
		return !r.isDone() && reads > 1
	})
}

// Drop ends all readings.
func (a *ReadAhead) Drop() { a.drop(func(*reading) bool { return true }) }

// drop ends some readings.
func (a *ReadAhead) drop(which func(*reading) bool) {
	var ended []*reading
	for _, r := range a.readings {
		if which(r) {
			r.cancel()
			ended = append(ended, r)
		}
	}
	for _, r := range ended {
		<-r.done
		if r.w != nil {
			a.reader.Release(r.w)
		}
		a.end(r)
	}
}

// end forgets a reading that is over.
func (a *ReadAhead) end(r *reading) {
	r.cancel()
	a.readings = slices.DeleteFunc(a.readings, func(other *reading) bool { return other == r })
	if !r.first && a.o.Leave != nil {
		a.o.Leave()
	}
}
