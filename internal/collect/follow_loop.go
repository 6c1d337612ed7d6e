package collect

import (
	"context"
	"hash/maphash"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// walk is what is known of a walk from page to page, which began where fallback says.
type walk struct {
	fallback fallback
	fresh    bool            // it has shown new events
	deaf     bool            // the site has listed what is older than it was asked for
	highest  time.Time       // of processing
	still    map[uint64]bool // pages since the last one with something that is new or newer
	idle     int             // how many of them came again
}

// A fallback is where a walk begins because the cursors loop, or are not known.
type fallback int

const (
	none       fallback = iota
	fromMargin          // a while before the last event delivered
	fromHead            // right there: so new events come, if only a page at a time
)

// looping is why the cursors are given up.
const looping = "the cursor leads to the same events again and again"

const (
	// maxIdle is how many pages that come again are a loop.
	maxIdle = 3
	// outOfOrder is how much earlier than the newest event delivered that may be processed which the
	// site calls the newest. If it is more, that is not what was asked for.
	outOfOrder = time.Hour
	// maxStill is how many pages without progress are a loop, even if none comes again. A busy
	// moment of the log may fill many.
	maxStill = 10_000
)

// from returns where to begin without a cursor.
func (f *Follower) from() time.Time {
	if f.position.Cursor != "" {
		return time.Time{}
	}
	if f.walk.fallback == fromHead {
		return f.position.Head
	}
	return timerange.Later(f.position.Begin(), f.position.Head.Add(-f.margin()))
}

// margin returns how far before the last event a new beginning is. An event may have been processed
// long after its time, and it is not known which of the two the site compares.
func (f *Follower) margin() time.Duration { return max(f.RescanWindow, f.Overlap) }

// beginAgain gives up the cursor. The time of processing tells where to go on.
func (f *Follower) beginAgain(why string) {
	f.position.Cursor, f.walk = "", walk{}
	f.Log.Warnf("%s: begins again with what was processed since %s, and leaves out what was delivered; nothing is lost", why, stamp(f.from()))
}

// refusedCursor begins again without the cursor. If that has happened before and brought nothing
// new, perhaps no cursor is known: then the next fallback may.
func (f *Follower) refusedCursor(ctx context.Context, started time.Time) error {
	if f.walk.fallback != none && !f.walk.fresh {
		return f.fallBack(ctx, started, "no cursor is known")
	}
	fallback := max(f.walk.fallback, fromMargin)
	f.position.Cursor, f.walk = "", walk{fallback: fallback}
	if fallback == fromMargin && time.Since(f.refused) >= firstLogGap {
		f.refused = time.Now()
		f.Log.Warnf("the site does not know the cursor any more: begins again with what was processed since %s, and leaves out what was delivered; nothing is lost", stamp(f.from()))
	}
	return nil
}

// byTime goes on after a page that came without a cursor, and was asked for without one. Perhaps it
// is the end; or the site has no cursors, and what follows has to be asked for by time.
func (f *Follower) byTime(ctx context.Context, started time.Time) error {
	switch {
	case f.walk.fresh && f.walk.fallback == fromHead:
		f.walk.fresh = false
		return nil
	case f.walk.fallback == fromHead:
		f.atEnd(started)
		return f.stands(ctx)
	}
	f.walk = walk{fallback: fromHead}
	return nil
}

// sameCursor tells the end of the feed, which may have the cursor that has led there, from a loop.
func (f *Follower) sameCursor(ctx context.Context, started time.Time) error {
	switch more, err := f.hasMore(ctx); {
	case err != nil:
		return err
	case more:
		return f.fallBack(ctx, started, looping)
	case !f.position.Head.Before(f.ahead):
		f.atEnd(started)
		f.caughtUp()
	}
	return nil
}

// loops reports whether the cursors lead to the same pages again and again.
func (f *Follower) loops(page atlassian.Page, cursor string, fresh int) bool {
	w := &f.walk
	if fresh > 0 || page.Processed.After(w.highest) {
		w.highest, w.still, w.idle = timerange.Later(w.highest, page.Processed), nil, 0
		return false
	}
	if w.still == nil {
		w.still = make(map[uint64]bool)
	}
	id := pageID(page, cursor)
	if w.still[id] {
		w.idle++
	}
	w.still[id] = true
	return w.idle >= maxIdle || len(w.still) >= maxStill
}

var pageSeed = maphash.MakeSeed()

// pageID tells pages apart by their first and last event. If all events are left out on purpose,
// only the cursor can.
func pageID(page atlassian.Page, cursor string) uint64 {
	var h maphash.Hash
	h.SetSeed(pageSeed)
	if n := len(page.Events); n > 0 {
		h.Write(page.Events[0].Raw)
		h.Write(page.Events[n-1].Raw)
	} else {
		h.WriteString(cursor)
	}
	return h.Sum64()
}

// fallBack takes the next fallback. When the last one has shown nothing new, there should be
// nothing.
func (f *Follower) fallBack(ctx context.Context, started time.Time, why string) error {
	before := f.walk
	f.position.Cursor, f.walk = "", walk{fallback: min(before.fallback+1, fromHead), deaf: before.deaf}
	f.warnOfCursors(why)
	if before.fallback < fromHead || before.fresh {
		return nil
	}
	f.nextPoll = started.Add(f.PollInterval)
	return f.stands(ctx)
}

// warnOfCursors logs, once a day, why cursors are given up.
func (f *Follower) warnOfCursors(why string) {
	if time.Since(f.warned) >= lastLogGap {
		f.warned = time.Now()
		f.Log.Warn(why + ": goes on by the time of processing; nothing is lost")
	}
}
