package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// A Feed lists a log in the order in which the site has processed its events, whatever their own
// times are. So what appears late is not before, but after what was read. An organization.Client is
// one.
type Feed interface {
	// Page returns the page at a cursor or, without one, the first page of what was processed since
	// from, which is inclusive. No event, or no cursor for the next page, is the present end. The
	// error wraps atlassian.ErrCursor if the cursor is not known any more.
	Page(ctx context.Context, cursor string, from time.Time) (atlassian.Page, error)
	// Last returns the event that was processed last, false if there is none.
	Last(ctx context.Context) (atlassian.Event, bool, error)
	// Now returns the time at the site, see Source.
	Now() time.Time
}

// A Follower reads a feed, page by page. It remembers both the cursor and the time of processing,
// so a cursor that has expired costs nothing: it begins again a while before that time, and leaves
// out what was delivered.
//
// Call Run once. Next, Acknowledge and Refuse are for the host: they never wait and may be called
// from any thread.
type Follower struct {
	core
	feed Feed

	// Owned by the reading goroutine.
	firstRun bool
	position outbox.Checkpoint // how far the feed was read
	queued   outbox.Checkpoint // the checkpoint once everything in the queue is acknowledged
	walk     walk
	proved   bool                          // the poll shows that the log can be read
	ancient  map[document.Fingerprint]bool // delivered in this run, and older than the fingerprints that are kept
	docs     document.Documents
	probed   time.Time // when the end of the feed was last compared with its last event
	expected time.Time // processing time of an event that the cursor should lead to, and has not yet
	missed   int       // how many walks have not led there
	behind   bool      // a catch-up is logged
	warned   time.Time // when a loop of cursors was last logged
	refused  time.Time // when a cursor that is not known was last logged
	ahead    time.Time // processing time of an event that was seen at the end, and has not come yet
}

const (
	// probeEnd is how long nothing may come before the end of the feed is probed: a cursor may be
	// dead and say nothing.
	probeEnd = 10 * time.Minute
	// maxAncient is how many events are kept in mind that are older than their fingerprints are kept
	// for. A stream that is in order has none.
	maxAncient = 10_000
	// keptLonger is how much longer fingerprints are kept than a new beginning needs.
	keptLonger = 10 * time.Minute
	// edge is how much older than the oldest record that a site keeps a beginning may be without
	// being a gap: some time has passed since it was worked out.
	edge = time.Minute
	// farBehind is from when on reading counts as a catch-up.
	farBehind = 10 * time.Minute
	// forgetCursor is after how many refusals by a broken server the cursor is given up: it may be
	// what breaks it.
	forgetCursor = 5
)

// Follow loads the checkpoint from store. It sends no request: Run does. Of the options,
// RescanInterval, Slots, BackfillRequests, Slowed, API and CloudID do not matter. Overlap or
// RescanWindow, whichever is longer, is the margin of a new beginning.
func Follow(ctx context.Context, feed Feed, store outbox.Store, o Options) (*Follower, error) {
	f := &Follower{feed: feed, ancient: make(map[document.Fingerprint]bool)}
	saved, first, err := f.set(ctx, o, store, feed, outbox.Checkpoint{API: outbox.FeedAPI})
	if err != nil {
		return nil, err
	}
	f.firstRun, f.position, f.queued = first, saved, saved
	f.missing = func(part) string { return "events processed since " + stamp(f.position.Head) }
	f.regained, f.stuck = func(part) {}, func() {}
	return f, nil
}

// Run reads until reading is done and commits until ctx is done, as [Collector.Run] does.
func (f *Follower) Run(ctx, reading context.Context) { f.run(ctx, reading, f.read) }

func (f *Follower) read(ctx context.Context) {
	f.begin()
	for ctx.Err() == nil {
		wait := time.Until(timerange.Later(f.nextPoll, f.holdUntil))
		if wait <= 0 {
			f.try(ctx, polls, f.poll)
		}
		f.deliverNotes(ctx)
		f.Ready()
		if wait > 0 {
			f.outbox.Rest()
			f.await(ctx, min(wait, heartbeat))
		}
	}
}

// begin logs where the run continues, and whether the site may have deleted what comes next.
func (f *Follower) begin() {
	now := time.Now()
	f.lastNew, f.notes.lastBeat, f.probed = now, now, now
	message := "goes on with records after " + stamp(f.position.Head)
	if f.firstRun {
		message = "first run: begins with records of " + stamp(f.position.Origin)
	}
	f.Log.Info(message)
	f.Note(Started, message)
	oldest := now.Add(-f.Keeps)
	if f.Keeps == 0 || f.firstRun && f.Start.IsZero() || !f.position.Head.Before(oldest.Add(-edge)) {
		return
	}
	f.stats.Gaps.Add(1)
	message = fmt.Sprintf("gap from %s to %s: the site keeps records for %d days, so those in between cannot be had", stamp(f.position.Head), stamp(oldest), int(f.Keeps.Hours()/24))
	f.Log.WithField("cause", "gap").Error(message)
	f.Note(GapFound, message)
}

