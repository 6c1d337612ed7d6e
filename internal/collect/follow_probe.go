package collect

import (
	"context"
	"fmt"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/outbox"
	"fluent-bit-confluence/internal/timerange"
)

// probe compares the end of a catch-up, and that of a quiet feed, with the event that was processed
// last. A cursor that does not lead to that event at the next poll either is dead. Whether the walk
// that has come to the end has shown new events is fresh.
func (f *Follower) probe(ctx context.Context, fresh bool) error {
	if !f.expected.IsZero() {
		if f.position.Head.Before(f.expected) {
			return f.search(fresh)
		}
		f.expected, f.missed = time.Time{}, 0
		f.caughtUp()
	}
	now := time.Now()
	if quiet := now.Sub(f.lastNew); !f.behind && (quiet < probeEnd || now.Sub(f.probed) < probeEnd) {
		f.caughtUp()
		return nil
	}
	f.probed = now
	last, more, err := f.newest(ctx)
	if err != nil {
		return err
	}
	if more {
		f.expected, f.nextPoll = timerange.Earlier(last.Processed, now), now
	} else {
		f.caughtUp()
	}
	if quiet := now.Sub(f.lastNew); quiet >= silence {
		f.lastNew = now
		message := fmt.Sprintf("no new record for %s, but access works: the last one was processed at %s", quiet.Round(time.Minute), stamp(f.position.Head))
		f.Log.Info(message)
		f.Note(SiteQuiet, message)
	}
	return nil
}

// search begins again for an event to which the last walk has not led: first without the cursor,
// then by the time of processing for as long as that shows new events.
func (f *Follower) search(fresh bool) error {
	f.missed++
	f.nextPoll = time.Now()
	if f.missed == 1 {
		f.beginAgain("the cursor does not lead to an event processed at " + stamp(f.expected))
		return nil
	}
	f.position.Cursor, f.walk, f.proved = "", walk{fallback: fromHead}, false
	if f.missed > 2 && !fresh {
		return errEndless()
	}
	f.warnOfCursors("no cursor leads to what was processed since " + stamp(f.position.Head))
	return nil
}

// stands returns an error if the log has events to which no way has led.
func (f *Follower) stands(ctx context.Context) error {
	more, err := f.hasMore(ctx)
	switch {
	case err != nil:
		return err
	case more:
		return errEndless()
	case f.position.Head.Before(f.ahead):
		f.nextPoll = time.Now()
	default:
		f.proved = true
		f.caughtUp()
	}
	return nil
}

func errEndless() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "the log sends the same page again and again, without progress")
}

// hasMore reports whether the log has more than it lists at what seems to be its end: an event that
// was there the last time too, or whatever the site lists in place of what it is asked for.
func (f *Follower) hasMore(ctx context.Context) (bool, error) {
	last, more, err := f.newest(ctx)
	switch {
	case err != nil:
		return false, err
	case f.walk.deaf:
		return true, nil
	case !last.Processed.Equal(last.Time) && last.Processed.Before(f.position.Head.Add(-outOfOrder)):
		return true, nil
	case !more:
		f.ahead = time.Time{}
		return false, nil
	case f.position.Head.Before(f.ahead):
		return true, nil
	}
	f.ahead = timerange.Earlier(last.Processed, time.Now()) // it may have come just now
	return false, nil
}

// newest returns the event that was processed last, and whether it was not delivered.
func (f *Follower) newest(ctx context.Context) (last atlassian.Event, more bool, err error) {
	last, _, err = f.feed.Last(ctx) // none was processed at the zero time
	if more = f.position.Head.Before(timerange.Earlier(last.Processed, time.Now())); !more {
		return last, more, err
	}
	// Its time may be wrong: one in the future is after Head for ever.
	defer f.docs.Release()
	delivered, err := f.outbox.Count(ctx, []outbox.Key{{Time: keyTime(last), Fingerprint: f.hasher.Fingerprint(f.docs.Add(last.Raw))}})
	return last, err == nil && delivered[0] == 0, err
}
