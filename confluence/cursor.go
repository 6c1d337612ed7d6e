package confluence

import (
	"context"
	"net/url"
	"strconv"
)

// isoMillis is how Data Center takes times, in UTC.
const isoMillis = "2006-01-02T15:04:05.000Z"

// maxEmptyPages is how many pages without a record may follow each other.
const maxEmptyPages = 100

// walkCursor visits the records of Data Center's auditing API. A page's cursor
// names its last record by time and database id, so that records arriving
// meanwhile shift nothing. Whether from and to are inclusive is not documented:
// one millisecond more is asked for on either side.
func (c *Client) walkCursor(ctx context.Context, ep endpoint, w window, limit int, visit func(Record) error) error {
	query := w.isoQuery()
	seen := map[string]bool{}
	received, empty, offset, reach := 0, 0, 0, walked{window: w, asked: w.from}
	for range maxPages {
		p, asked, err := c.list(ctx, ep, query, limit, 1)
		if err != nil {
			return err
		}
		p.within(w)
		for _, r := range p.records {
			reach.see(r)
			if !c.opts.IncludeAuditSearches && ep.self.searched(r) {
				continue
			}
			if err := visit(r); err != nil {
				return err
			}
		}
		count := len(p.records)
		received += count
		if empty++; count > 0 {
			empty = 0
		}
		p.release()
		switch {
		case p.lastPage == isCut: // and its cursor too
			offset += count
			query.Set("offset", strconv.Itoa(offset))
			continue
		case p.lastPage == isLast, p.cursor == "" && p.lastPage == unsaid && count < asked:
			if received == 0 {
				if err := c.stillKnown(ctx, ep); err != nil {
					return err
				}
			}
			c.listed.learn(reach)
			return nil
		case p.cursor == "":
			return fail(CauseNotAuditList, nil, "%s says that more records follow but not where", c.host)
		case seen[p.cursor], empty > maxEmptyPages, len(p.cursor) > maxCursor:
			return fail(CauseEndless, nil, "%s sends page after page without moving on", c.host)
		}
		seen[p.cursor] = true
		query.Set("pageCursor", p.cursor)
		query.Del("offset")
		offset = 0
	}
	return fail(CauseEndless, nil, "%s sends page after page without moving on", c.host)
}

// isoQuery asks for a window in ISO 8601.
func (w window) isoQuery() url.Values {
	w = w.widened()
	query := url.Values{}
	if w.from.UnixMilli() > 0 {
		query.Set("from", w.from.UTC().Format(isoMillis))
	}
	if !w.to.IsZero() {
		query.Set("to", w.to.UTC().Format(isoMillis))
	}
	return query
}
