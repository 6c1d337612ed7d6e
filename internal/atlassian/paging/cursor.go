package paging

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"fluent-bit-confluence/internal/atlassian"
)

// maxEmptyPages is how many pages without a record may follow each other.
const maxEmptyPages = 100

// cursorWalk is the state of a walk by cursor.
type cursorWalk struct {
	walk
	received int // records received by all queries
}

// walkCursor visits the records of Data Center's auditing API. The cursor of a page names its last
// record by time and database id, so new records shift nothing.
func (l *Log) walkCursor(ctx context.Context, start walk, limit int) error {
	w := cursorWalk{walk: start}
	seen := map[string]bool{}
	empty, offset, proved := 0, 0, false
	for range maxPages {
		p, asked, err := l.list(ctx, w.listing, w.query, limit)
		if err != nil {
			return err
		}
		p.within(w.Range)
		if err := w.see(p.records); err != nil {
			return err
		}
		count, whole := len(p.records), w.endsWithFloor(p.records)
		w.received += count
		if empty++; count > 0 {
			empty, proved = 0, false
		}
		p.Release()
		switch {
		case whole:
			l.history.learn(w.walked)
			return nil
		case p.lastPage == isCut: // so its cursor is missing too
			offset += count
			w.query.Set("offset", strconv.Itoa(offset))
			continue
		case p.lastPage == isLast, p.cursor == "" && p.lastPage == unsaid && count < asked:
			if count == 0 && w.received > 0 && !proved {
				ends, err := w.ends(ctx)
				switch {
				case err != nil:
					return err
				case empty > maxEmptyPages:
					return l.endless()
				}
				proved = ends || w.more.listed == 0
				if !ends {
					continue // ask for the page again
				}
			}
			more, err := w.continues(ctx)
			if err != nil {
				return err
			}
			if !more {
				l.history.learn(w.walked)
				return nil
			}
			clear(seen)
			proved = false
		case p.cursor == "":
			return atlassian.Fail(atlassian.CauseNotAuditList, nil, "%s says that more records follow but not where", l.client.Host)
		case seen[p.cursor], empty > maxEmptyPages, len(p.cursor) > maxCursor:
			return l.endless()
		default:
			seen[p.cursor] = true
			w.query.Set("pageCursor", p.cursor)
		}
		w.query.Del("offset")
		offset = 0
	}
	return l.endless()
}

// continues starts another query, by time, and returns true, unless all records of the range were
// received.
func (w *cursorWalk) continues(ctx context.Context) (bool, error) {
	if w.received == 0 {
		return false, w.listing.StillKnown(ctx)
	}
	if w.walked.before != 0 || !w.more.mayBeTruncated() {
		return false, nil
	}
	if w.query.Has("from") {
		// Which record follows the last one of the query, if its end is ignored?
		next, err := w.ask(ctx, w.query.Get("to"), w.more.listed, 1)
		defer next.Release()
		if err != nil {
			return false, err
		}
		if len(next.records) > 0 && isBefore(next.records[0], w.From) {
			w.walked.before = next.records[0].Time.UnixMilli()
			return false, nil
		}
	}
	if w.more.onlyRepeats() {
		older, err := w.ask(ctx, w.listing.Format.at(w.more.older()), 0, 1)
		defer older.Release()
		if err == nil && w.more.provesTruncated(older.records) {
			err = w.log.truncated()
		}
		return false, err
	}
	w.query.Set("to", w.listing.Format.at(w.more.next()))
	w.query.Del("pageCursor")
	return true, nil
}

// ends reports whether the query ends where it seems to, at an empty page. The site may have
// stopped to list records, so an answer is needed that lists the last one too. A query that lists
// nothing at all has none: it is asked again after the site has listed another record.
func (w *cursorWalk) ends(ctx context.Context) (bool, error) {
	to, offset, limit := w.end, 0, 1
	if w.more.listed > 0 {
		to, offset, limit = w.query.Get("to"), w.more.listed-1, 2
	}
	p, err := w.ask(ctx, to, offset, limit)
	defer p.Release()
	switch n := len(p.records); {
	case errors.Is(err, atlassian.ErrTooLarge): // so it lists records
		return true, nil
	case err == nil && n == 0:
		return false, w.log.moved()
	case err != nil || w.more.listed == 0:
		return false, err
	default:
		return n == 1 || isBefore(p.records[1], w.From), nil
	}
}

// ask asks for the records that follow the newest offset records up to a time, however old they
// are.
func (w *cursorWalk) ask(ctx context.Context, to string, offset, limit int) (Page, error) {
	query := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
	if to != "" {
		query.Set("to", to)
	}
	return w.log.Fetch(ctx, w.listing, query)
}
