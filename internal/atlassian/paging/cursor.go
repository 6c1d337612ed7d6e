package paging

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// maxEmptyPages is how many pages without a record may follow each other.
const maxEmptyPages = 100

// walkCursor visits the records of Data Center's auditing API. The cursor of a page names its last
// record by time and database id, so new records shift nothing.
func (c *Log) walkCursor(ctx context.Context, ep Listing, r timerange.Range, limit int, visit func(atlassian.Record) error) error {
	o := cursorWalk{c: c, ep: ep, Range: r, query: ep.Format.query(r, c.api.Now()), reach: walked{Range: r, asked: r.From}, onward: onward{slack: ep.Format.slack}}
	floor, hasFloor := c.listed.floor(r)
	if hasFloor {
		o.reach.asked = floor
		o.query.Set(ep.Format.from, ep.Format.at(floor.Add(-ep.Format.slack)))
	}
	seen := map[string]bool{}
	empty, offset := 0, 0
	for range maxPages {
		p, asked, err := c.list(ctx, ep, o.query, limit)
		if err != nil {
			return err
		}
		p.within(r)
		for _, rec := range p.records {
			if !o.onward.see(rec) {
				continue
			}
			o.reach.see(rec)
			if o.reach.isFloor(rec, ep.Format.slack) {
				continue
			}
			if ep.LeftOut(rec) {
				continue
			}
			if err := visit(rec); err != nil {
				return err
			}
		}
		count := len(p.records)
		o.received += count
		whole := hasFloor && count > 0 && o.reach.isFloor(p.records[count-1], ep.Format.slack)
		if empty++; count > 0 {
			empty = 0
		}
		p.Release()
		switch {
		case whole:
			c.listed.learn(o.reach)
			return nil
		case p.lastPage == isCut: // so its cursor is missing too
			offset += count
			o.query.Set("offset", strconv.Itoa(offset))
			continue
		case p.lastPage == isLast, p.cursor == "" && p.lastPage == unsaid && count < asked:
			more, err := o.goOn(ctx)
			if err != nil {
				return err
			}
			if !more {
				c.listed.learn(o.reach)
				return nil
			}
			clear(seen)
		case p.cursor == "":
			return atlassian.Fail(atlassian.CauseNotAuditList, nil, "%s says that more records follow but not where", c.api.Host)
		case seen[p.cursor], empty > maxEmptyPages, len(p.cursor) > maxCursor:
			return atlassian.Fail(atlassian.CauseEndless, nil, "%s sends page after page without progress", c.api.Host)
		default:
			seen[p.cursor] = true
			o.query.Set("pageCursor", p.cursor)
		}
		o.query.Del("offset")
		offset = 0
	}
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s sends page after page without progress", c.api.Host)
}

// cursorWalk is the state of a walk.
type cursorWalk struct {
	timerange.Range
	c        *Log
	ep       Listing
	query    url.Values
	reach    walked
	received int // records received by all queries
	onward   onward
}

// goOn starts another query, by time, unless all records of the window were received.
func (o *cursorWalk) goOn(ctx context.Context) (bool, error) {
	if o.received == 0 {
		return false, o.ep.StillKnown(ctx)
	}
	if o.reach.before != 0 || !o.onward.mayHide() {
		return false, nil
	}
	if o.query.Has("from") {
		// Which record follows the last one of the query, if its end is ignored?
		next, err := o.ask(ctx, o.query.Get("to"), o.onward.all)
		defer next.Release()
		if err != nil {
			return false, err
		}
		if len(next.records) > 0 && isBefore(next.records[0], o.From) {
			o.reach.before = next.records[0].Time.UnixMilli()
			return false, nil
		}
	}
	if o.onward.listsAgain() {
		older, err := o.ask(ctx, o.ep.Format.at(o.onward.oldest.Add(-time.Millisecond)), 0)
		defer older.Release()
		if err == nil && len(older.records) > 0 {
			err = o.c.hides()
		}
		return false, err
	}
	o.query.Set("to", o.ep.Format.at(o.onward.begin()))
	o.query.Del("pageCursor")
	return true, nil
}

// ask asks for the record that follows the newest offset records up to a time, however old it is.
func (o *cursorWalk) ask(ctx context.Context, to string, offset int) (Page, error) {
	query := url.Values{"offset": {strconv.Itoa(offset)}, "limit": {"1"}}
	if to != "" {
		query.Set("to", to)
	}
	return o.c.Fetch(ctx, o.ep, query)
}
