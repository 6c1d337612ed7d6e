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
// known place, no record was added. Otherwise the range is halved again and again to find where
// records were added, in about log2(pages) requests. If an answer contradicts what is known, all of
// it counts as changed.
//
// What a walk has yielded counts as read, even if the caller did not deliver it.
func (l *Log) Changed(ctx context.Context, listing Listing, from, to time.Time) ([]timerange.Range, error) {
	search := comparison{log: l, listing: listing, within: timerange.Range{From: from, To: to}}
	slack := listing.Format.slack.Milliseconds()
	// The records within slack after that are not written any more, unless they are late.
	settled := l.client.Now().UnixMilli() - slack - 1
	for _, s := range l.history.sections(from.UnixMilli(), to.UnixMilli(), slack, settled) {
		if err := search.compare(ctx, s); err != nil {
			return nil, err
		}
	}
	return search.changed, nil
}

// comparison is one search for changes.
type comparison struct {
	log     *Log
	listing Listing
	within  timerange.Range
	changed []timerange.Range
}

// maxGrowth is how many new records are counted: more are not told apart.
func (c *comparison) maxGrowth() int { return min(100, c.log.client.Options.PageSize-1) }

// compare adds what has changed in a section.
func (c *comparison) compare(ctx context.Context, s section) error {
	if !s.whole {
		c.add(s)
		return nil
	}
	growth, ok, err := c.growth(ctx, s)
	switch {
	case err != nil:
		return err
	case !ok:
		c.add(s)
	case growth > 0:
		return c.narrow(ctx, s, growth)
	}
	return nil
}

// add adds a section to the result, with the margin that was counted with it, without what the
// result already has.
func (c *comparison) add(s section) {
	r := timerange.Range{
		From: time.UnixMilli(max(s.from-c.gap()/2, c.within.From.UnixMilli())).UTC(),
		To:   time.UnixMilli(min(s.to+c.gap()/2, c.within.To.UnixMilli())).UTC(),
	}
	if n := len(c.changed); n > 0 && !r.From.After(c.changed[n-1].To) {
		r.From = c.changed[n-1].To.Add(timerange.Resolution)
	}
	if !r.From.After(r.To) {
		c.changed = append(c.changed, r)
	}
}

// narrow finds where in a section records were added.
func (c *comparison) narrow(ctx context.Context, s section, growth int) error {
	older, newer, ok := s.halves(c.gap())
	if len(s.times)+growth <= c.log.client.Options.PageSize || !ok {
		c.add(s)
		return nil
	}
	n, ok, err := c.growth(ctx, newer)
	if err != nil {
		return err
	}
	if !ok { // then nothing is known of the older half either
		c.add(s)
		return nil
	}
	switch {
	case max(n, growth) >= c.maxGrowth(): // the count was cut off at maxGrowth
		err = c.compare(ctx, older)
	case n < growth:
		err = c.narrow(ctx, older, growth-n)
	}
	if err == nil && n > 0 {
		err = c.narrow(ctx, newer, n)
	}
	return err
}

// gap returns how many milliseconds must lie between two records so that a window can end between
// them, with the slack that is asked for at either end.
func (c *comparison) gap() int64 { return 2*c.listing.Format.slack.Milliseconds() + 1 }

// halves cuts a section in two, at the gap between records that is nearest to its middle.
func (s section) halves(gap int64) (older, newer section, ok bool) {
	middle := len(s.times) / 2
	for off := range len(s.times) {
		for _, i := range []int{middle - off, middle + off} {
			if i > 0 && i < len(s.times) && s.times[i]-s.times[i-1] >= gap {
				border := s.times[i-1] + gap/2
				return section{s.from, border, true, s.times[:i]}, section{border + 1, s.to, true, s.times[i:]}, true
			}
		}
	}
	return section{}, section{}, false
}

// growth asks how many records were added to a section, at most maxGrowth. ok is false if the
// answer contradicts what is known.
//
// On a busy site, records that are not known lie within slack of the section, and the site may list
// them too. The older ones stand behind those of the section. The newer ones stand before them, and
// are counted with two more requests. What is added to them meanwhile counts as growth of the
// section.
func (c *comparison) growth(ctx context.Context, s section) (n int, ok bool, err error) {
	skip := max(len(s.times)-1, 0)
	times, err := c.times(ctx, s, skip)
	if err != nil || len(s.times) == 0 {
		return len(times), true, err
	}
	if len(times) > 1 && c.listing.Format.slack > 0 {
		newer, err := c.times(ctx, s, 0)
		if err != nil {
			return 0, false, err
		}
		first := slices.IndexFunc(newer, func(t int64) bool { return t <= s.to })
		if first > 0 {
			if times, err = c.times(ctx, s, skip+first); err != nil {
				return 0, false, err
			}
		}
	}
	// Those of the section, from the place of its oldest record on.
	within := slices.IndexFunc(times, func(t int64) bool { return t < s.from })
	if within < 0 {
		within = len(times)
	}
	if within == 1 {
		return 0, times[0] == s.times[0], nil
	}
	return within - 1, within > 0, nil
}

// times returns the times of the records behind the newest skip records of a section, as they are
// listed, up to one more than maxGrowth. A record without a time is taken for one of the section.
func (c *comparison) times(ctx context.Context, s section, skip int) ([]int64, error) {
	page, err := c.log.Fetch(ctx, c.listing, c.query(s, skip, c.maxGrowth()+1))
	if err != nil {
		return nil, fmt.Errorf("look for late records: %w", err)
	}
	defer page.Release()
	var times []int64
	for _, r := range page.records {
		at := s.from
		if !r.Time.IsZero() {
			at = r.Time.UnixMilli()
		}
		times = append(times, at)
	}
	return times, nil
}

func (c *comparison) query(s section, skip, limit int) url.Values {
	query := c.listing.Format.query(timerange.Range{From: time.UnixMilli(s.from), To: time.UnixMilli(s.to)}, c.log.client.Now())
	query.Set(c.listing.Format.offset, strconv.Itoa(skip))
	query.Set("limit", strconv.Itoa(limit))
	return query
}
