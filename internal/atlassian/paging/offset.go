package paging

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/atlassian"
	"fluent-bit-confluence/internal/timerange"
)

// walkOffset visits the records of an API that pages by offset, as those of Cloud do. It computes
// offsets from the number of records received. The server may send fewer than asked for; the member
// size is that of the page on one site and the total on another; and next links have been seen
// missing, relative to another path, and on another host.
//
// Offsets count from the newest record. So a record that arrives in the part already read shifts
// all others, and the next page would repeat records; one that is deleted there would make it miss
// some. Therefore each page begins with the last records of the page before, and they must be the
// same.
func (c *Log) walkOffset(ctx context.Context, ep Listing, r timerange.Range, limit int, visit func(atlassian.Record) error) error {
	o := offsetWalk{c: c, ep: ep, Range: r, limit: limit, query: ep.Format.query(r, c.api.Now()), reach: walked{Range: r, asked: r.From}, onward: onward{slack: ep.Format.slack}}
	floor, hasFloor := c.listed.floor(r)
	if hasFloor {
		o.reach.asked = floor
		o.query.Set(ep.Format.from, ep.Format.at(floor.Add(-ep.Format.slack)))
	}
	for range maxPages {
		p, asked, err := o.next(ctx)
		if err != nil {
			return err
		}
		p.within(r)
		fresh := p.records[min(o.repeated, len(p.records)):]
		for _, rec := range fresh {
			if !o.onward.see(rec) {
				continue
			}
			o.reach.see(rec)
			if o.reach.isFloor(rec, ep.Format.slack) {
				continue
			}
			if err := visit(rec); err != nil {
				return err
			}
		}
		o.received += len(fresh)
		if o.received == 0 {
			c.listed.learn(o.reach)
			return nil
		}
		whole := hasFloor && len(p.records) > 0 && o.reach.isFloor(p.records[len(p.records)-1], ep.Format.slack)
		if len(fresh) > 0 {
			o.seam = seamOf(p.records)
		}
		short := len(p.records) < asked && !o.capped
		p.Release()
		// A short page is the last one unless the server sends fewer than asked for. Without a
		// floor one more request must show that nothing follows.
		whole = whole || short && o.onward.listsAgain()
		if !whole && (len(fresh) == 0 || short) {
			if whole, err = o.nothingFollows(ctx); err != nil {
				return err
			}
			if !whole && len(fresh) == 0 {
				return c.moved()
			}
			o.capped = !whole
		}
		if !whole {
			continue
		}
		more, err := o.goOn(ctx)
		if err != nil {
			return err
		}
		if !more {
			c.listed.learn(o.reach)
			return nil
		}
	}
	return atlassian.Fail(atlassian.CauseEndless, nil, "%s sends page after page without progress", c.api.Host)
}

// maxAlike bounds how many pages of one record may be identical in a row.
const maxAlike = 20

// offsetWalk is the state of a walk.
type offsetWalk struct {
	timerange.Range
	c     *Log
	ep    Listing
	limit int
	query url.Values
	reach walked

	seam     []atlassian.Record // records that the next page must begin with
	repeated int                // number of seam records of the last page
	received int                // records received by this query
	capped   bool               // the server sends fewer than asked for though more follow
	alike    int                // number of identical pages of one record in a row
	onward   onward
}

func (o *offsetWalk) ask(ctx context.Context, start, limit int) (Page, error) {
	o.query.Set(o.ep.Format.offset, strconv.Itoa(start))
	o.query.Set("limit", strconv.Itoa(limit))
	return o.c.Fetch(ctx, o.ep, o.query)
}

