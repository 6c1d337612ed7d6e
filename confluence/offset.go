package confluence

import (
	"bytes"
	"context"
	"errors"
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
	o := offsetWalk{c: c, ep: ep, window: w, limit: limit, query: w.epochQuery(ep), reach: walked{window: w, asked: w.from}}
	floor, hasFloor := c.listed.below(w.from)
	if hasFloor {
		o.reach.asked = floor
		o.query.Set("startDate", epochMillis(floor))
	}
	for range maxPages {
		p, asked, err := o.next(ctx)
		if err != nil {
			return err
		}
		p.within(w)
		fresh := p.records[min(o.repeated, len(p.records)):]
		for _, r := range fresh {
			o.see(r)
			if isBefore(r, w.from) && !isBefore(r, o.reach.asked) {
				continue // the floor
			}
			if err := visit(r); err != nil {
				return err
			}
		}
		o.received += len(fresh)
		if o.received == 0 {
			c.listed.learn(o.reach)
			return nil
		}
		whole := hasFloor && len(p.records) > 0 && isBefore(p.records[len(p.records)-1], w.from)
		if len(fresh) > 0 {
			o.seam = seamOf(p.records)
		}
		short := len(p.records) < asked && !o.capped
		p.release()
		// A short page is the last one unless the server caps pages. Where
		// there is no floor, only asking what follows tells.
		if !whole && (len(fresh) == 0 || short) {
			if whole, err = o.nothingFollows(ctx); err != nil {
				return err
			}
			if !whole && len(fresh) == 0 {
				return c.moved()
			}
			o.capped = true
		}
		if !whole {
			continue
		}
		cutShort, err := o.cutShort(ctx)
		if err != nil {
			return err
		}
		if !cutShort {
			c.listed.learn(o.reach)
			return nil
		}
		o.goOnByTime()
	}
	return fail(CauseEndless, nil, "%s sends page after page without moving on", c.host)
}

// offsetWalk is how far a walk has come.
type offsetWalk struct {
	window
	c     *Client
	ep    endpoint
	limit int
	query url.Values
	reach walked

	seam     []Record // what the next page must begin with
	repeated int      // how many of them the last page began with
	received int      // by this query
	capped   bool     // the server sends fewer than asked though more follow

	oldest time.Time // of what was received
	same   int       // records received of that time
}

func (o *offsetWalk) see(r Record) {
	o.reach.see(r)
	if !r.Time.IsZero() && !r.Time.Equal(o.oldest) {
		o.oldest, o.same = r.Time, 0
	}
	o.same++
}

func (o *offsetWalk) ask(ctx context.Context, start, limit int) (page, error) {
	o.query.Set("start", strconv.Itoa(start))
	o.query.Set("limit", strconv.Itoa(limit))
	return o.c.fetch(ctx, o.ep, o.query)
}

// next asks for the next page, which repeats the seam, and for fewer records when
// they are too large together. It returns how many it asked for.
func (o *offsetWalk) next(ctx context.Context) (page, int, error) {
	for {
		asked, least := o.c.size.of(o.limit), 1
		if len(o.seam) > 0 {
			least = 2
		}
		asked = max(asked, least)
		seam := o.seam[len(o.seam)-min(len(o.seam), max(asked/2, 1)):]
		p, err := o.ask(ctx, o.received-len(seam), asked)
		switch {
		case err == nil && !beginsWith(p.records, seam):
			return p, asked, o.c.moved()
		case err == nil:
			o.repeated = len(seam)
			return p, asked, nil
		case !errors.Is(err, errTooLarge):
			return p, asked, err
		}
		o.c.size.tooLarge(asked)
		if asked == least {
			p, err = o.single(ctx)
			return p, 1, err
		}
	}
}

// single asks for the next record alone, because it is too large together with the
// one before it. That this one is still in its place is looked at by itself.
func (o *offsetWalk) single(ctx context.Context) (page, error) {
	o.repeated = 0
	p, err := o.ask(ctx, o.received, 1)
	if err != nil || len(o.seam) == 0 {
		return p, err
	}
	before, err := o.ask(ctx, o.received-1, 1)
	if err != nil {
		return page{}, err
	}
	defer before.release()
	if !beginsWith(before.records, o.seam[len(o.seam)-1:]) {
		return page{}, o.c.moved()
	}
	return p, nil
}

// nothingFollows asks for the record behind the last one received. That may be one
// from before the window, and is a floor then.
func (o *offsetWalk) nothingFollows(ctx context.Context) (bool, error) {
	start := o.query.Get("startDate")
	o.query.Del("startDate")
	next, err := o.ask(ctx, o.received, 1)
	defer next.release()
	if start != "" {
		o.query.Set("startDate", start)
	}
	switch {
	case err != nil:
		return false, err
	case len(next.records) == 0:
		return true, nil
	case isBefore(next.records[0], o.from):
		o.reach.before = next.records[0].Time.UnixMilli()
		return true, nil
	case start == "" || !next.records[0].Time.IsZero():
		return false, nil
	}
	// One without a time may belong to the window or not: the site knows.
	within, err := o.ask(ctx, o.received, 1)
	defer within.release()
	return err == nil && len(within.records) == 0, err
}

// fewest is what no server gives less of, however many records a query has.
const fewest = 100

// cutShort tells whether the server has given only the newest records of the query,
// as if there were no more. A record from before the window shows that it has not;
// else it is asked once more, for what is as old as the oldest record received. Only
// Cloud is known to mean by endDate what it says.
func (o *offsetWalk) cutShort(ctx context.Context) (bool, error) {
	if o.reach.before != 0 || o.received < fewest || o.oldest.IsZero() || o.ep.site.Deployment != DeploymentCloud {
		return false, nil
	}
	older, err := o.anyUntil(ctx, o.oldest, o.same)
	if err != nil || older || o.same < fewest {
		return older, err
	}
	// The records of that millisecond may be all that the server gives.
	older, err = o.anyUntil(ctx, o.oldest.Add(-time.Millisecond), 0)
	if err == nil && older {
		err = fail(CauseEndless, nil, "%s lists only the newest records of a query, and more than that share one millisecond", o.c.host)
	}
	return false, err
}

// anyUntil tells whether the window has a record up to t, so many left out.
func (o *offsetWalk) anyUntil(ctx context.Context, t time.Time, start int) (bool, error) {
	end := o.query.Get("endDate")
	defer o.query.Set("endDate", end)
	o.query.Set("endDate", epochMillis(t))
	p, err := o.ask(ctx, start, 1)
	defer p.release()
	return len(p.records) > 0, err
}

// goOnByTime makes a query of what is as old as the oldest record received, which
// begins with the records received of that time.
func (o *offsetWalk) goOnByTime() {
	o.query.Set("endDate", epochMillis(o.oldest))
	o.received = o.same
	o.seam = o.seam[len(o.seam)-min(len(o.seam), o.same):]
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
