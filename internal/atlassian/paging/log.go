// Package paging walks the pages of a log that grows and changes while it is read, by offset or by
// cursor.
package paging

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"fluent-bit-confluence/internal/atlassian"
)

// Log is what is known of one log while its pages are walked. It is safe for concurrent use.
type Log struct {
	api       *atlassian.Client
	listed    listed
	size      pageSize
	passed    passedOver
	pageBytes atomic.Int64 // what a page like the last one takes, to set memory aside for the next
}

// New returns what is known of a log at the start: nothing.
func New(api *atlassian.Client) *Log { return &Log{api: api} }

// Listing is how an API lists the log.
type Listing struct {
	URL     string // of the list
	Format  Format // of its pages
	Cursors bool   // a page tells where the next one is; else pages are found by counting records
	Exact   bool   // both ends of a window are known to belong to it

	// judge tells why an answer cannot be used, nil if it can as far as status, headers and kind of
	// body show.
	Judge func(*atlassian.Answer) error

	// leftOut tells which records are none of the log, such as those of our own reads.
	LeftOut func(atlassian.Record) bool

	// stillKnown tells, when nothing was listed, whether the site still knows us.
	StillKnown func(context.Context) error
}

// window is a span of time, both ends inclusive; zero ends are open.
type window struct{ from, to time.Time }

func (w window) holds(t time.Time) bool {
	return t.IsZero() || ((w.from.IsZero() || !t.Before(w.from)) && (w.to.IsZero() || !t.After(w.to)))
}

// Walk visits the records with from <= time <= to, newest first, page by page; zero ends are open,
// and of what else the server lists what no other window would show.
func (c *Log) Walk(ctx context.Context, ep Listing, from, to time.Time, limit int, visit func(atlassian.Record) error) error {
	w := window{from, to}
	stray := strays{window: w, now: later(c.api.Now(), time.Now())}
	visitRight := func(r atlassian.Record) error {
		if stray.belongs(r) {
			return visit(r)
		}
		return nil
	}
	walk := c.walkOffset
	if ep.Cursors {
		walk = c.walkCursor
	}
	err := walk(ctx, ep, w, limit, visitRight)
	c.passOver(stray)
	return err
}

// maxPages bounds one walk. At 1000 records a page it is twice what Data Center keeps at most.
const maxPages = 20_000

// Fetch asks for one page. Who is done with it releases it. A page that is too large is an error
// that wraps errTooLarge, unless it has a single record, which a stub stands for then.
func (c *Log) Fetch(ctx context.Context, ep Listing, query url.Values) (Page, error) {
	m := memories.Get().(*memory)
	m.body.Grow(int(c.pageBytes.Load()))
	a, err := c.api.Get(ctx, ep.URL+"?"+query.Encode(), &m.body)
	if err != nil {
		return Page{}, err
	}
	if err := ep.Judge(a); err != nil {
		if e, ok := errors.AsType[*atlassian.Error](err); ok {
			e.Took = a.Took
		}
		return Page{}, err
	}
	asked, _ := strconv.Atoi(query.Get("limit"))
	p := Page{records: m.records[:0]}
	if a.Cut {
		p, err = c.cutOff(ep, a, asked, p)
	} else {
		p, err = ep.Format.parse(a.Body, p.records)
	}
	switch {
	case errors.Is(err, errTooMany):
		return Page{}, atlassian.Fail(atlassian.CauseTooLarge, nil, "%s sends a page of more than %d records", a.URL.Host, maxElements)
	case atlassian.CauseOf(err) != "":
		return Page{}, err
	case err != nil:
		return Page{}, c.api.NotList(a, err)
	}
	p.memory, p.User = m, atlassian.UserNamed(a)
	c.pageBytes.Store(int64(len(a.Body) + len(a.Body)/16 + bytes.MinRead))
	c.size.fits(asked, len(p.records), len(a.Body) <= atlassian.MaxPage/4 && a.Took <= c.api.Options.Timeout/atlassian.QuickShare)
	c.api.Auth.Accept(a.Sent)
	return p, nil
}

// cutOff makes what can be made of a page that is too large.
func (c *Log) cutOff(ep Listing, a *atlassian.Answer, asked int, p Page) (Page, error) {
	whole, last := ep.Format.cutOff(a.Body, asked+1)
	switch {
	case whole > asked:
		return p, atlassian.Fail(atlassian.CauseTooLarge, nil, "%s sends more than %d MiB, and more records than it was asked for", a.URL.Host, atlassian.MaxPage>>20)
	case asked == 1 && whole == 0 && len(last) > 0:
		p.records = append(p.records, ep.Format.stub(last, tooLarge, true))
		p.lastPage = isCut
		return p, nil
	}
	return p, atlassian.Fail(atlassian.CauseTooLarge, atlassian.ErrTooLarge, "%s sends a page of more than %d MiB", a.URL.Host, atlassian.MaxPage>>20)
}
