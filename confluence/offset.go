package confluence

import (
	"bytes"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// walkOffset visits the records of the audit API of Cloud, and of Server before
// 7.5. It counts what it received: the server may send fewer than asked, size
// means the page on one site and the total on another, and next links have been
// seen absent, relative to something else, and on another host.
//
// Offsets count from the newest record, so one that arrives late in the part
// already read shifts all others, and the next page would repeat or miss some.
// Each page therefore begins with the last records of the one before, and they
// must be the same.
func (c *Client) walkOffset(ctx context.Context, ep endpoint, w window, limit int, visit func(Record) error) error {
	query := w.epochQuery(ep)
	reach := walked{window: w, asked: w.from}
	floor, hasFloor := c.listed.below(w.from)
	if hasFloor {
		reach.asked = floor
		query.Set("startDate", epochMillis(floor))
	}
	ask := func(start, limit int) (page, error) {
		query.Set("start", strconv.Itoa(start))
		query.Set("limit", strconv.Itoa(limit))
		return c.fetch(ctx, ep, query)
	}
	var (
		seam     []Record // what the next page must begin with
		received int
		capped   bool // the server sends fewer than asked though more follow
	)
	for range maxPages {
		p, err := ask(received-len(seam), limit)
		if err != nil {
			return err
		}
		if !beginsWith(p.records, seam) {
			return c.moved()
		}
		fresh := p.records[len(seam):]
		for _, r := range fresh {
			reach.see(r)
			if err := visit(r); err != nil {
				return err
			}
		}
		received += len(fresh)
		if received == 0 {
			c.listed.learn(reach)
			return nil
		}
		short := len(p.records) < limit && !capped
		whole := hasFloor && isBefore(p.records[len(p.records)-1], w.from)
		// A short page is the last one unless the server caps pages. Where
		// there is no floor, only asking what follows tells.
		if !whole && (len(fresh) == 0 || short) {
			if whole, err = c.nothingFollows(w, &reach, query, received, ask); err != nil {
				return err
			}
			if !whole && len(fresh) == 0 {
				return c.moved()
			}
			capped = true
		}
		if whole {
			c.listed.learn(reach)
			p.release()
			return nil
		}
		seam = seamOf(p.records)
		p.release()
	}
	return fail(CauseEndless, nil, "%s sends page after page without moving on", c.host)
}

// nothingFollows asks for the record behind the last one received. That may be one
// from before the window, and is a floor then.
func (c *Client) nothingFollows(w window, seen *walked, query url.Values, received int, ask func(start, limit int) (page, error)) (bool, error) {
	start := query.Get("startDate")
	query.Del("startDate")
	next, err := ask(received, 1)
	defer next.release()
	if start != "" {
		query.Set("startDate", start)
	}
	switch {
	case err != nil:
		return false, err
	case len(next.records) == 0:
		return true, nil
	case isBefore(next.records[0], w.from):
		seen.before = next.records[0].Time.UnixMilli()
		return true, nil
	case start == "" || !next.records[0].Time.IsZero():
		return false, nil
	}
	// One without a time may belong to the window or not: the site knows.
	within, err := ask(received, 1)
	defer within.release()
	return err == nil && len(within.records) == 0, err
}

// isBefore tells whether a record has a time and that is before t.
func isBefore(r Record, t time.Time) bool { return !r.Time.IsZero() && r.Time.Before(t) }

// seamOf returns the end of a page that the next one must repeat: all records of
// the last one's millisecond and one before. Identical records share their
// millisecond, so that no shift by some of them looks like none. It is never
// more than half the page, for the sake of progress.
func seamOf(records []Record) []Record {
	last := len(records) - 1
	n := 1
	for n < len(records)/2 {
		n++
		if r := records[len(records)-n]; !r.Time.Equal(records[last].Time) {
			break
		}
	}
	seam := slices.Clone(records[len(records)-n:])
	for i := range seam {
		seam[i].Raw = bytes.Clone(seam[i].Raw) // the page is gone when the next one is there
	}
	return seam
}

func beginsWith(records, seam []Record) bool {
	if len(records) < len(seam) {
		return false
	}
	for i := range seam {
		if !bytes.Equal(records[i].Raw, seam[i].Raw) {
			return false
		}
	}
	return true
}

func (c *Client) moved() error {
	return fail(CauseMoved, ErrMoved, "records of %s moved while they were read", c.host)
}

// epochQuery asks for a window in epoch milliseconds. Cloud includes both ends;
// Server does not say, so it is asked for one more on either side.
func (w window) epochQuery(ep endpoint) url.Values {
	if ep.site.Deployment == DeploymentDataCenter {
		w = w.widened()
	}
	query := url.Values{}
	if w.from.UnixMilli() > 0 {
		query.Set("startDate", epochMillis(w.from))
	}
	if !w.to.IsZero() {
		query.Set("endDate", epochMillis(w.to))
	}
	return query
}

func epochMillis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

func (w window) widened() window {
	if !w.from.IsZero() {
		w.from = w.from.Add(-time.Millisecond)
	}
	if !w.to.IsZero() {
		w.to = w.to.Add(time.Millisecond)
	}
	return w
}