// next requests the next page, which begins with the seam. If a page is too large, it asks for
// fewer records. It returns how many it asked for.
func (o *offsetWalk) next(ctx context.Context) (Page, int, error) {
	for tries := 0; ; {
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
			if n := len(p.records); n == 0 || n > o.repeated || n >= asked {
				return p, asked, nil
			}
			// Perhaps the pages of the server are no longer than the seam.
			alone, err := o.single(ctx)
			if err == nil && len(alone.records) == 0 {
				o.repeated = len(seam)
				return p, asked, nil
			}
			p.Release()
			if err == nil && beginsWith(alone.records, o.seam[len(o.seam)-1:]) {
				// Identical records may follow each other, but not without end: then the server
				// ignores start.
				if o.alike++; o.alike > maxAlike {
					return Page{}, 1, atlassian.Fail(atlassian.CauseEndless, nil, "%s sends the same record for page after page", o.c.api.Host)
				}
			} else {
				o.alike = 0
			}
			return alone, 1, err
		case o.c.smaller(err, asked, least, &tries):
		case errors.Is(err, atlassian.ErrTooLarge):
			p, err = o.single(ctx)
			return p, 1, err
		default:
			return p, asked, err
		}
	}
}

// single requests the next record alone, because it is too large together with the one before it.
// Another request checks that the one before is still in its place.
func (o *offsetWalk) single(ctx context.Context) (Page, error) {
	o.repeated = 0
	p, err := o.ask(ctx, o.received, 1)
	if err != nil || len(o.seam) == 0 {
		return p, err
	}
	before, err := o.ask(ctx, o.received-1, 1)
	if err != nil {
		return Page{}, err
	}
	defer before.Release()
	if !beginsWith(before.records, o.seam[len(o.seam)-1:]) {
		return Page{}, o.c.moved()
	}
	return p, nil
}

// nothingFollows requests the record behind the last one received. If that is older than the
// window, it becomes a floor.
func (o *offsetWalk) nothingFollows(ctx context.Context) (bool, error) {
	from := o.ep.Format.from
	start := o.query.Get(from)
	o.query.Del(from)
	next, err := o.ask(ctx, o.received, 1)
	defer next.Release()
	if start != "" {
		o.query.Set(from, start)
	}
	switch {
	case err != nil:
		return false, err
	case len(next.records) == 0:
		return true, nil
	case isBefore(next.records[0], o.From):
		o.reach.before = next.records[0].Time.UnixMilli()
		return true, nil
	case start == "" || !next.records[0].Time.IsZero():
		return false, nil
	}
	// A record without a time may belong to the window: ask for the window only.
	within, err := o.ask(ctx, o.received, 1)
	defer within.Release()
	return err == nil && len(within.records) == 0, err
}

// goOn starts another query, by time, unless all records of the window were received.
func (o *offsetWalk) goOn(ctx context.Context) (bool, error) {
	if o.reach.before != 0 || !o.onward.mayHide() {
		return false, nil
	}
	if o.onward.listsAgain() {
		return false, o.hides(ctx)
	}
	o.query.Set(o.ep.Format.to, o.ep.Format.at(o.onward.begin()))
	o.received, o.repeated, o.seam = 0, 0, nil
	return true, nil
}

// hides runs if a query listed only records of one millisecond. It returns an error if the site has
// older ones.
func (o *offsetWalk) hides(ctx context.Context) error {
	o.query.Del(o.ep.Format.from)
	o.query.Set(o.ep.Format.to, o.ep.Format.at(o.onward.oldest.Add(-time.Millisecond)))
	p, err := o.ask(ctx, 0, 1)
	defer p.Release()
	if err == nil && len(p.records) > 0 {
		err = o.c.hides()
	}
	return err
}

// isBefore reports whether a record has a time before t.
func isBefore(r atlassian.Record, t time.Time) bool { return !r.Time.IsZero() && r.Time.Before(t) }

// seamOf returns the end of a page that the next one must repeat: all records of the last
// millisecond and one before. Identical records share a millisecond, so a shift by some of them is
// noticed. The seam is at most half the page, so that the walk advances.
func seamOf(records []atlassian.Record) []atlassian.Record {
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
		seam[i].Raw = bytes.Clone(seam[i].Raw) // the memory of the page is used for the next one
	}
	return seam
}

func beginsWith(records, seam []atlassian.Record) bool {
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

func (c *Log) moved() error {
	return atlassian.Fail(atlassian.CauseMoved, atlassian.ErrMoved, "records of %s moved while they were read", c.api.Host)
}