// poll reads one page. After a page of a fallback that brings nothing new and is not the end, it is
// not known whether the log can be read.
func (f *Follower) poll(ctx context.Context) error {
	f.proved = false
	err := f.readPage(ctx)
	if err == nil && !f.proved && f.walk.fallback != none {
		return errPollDue
	}
	return err
}

// readPage reads one page. If that is not the end, the next one follows at once.
func (f *Follower) readPage(ctx context.Context) error {
	started := time.Now()
	if f.firstRun {
		if err := f.correctStart(ctx); err != nil {
			return err
		}
	}
	cursor, from := f.position.Cursor, f.from()
	page, err := f.feed.Page(ctx, cursor, from)
	switch {
	case errors.Is(err, atlassian.ErrCursor) && cursor != "":
		return f.refusedCursor(ctx, started)
	case err != nil:
		if atlassian.CauseOf(err) == atlassian.CauseServer && cursor != "" && f.outages[polls].tries+1 == forgetCursor {
			f.beginAgain("the site has an internal error again and again, perhaps because of the cursor")
		}
		return err
	}
	next := f.position
	if page.Next != "" {
		next.Cursor = page.Next
	}
	end := page.Listed == 0 || page.Next == ""
	if end {
		// A write to the disk at each poll would be too much for an idle site.
		if now := f.feed.Now(); now.Sub(next.Polled).Abs() >= time.Hour {
			next.Polled = now
		}
	}
	head := f.position.Head
	fresh, err := f.deliver(ctx, page, next)
	if err != nil {
		return err
	}
	f.stats.Polled.Store(f.feed.Now().UnixMilli())
	f.walk.fresh, f.proved = f.walk.fresh || fresh > 0, fresh > 0
	if cursor == "" {
		f.walk.deaf = !page.Processed.IsZero() && page.Processed.Before(from)
	}
	switch {
	case page.Listed > 0 && page.Next == "" && cursor == "":
		return f.byTime(ctx, started)
	case !end && fresh == 0 && page.Next == cursor:
		return f.sameCursor(ctx, started)
	case !end && f.loops(page, cursor, fresh):
		return f.fallBack(ctx, started, looping)
	case end:
		fresh := f.walk.fresh
		f.atEnd(started)
		return f.probe(ctx, fresh)
	case f.position.Head.After(head):
		f.noteBehind() // what is read again is no catch-up
	}
	return nil
}

// correctStart moves the start of a first run from this machine's time to the site's time, as
// [Collector] does, and tells whether the log is empty.
func (f *Follower) correctStart(ctx context.Context) error {
	_, found, err := f.feed.Last(ctx)
	if err != nil {
		return err
	}
	f.firstRun = false
	if !found {
		const message = "the audit log can be read but is empty: an organization with Atlassian Guard has events of each sign-in; run confluence-audit check"
		f.Log.Warn(message)
		f.Note(LogEmpty, message)
	}
	if behind := time.Until(f.feed.Now()); !f.Start.IsZero() && behind < -time.Second {
		if behind < -coarse {
			f.Log.Warnf("this machine's clock is %s ahead of the site's: begins as much earlier; set the clock (NTP)", -behind.Round(time.Second))
		}
		f.position.Origin = f.position.Origin.Add(behind)
		f.position.Head = f.position.Origin
	}
	return nil
}

// noteBehind notes that another page follows.
func (f *Follower) noteBehind() {
	left := f.feed.Now().Sub(f.position.Head)
	if left < farBehind {
		return
	}
	if f.stats.Pending.Store(left.Milliseconds()); !f.behind {
		f.behind = true
		f.Log.Infof("catching up: at %s; the site allows 50 pages a minute", stamp(f.position.Head))
	}
}

// atEnd notes that what seems to be the present end is reached, by a poll that began at started.
func (f *Follower) atEnd(started time.Time) {
	f.nextPoll, f.proved = started.Add(f.PollInterval), true
	if f.walk.fallback == fromHead {
		f.position.Cursor = "" // what was processed late may have been passed over
	}
	f.walk = walk{}
}

// caughtUp notes that it is the end.
func (f *Follower) caughtUp() {
	f.stats.Pending.Store(0)
	if f.behind {
		f.behind = false
		f.Log.Infof("caught up: at %s", stamp(f.position.Head))
	}
}
