package confluence

import (
	"context"
	"net/url"
	"strconv"
)

// isoMillis is how Data Center takes times, in UTC.
const isoMillis = "2006-01-02T15:04:05.000Z"

// walkCursor visits the records of Data Center's auditing API. A page's cursor
// names its last record by time and database id, so that records arriving
// meanwhile shift nothing. Whether from and to are inclusive is not documented:
// one millisecond more is asked for on either side.
func (c *Client) walkCursor(ctx context.Context, ep endpoint, w window, limit int, visit func(Record) error) error {
	query := w.isoQuery()
	query.Set("limit", strconv.Itoa(limit))
	received, reach := 0, walked{window: w, asked: w.from}
	for range maxPages {
		p, err := c.fetch(ctx, ep, query)
		if err != nil {
			return err
		}
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
		p.release()
		switch {
		case p.lastPage == isLast, p.cursor == "" && p.lastPage == unsaid && count < limit:
			if received == 0 {
				if err := c.stillKnown(ctx, ep); err != nil {
					return err
				}
			}
			c.listed.learn(reach)
			return nil
		case p.cursor == "":
			return fail(CauseNotAuditList, nil, "%s says that more records follow but not where", c.host)
		case p.cursor == query.Get("pageCursor"):
			return fail(CauseEndless, nil, "%s sends page after page without moving on", c.host)
		}
		query.Set("pageCursor", p.cursor)
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
