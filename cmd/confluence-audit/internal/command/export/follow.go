package export

import (
	"context"
	"slices"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/document"
	"fluent-bit-confluence/internal/timerange"
	"fluent-bit-confluence/organization"
)

// follow writes the events of an organization that were processed in the range of time, in that
// order, page after page. It returns the time before which all is written.
func (e *exporter) follow(ctx context.Context, log *organization.Client) (time.Time, error) {
	e.seen, e.page = make(map[document.Fingerprint]int), nil
	e.barFrom = e.from
	done, cursor := e.from, ""
	var last []atlassian.Event // the events of the last moment: the next page may have more of it
	for {
		var page atlassian.Page
		err := retry(ctx, e.status, func() (err error) {
			page, err = log.Page(ctx, cursor, e.from)
			return err
		})
		if err != nil {
			return done, err
		}
		events := append(last, e.notSeen(page.Events)...)
		last = nil
		end := page.Listed == 0 || page.Next == "" || page.Next == cursor || page.Processed.After(e.to)
		before := page.Processed
		switch {
		case end:
			before = e.to.Add(timerange.Resolution)
		case before.IsZero():
			before = done
		default:
			n := slices.IndexFunc(events, func(one atlassian.Event) bool { return !one.Processed.Before(before) })
			if n >= 0 {
				events, last = events[:n:n], events[n:]
			}
		}
		if err := e.writeEvents(events, before); err != nil {
			return done, err
		}
		if done = before; end {
			return done, nil
		}
		cursor = page.Next
		e.showProgress(done, e.to)
	}
}

// notSeen leaves out events that came before: a page may begin with some of the page before it.
func (e *exporter) notSeen(events []atlassian.Event) (fresh []atlassian.Event) {
	defer e.doc.Release()
	here := make(map[document.Fingerprint]bool, len(events))
	for _, one := range events {
		e.doc.Parse(one.Raw)
		fp := e.hasher.Fingerprint(&e.doc)
		if !here[fp] && !e.page[fp] {
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
