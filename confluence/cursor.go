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
	query := url.Values{"limit": {strconv.Itoa(limit)}}
	wide := w.widened()
	if wide.from.UnixMilli() > 0 {
		query.Set("from", wide.from.UTC().Format(isoMillis))
	}
	if !wide.to.IsZero() {
		query.Set("to", wide.to.UTC().Format(isoMillis))
	}
	received := 0
	for range maxPages {
		p, err := c.fetch(ctx, ep, query)
		if err != nil {
			return err
		}
		for _, r := range p.records {
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
				return c.stillKnown(ctx, ep)
			}
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
