package collect

import (
	"context"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// walk is what is known of a walk from page to page, which began where fallback says.
type walk struct {
	fallback fallback
	fresh    bool      // it has shown new events
	highest  time.Time // of processing
	idle     int       // pages in a row that were not empty, and showed nothing that is new or newer
}

// A fallback is where a walk begins because the cursors loop.
type fallback int

const (
	none       fallback = iota
	fromMargin          // a while before the last event delivered
	fromHead            // right there: so new events come, if only a page at a time
)

// maxIdle is how many pages without progress are a loop. One moment of the log may fill some.
const maxIdle = 20

// loops reports whether the cursors lead to the same pages again and again.
func (f *Follower) loops(page atlassian.Page, cursor string, fresh int) bool {
	w := &f.walk
	w.fresh = w.fresh || fresh > 0
	if fresh > 0 || page.Processed.After(w.highest) {
		w.highest, w.idle = timerange.Later(w.highest, page.Processed), 0
	} else {
		w.idle++
	}
	return fresh == 0 && cursor != "" && page.Next == cursor || w.idle >= maxIdle
}

// fallBack takes the next fallback. If the last one has shown nothing new either, the log should
// have nothing new: if it has, that is an error.
func (f *Follower) fallBack(ctx context.Context, started time.Time) error {
	before := f.walk
	f.position.Cursor, f.walk = "", walk{fallback: min(before.fallback+1, fromHead)}
	if time.Since(f.warned) >= lastLogGap {
		f.warned = time.Now()
		f.Log.Warn("the cursor leads to the same events again and again: goes on by the time of processing; nothing is lost")
	}
	if before.fallback < fromHead || before.fresh {
		return nil
	}
	last, found, err := f.feed.Last(ctx)
	if err == nil && found && f.position.Head.Before(timerange.Earlier(last.Processed, time.Now())) {
		err = atlassian.Fail(atlassian.CauseEndless, nil, "the log sends the same page again and again, without progress")
	}
	f.nextPoll = started.Add(f.PollInterval)
	return err
}
