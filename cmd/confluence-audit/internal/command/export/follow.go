package export

import (
	"context"
	"errors"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/organization"
)

// maxStill is how many pages in a row without anything newer are a loop.
const maxStill = 1000

// follow writes the events of an organization that were processed in the range of time, in that
// order, page after page. It returns the time before which all is written.
func (e *exporter) follow(ctx context.Context, log *organization.Client) (time.Time, error) {
	e.seen, e.page = make(map[document.Fingerprint]int), nil
	e.barFrom = e.from
	done, still := e.from, 0
	at := place{from: e.from}
	var last []atlassian.Event // the events of the last moment: the next page may have more of it
	for {
		var page atlassian.Page
		err := retry(ctx, e.status, func() (err error) {
			page, err = log.Page(ctx, at.cursor, at.from)
			return err
		})
		if errors.Is(err, atlassian.ErrCursor) && at.again(done, e.Settings.RescanWindow) {
			e.held = e.fingerprints(last)
			continue
		}
		if errors.Is(err, atlassian.ErrCursor) { // that it is not known does not matter at the end
			if ends, _ := e.isEnd(ctx, log, done); ends {
				page, err = atlassian.Page{}, nil
			}
		}
		if err != nil {
			return done, err
		}
		events := append(last, e.notSeen(page.Events, at.written)...)
		last = nil
		ends := page.Listed == 0 || page.Processed.After(e.to)
		if sticks := page.Next == "" || page.Next == at.cursor; sticks && !ends {
			if ends, err = e.isEnd(ctx, log, page.Processed); err != nil {
				return done, err
			}
			if !ends && at.cursor == "" && !page.Processed.After(at.from) {
				return done, errLoop()
			}
			page.Next = "" // if it is not the end, the time leads on
		}
		if still++; page.Processed.After(done) {
			still = 0
		}
		before := timerange.Later(page.Processed, done)
		switch {
		case ends:
			before = e.to.Add(timerange.Resolution)
		case still >= maxStill:
			return done, errLoop()
		default:
			n := slices.IndexFunc(events, func(one atlassian.Event) bool { return !one.Processed.Before(before) })
			if n >= 0 {
				events, last = events[:n:n], events[n:]
			}
		}
		if err := e.writeEvents(events, before); err != nil {
			return done, err
		}
		if done = before; ends {
			return done, nil
		}
		if at.cursor = page.Next; at.cursor == "" {
			at = place{from: done, written: done, exact: true}
			e.held = e.fingerprints(last)
		}
		e.showProgress(done, e.to)
	}
}

func errLoop() error {
	return atlassian.Fail(atlassian.CauseEndless, nil, "the log sends the same page again and again, without progress")
}

// place is where the next page of an export is.
type place struct {
	cursor  string
	from    time.Time // without a cursor
	written time.Time // what was processed before is written
	exact   bool      // from is no earlier than it must be
}

// again gives up a cursor that is not known. A new beginning is margin earlier, because it is not
// known which time of an event the site compares; if that has led to nothing new, exactly where it
// must. It returns false if neither has.
func (p *place) again(done time.Time, margin time.Duration) bool {
	if p.written.Equal(done) && p.exact {
		return false
	}
	exact := p.exact || p.written.Equal(done)
	from := done
	if !exact {
		from = done.Add(-margin)
	}
	*p = place{from: from, written: done, exact: exact}
	return true
}

// isEnd tells the end of the log from a place where no cursor leads on, although events follow what
// was processed until then.
func (e *exporter) isEnd(ctx context.Context, log *organization.Client, until time.Time) (bool, error) {
	var newest atlassian.Event
	var found bool
	err := retry(ctx, e.status, func() (err error) {
		newest, found, err = log.Last(ctx)
		return err
	})
	switch {
	case err != nil:
		return false, err
	case found && !newest.Processed.IsZero() && newest.Processed.Before(until.Add(-time.Hour)):
		return false, errLoop() // that is no newest event: the site does not answer what it is asked
	}
	return !found || !newest.Processed.After(until), nil
}

// fingerprints returns those of some events.
func (e *exporter) fingerprints(events []atlassian.Event) map[document.Fingerprint]bool {
	defer e.doc.Release()
	all := make(map[document.Fingerprint]bool, len(events))
	for _, one := range events {
		e.doc.Parse(one.Raw)
		all[e.hasher.Fingerprint(&e.doc)] = true
	}
	return all
}

// notSeen leaves out events that came before: a page may begin with some of the page before it, and
// a new beginning with those that are written.
func (e *exporter) notSeen(events []atlassian.Event, written time.Time) (fresh []atlassian.Event) {
	defer e.doc.Release()
	here := make(map[document.Fingerprint]bool, len(events))
	for _, one := range events {
		e.doc.Parse(one.Raw)
		fp := e.hasher.Fingerprint(&e.doc)
		old := !one.Processed.IsZero() && one.Processed.Before(written)
		if !here[fp] && !e.page[fp] && !e.held[fp] && !old {
			fresh = append(fresh, one)
		}
		here[fp] = true
	}
	e.page = here
	return fresh
}

func (e *exporter) writeEvents(events []atlassian.Event, before time.Time) error {
	var records []atlassian.Record
	for _, one := range events {
		if !one.Processed.After(e.to) {
			records = append(records, one.Record)
		}
	}
	return e.write(records, before)
}
