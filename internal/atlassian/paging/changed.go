package paging

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Changed returns the spans of from..to, oldest first, that may hold other records than when this
// client last read them whole: about a page each, or all of what it has never read whole. None
// means that a walk of from..to would yield what earlier ones have.
//
// An audit log only grows. So it is enough to ask for the place of the oldest record: when nothing
// follows it there, no record has come. Otherwise counts of ever shorter pieces lead to where one
// has, in about as many requests as the pages of the span have binary digits. An answer that does
// not fit to what is known makes all of the span changed.
//
// What a walk has yielded counts as read, whatever its caller made of it.
func (c *Log) Changed(ctx context.Context, ep Listing, from, to time.Time) ([]atlassian.Span, error) {
	look := comparison{c: c, ep: ep, within: window{from, to}}
	for _, p := range c.listed.counted(from.UnixMilli(), to.UnixMilli(), look.gap() > 1) {
		if err := look.compare(ctx, p); err != nil {
			return nil, err
		}
	}
	return look.changed, nil
}

// comparison is the search for what has changed.
type comparison struct {
	c       *Log
	ep      Listing
	within  window
	changed []atlassian.Span
}

// maxGrowth is how many new records are counted at once. More are many.
func (l *comparison) maxGrowth() int { return min(100, l.c.api.Options.PageSize-1) }

func (l *comparison) compare(ctx context.Context, p piece) error {
	if !p.whole {
		l.add(p)
		return nil
	}
	growth, ok, err := l.growth(ctx, p)
	switch {
	case err != nil:
		return err
	case !ok:
		l.add(p)
	case growth > 0:
		return l.narrow(ctx, p, growth)
	}
	return nil
}

// add notes a piece, with what may have been counted with it, as far as that is not noted already.
func (l *comparison) add(p piece) {
	span := atlassian.Span{
		From: time.UnixMilli(max(p.from-l.gap()/2, l.within.from.UnixMilli())).UTC(),
		To:   time.UnixMilli(min(p.to+l.gap()/2, l.within.to.UnixMilli())).UTC(),
	}
	if n := len(l.changed); n > 0 && !span.From.After(l.changed[n-1].To) {
		span.From = l.changed[n-1].To.Add(time.Millisecond)
	}
	if !span.From.After(span.To) {
		l.changed = append(l.changed, span)
	}
}

// narrow finds where a piece has grown.
func (l *comparison) narrow(ctx context.Context, p piece, growth int) error {
	older, newer, ok := p.halves(l.gap())
	if len(p.times)+growth <= l.c.api.Options.PageSize || !ok {
		l.add(p)
		return nil
	}
	n, ok, err := l.growth(ctx, newer)
	if err != nil {
		return err
	}
	if !ok { // then the older half may be anything too
		l.add(p)
		return nil
	}
	switch {
	case max(n, growth) >= l.maxGrowth(): // counted in part only
		err = l.compare(ctx, older)
	case n < growth:
		err = l.narrow(ctx, older, growth-n)
	}
	if err == nil && n > 0 {
		err = l.narrow(ctx, newer, n)
	}
	return err
}

// gap is how many milliseconds must lie between two records for a border between them to mean the
// same to the site as to us: where it is not documented whether the ends of a window belong to it,
// one more is asked for on either side.
func (l *comparison) gap() int64 {
	if !l.ep.Exact {
		return 3
	}
	return 1
}

// halves cuts a piece in two at a gap between records, as near to the middle as there is one.
func (p piece) halves(gap int64) (older, newer piece, ok bool) {
	middle := len(p.times) / 2
	for off := range len(p.times) {
		for _, i := range []int{middle - off, middle + off} {
			if i > 0 && i < len(p.times) && p.times[i]-p.times[i-1] >= gap {
				border := p.times[i-1] + gap/2
				return piece{p.from, border, true, p.times[:i]}, piece{border + 1, p.to, true, p.times[i:]}, true
			}
		}
	}
	return piece{}, piece{}, false
}

// growth asks how many records a piece has more than are known, at most maxGrowth. It is not ok
// when the answer contradicts what is known.
func (l *comparison) growth(ctx context.Context, p piece) (n int, ok bool, err error) {
	count := len(p.times)
	page, err := l.c.Fetch(ctx, l.ep, l.query(p, max(count-1, 0), l.maxGrowth()+1))
	if err != nil {
		return 0, false, fmt.Errorf("look for late records: %w", err)
	}
	defer page.Release()
	switch {
	case count == 0:
		return len(page.records), true, nil
	case len(page.records) == 0:
		return 0, false, nil
	case len(page.records) == 1:
		return 0, page.records[0].Time.UnixMilli() == p.times[0], nil
	}
	return len(page.records) - 1, true, nil
}

func (l *comparison) query(p piece, skip, limit int) url.Values {
	w := window{time.UnixMilli(p.from), time.UnixMilli(p.to)}
	query, offset := w.epochQuery(l.ep), "start"
	if l.ep.Cursors {
		query, offset = w.isoQuery(), "offset"
	}
	query.Set(offset, strconv.Itoa(skip))
	query.Set("limit", strconv.Itoa(limit))
	return query
}
