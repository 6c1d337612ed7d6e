package paging

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fluent-bit-confluence/internal/timerange"
)

// Changed returns the parts of from..to, oldest first, that may have changed since this client last
// read them whole: about a page each, or all of a part that was never read whole. None means that a
// walk of from..to would yield the same records as earlier walks.
//
// An audit log only grows. So one request is enough: if nothing follows the oldest record at its
// known place, no record was added. Otherwise the span is halved again and again to find where
// records were added, in about log2(pages) requests. If an answer contradicts what is known, all of
// the span counts as changed.
//
// What a walk has yielded counts as read, even if the caller did not deliver it.
func (c *Log) Changed(ctx context.Context, ep Listing, from, to time.Time) ([]timerange.Range, error) {
	look := comparison{c: c, ep: ep, within: timerange.Range{From: from, To: to}}
	slack := ep.Format.slack.Milliseconds()
	// The records within slack after that are not written any more, unless they are late.
	settled := c.api.Now().UnixMilli() - slack - 1
	for _, p := range c.listed.counted(from.UnixMilli(), to.UnixMilli(), slack, settled) {
		if err := look.compare(ctx, p); err != nil {
			return nil, err
		}
	}
	return look.changed, nil
}

// comparison is one search for changes.
type comparison struct {
	c       *Log
	ep      Listing
	within  timerange.Range
	changed []timerange.Range
}

// maxGrowth is how many new records are counted: more are not told apart.
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

// add adds the span of a piece to the result, with the margin that was counted with it, without
// what the result already has.
func (l *comparison) add(p piece) {
	span := timerange.Range{
		From: time.UnixMilli(max(p.from-l.gap()/2, l.within.From.UnixMilli())).UTC(),
		To:   time.UnixMilli(min(p.to+l.gap()/2, l.within.To.UnixMilli())).UTC(),
	}
	if n := len(l.changed); n > 0 && !span.From.After(l.changed[n-1].To) {
		span.From = l.changed[n-1].To.Add(time.Millisecond)
	}
	if !span.From.After(span.To) {
		l.changed = append(l.changed, span)
	}
}

// narrow finds where in a piece records were added.
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
	if !ok { // then nothing is known of the older half either
		l.add(p)
		return nil
	}
	switch {
	case max(n, growth) >= l.maxGrowth(): // the count was cut off at maxGrowth
		err = l.compare(ctx, older)
	case n < growth:
		err = l.narrow(ctx, older, growth-n)
	}
	if err == nil && n > 0 {
		err = l.narrow(ctx, newer, n)
	}
	return err
}

// gap returns how many milliseconds must lie between two records so that a window can end between
// them, with the slack that is asked for at either end.
func (l *comparison) gap() int64 { return 2*l.ep.Format.slack.Milliseconds() + 1 }

// halves cuts a piece in two, at the gap between records that is nearest to its middle.
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

// growth asks how many records were added to a piece, at most maxGrowth. ok is false if the answer
// contradicts what is known.
//
// On a busy site, records that are not known lie within slack of the piece, and the site may list
// them too. The older ones stand behind those of the piece. The newer ones stand before them, and
// are counted with two more requests. What is added to them meanwhile counts as growth of the piece.
func (l *comparison) growth(ctx context.Context, p piece) (n int, ok bool, err error) {
	skip := max(len(p.times)-1, 0)
	times, err := l.times(ctx, p, skip)
	if err != nil || len(p.times) == 0 {
		return len(times), true, err
	}
	if len(times) > 1 && l.ep.Format.slack > 0 {
		newer, err := l.times(ctx, p, 0)
		if err != nil {
			return 0, false, err
		}
		first := slices.IndexFunc(newer, func(t int64) bool { return t <= p.to })
		if first > 0 {
			if times, err = l.times(ctx, p, skip+first); err != nil {
				return 0, false, err
			}
		}
	}
	// Those of the piece, from the place of its oldest record on.
	within := slices.IndexFunc(times, func(t int64) bool { return t < p.from })
	if within < 0 {
		within = len(times)
	}
	if within == 1 {
		return 0, times[0] == p.times[0], nil
	}
	return within - 1, within > 0, nil
}

// times returns the times of the records behind the newest skip records of a piece, as they are
// listed, up to one more than maxGrowth. A record without a time is taken for one of the piece.
func (l *comparison) times(ctx context.Context, p piece, skip int) ([]int64, error) {
	page, err := l.c.Fetch(ctx, l.ep, l.query(p, skip, l.maxGrowth()+1))
	if err != nil {
		return nil, fmt.Errorf("look for late records: %w", err)
	}
	defer page.Release()
	var times []int64
	for _, r := range page.records {
		at := p.from
		if !r.Time.IsZero() {
			at = r.Time.UnixMilli()
		}
		times = append(times, at)
	}
	return times, nil
}

func (l *comparison) query(p piece, skip, limit int) url.Values {
	query := l.ep.Format.query(timerange.Range{From: time.UnixMilli(p.from), To: time.UnixMilli(p.to)}, l.c.api.Now())
	query.Set(l.ep.Format.offset, strconv.Itoa(skip))
	query.Set("limit", strconv.Itoa(limit))
	return query
}
